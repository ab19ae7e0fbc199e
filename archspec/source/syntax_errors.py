"""Diagnostics for PyYAML's syntax errors, the same for libyaml and for PyYAML's Python parser."""

from __future__ import annotations

import re
from typing import Final

from msgspec import Struct

from archspec.diagnostics import Diagnostic
from archspec.source.events import YamlSyntaxError
from archspec.source.positions import Positions

# Everything but the printable characters of YAML 1.2.2, section 5.1.
_FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_QUOTE: Final = "put quotes around a text that holds a ': ' or starts with one of @ ` % & * ! | > [ ] { }"


class _Case(Struct, frozen=True):
    """The message for errors whose sentence matches `pattern`; `at_context` points to where the construct began.

    The pattern is compiled when an error is explained: a text without one needs none of the twenty.
    """

    pattern: str
    message: str
    hint: str = ""
    at_context: bool = False


# The first match counts. libyaml and PyYAML's Python parser word the same errors differently, hence the alternatives.
_CASES: Final = (
    _Case("mapping values are not allowed", "a ':' stands where no key can be", _QUOTE),
    _Case("',' or '}'", "a ',' or the closing '}' is missing before this", "every { needs its }"),
    _Case(r"',' or '\]'", "a ',' or the closing ']' is missing before this", "every [ needs its ]"),
    _Case("cannot start any token", "no value can start with this character", _QUOTE),
    _Case("quoted scalar.*(of stream|document (sep|ind))", "this quote is never closed", "end it with the same quote",
          at_context=True),
    _Case("could not find expected ':'", "a key without its ':'", "a key is on one line, then ': '", at_context=True),
    _Case("expected (the )?node content", "a value is missing here", "write one, or null"),
    _Case("<document start>", "something is left over after the end of the document", "a file is one list or mapping"),
    _Case("block collection|block mapping|expected key|'-' indicator|<block end>", "this does not line up with the "
          "entries above it", "entries of one list or mapping start in the same column"),
    _Case("sequence entries", "a list entry cannot start here", "put the '- ' on a line of its own"),
    _Case("mapping keys are not allowed", "a '? ' key cannot start here", _QUOTE),
    _Case("comment or (a )?line break", "a text after | or > starts on the next line", _QUOTE),
    _Case("tab character", "a tab stands where only spaces can indent", "indent with spaces"),
    _Case("unexpected ':'", "a ':' stands where no key can be", _QUOTE),
    _Case("document indicator", "--- and ... stand outside all lists and mappings", _QUOTE),
    _Case("tag|duplicate anchors", "a tag that cannot be read", "specs need no tags"),
    _Case("alphabetic|anchor|alias", "an anchor or alias without a name", _QUOTE),
    _Case("directive|version|indentation indicator|chomping", "a line that starts with '%' or a block header that "
          "cannot be read"),
)  # fmt: skip


def find_forbidden(text: str) -> re.Match[str] | None:
    """Return the match of the first character that YAML does not allow in a file, also in a comment."""
    return _FORBIDDEN.search(text)


def forbidden_character(text: str, positions: Positions) -> Diagnostic | None:
    """Report the first character that YAML does not allow in a file (control characters, NUL)."""
    found = find_forbidden(text)
    if found is None:
        return None
    code = f"U+{ord(found[0]):04X}"
    return Diagnostic("SPC011", f"not YAML: the control character {code}", positions.span(found.start(), found.end()),
                      hint="delete it, or write it as an escape in double quotes")  # fmt: skip


def explain(error: YamlSyntaxError, text: str, positions: Positions) -> Diagnostic:
    """Report text that is not YAML."""
    index = min(error.index, len(text))
    if index < len(text) and text[index] == "\t" and "cannot start any token" in error.problem:
        return _diagnostic("a tab stands where only spaces can indent", positions, index, "indent with spaces")
    # "hexdecimal" is libyaml's spelling.
    if "escape" in error.problem or "hexdecimal" in error.problem:
        backslash = max(text.rfind("\\", 0, index + 1), 0)
        message = "an escape that YAML does not know, or half a character"
        return _diagnostic(message, positions, backslash, "single quotes take a \\ as it is")
    opened = error.context_index
    if error.context.startswith("while parsing a flow") and opened is not None and not text[index:].strip():
        if opened < len(text) and text[opened] in "[{":
            return _diagnostic(f"this '{text[opened]}' is never closed", positions, opened, "close it")
        return _diagnostic("the text ends inside a list or mapping", positions, len(text.rstrip()), "close it")
    sentence = f"{error.context} {error.problem}"
    for case in _CASES:
        if re.search(case.pattern, sentence):
            place = opened if case.at_context and opened is not None else index
            return _diagnostic(case.message, positions, place, case.hint)
    return Diagnostic("SPC011", f"not YAML: {' '.join(error.problem.split())}", positions.span(index, index + 1))


def _diagnostic(message: str, positions: Positions, index: int, hint: str) -> Diagnostic:
    return Diagnostic("SPC011", f"not YAML: {message}", positions.span(index, index + 1), hint=hint)
