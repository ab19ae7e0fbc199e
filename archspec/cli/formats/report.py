"""The input of every format: the findings, what was checked, and the texts that they point into."""

from __future__ import annotations

import re
from typing import Any

from msgspec import Struct, field

from archspec.diagnostics import Diagnostic, Severity
from archspec.diagnostics import printable as printable
from archspec.source import read


class LintReport(Struct, frozen=True):
    """The findings of one run, in the order in which they are printed.

    `texts` holds what cannot be read again (standard input), by the name that the findings give it. `checked` names
    the specs, those without a finding too. `failing` are the findings that make the exit code something but 0.
    """

    diagnostics: tuple[Diagnostic, ...]
    checked: tuple[str, ...] = ()
    texts: dict[str, str] = field(default_factory=dict)
    failing: frozenset[Diagnostic] = frozenset()
    colour: bool = False

    def text_of(self, file: str) -> str:
        """Return the text of a file that a finding points into; empty where it cannot be read again."""
        if file not in self.texts:
            # `<stdin>` and the options (`--input`) are no files.
            self.texts[file] = (read(file)[0] or "") if not file.startswith(("<", "-")) else ""
        return self.texts[file]


def as_json(value: Any) -> str:
    """Return readable JSON without raw characters that a terminal would obey or that UTF-8 cannot encode."""
    import json  # the text formats need it for nothing

    written = json.dumps(value, indent=2, ensure_ascii=False)
    return _UNUSUAL.sub(lambda match: match[0] if match[0].isprintable() else _escaped(match[0]), written)


def _escaped(character: str) -> str:
    code = ord(character)
    if code < 0x10000:
        return f"\\u{code:04x}"
    high, low = divmod(code - 0x10000, 0x400)  # JSON escapes code points beyond 16 bits as a surrogate pair
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"


_UNUSUAL = re.compile(r"[^\x20-\x7e\n]")
RANK = {Severity.INFO: 0, Severity.WARNING: 1, Severity.ERROR: 2}


def reaches(diagnostic: Diagnostic, level: Severity) -> bool:
    """Return whether a finding is at or above a level; a file that cannot be used always is."""
    return diagnostic.code.startswith("FIL") or RANK[diagnostic.severity] >= RANK[level]


def as_sentence(diagnostic: Diagnostic) -> str:
    """Return the message, each cause and the hint on lines of their own, for formats with a single text field."""
    lines = [diagnostic.message]
    for cause in diagnostic.causes:
        place = f" ({cause.span})" if cause.span is not None else ""
        lines.append(f"because: {cause.message}{place}")
    if diagnostic.hint:
        lines.append(f"help: {diagnostic.hint}")
    return "\n".join(map(printable, lines))


def counted(number: int, word: str) -> str:
    """Return a number with its noun, as in `1 spec`, `3 specs`."""
    return f"{number} {word}{'s' if number != 1 else ''}"
