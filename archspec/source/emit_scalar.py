"""Values as YAML on one line, quoted where they would be read as something else."""

from __future__ import annotations

import re
from typing import Any, Final

from archspec.source.scalars import describe_pitfall, resolve

# Only fixes and `flatten` write values: compiled when first used.
_PLAIN: Final = r"[A-Za-z0-9_(][A-Za-z0-9_ .()*/+<>=%-]*|[.]{0,2}/[A-Za-z0-9_./-]*"
# Includes the line breaks of YAML 1.1 (U+0085, U+2028, U+2029), at which its readers would end a line, and what YAML
# forbids in a file: noncharacters, and surrogates, which it forbids as escapes too.
_CONTROL: Final = r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]"
_TEXT_OR_NON_FINITE: Final = r'"(?:[^"\\]|\\.)*"|NaN|-?Infinity'
_NON_FINITE: Final = {"NaN": ".nan", "Infinity": ".inf", "-Infinity": "-.inf"}


def emit_value(value: Any) -> str:
    """Return a value (None, boolean, number, text, list, mapping) as YAML that is valid anywhere, in brackets too."""
    if isinstance(value, str):
        return emit_text(value)
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(emit_value(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{emit_value(str(key))}: {emit_value(item)}" for key, item in value.items()) + "}"
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    if (isinstance(value, float) and value != value) or value in (float("inf"), float("-inf")):
        return ".nan" if value != value else ".inf" if value > 0 else "-.inf"
    return repr(value)


def emit_json(value: Any) -> str:
    """Return Python data as JSON, every text in quotes, that YAML reads back as the same data (tuples as lists).

    Raises TypeError for what is no None, boolean, number, text, list or mapping.
    """
    import json  # not on the way of a clean lint, which writes nothing

    # With ensure_ascii, characters past U+FFFF would be surrogate pairs, which YAML does not join.
    written = _escape_controls(json.dumps(value, ensure_ascii=False))
    # JSON has no such numbers: json.dumps writes their JavaScript names, which are texts to YAML. Quoted texts are
    # matched too, so that a name inside of one stays.
    return re.sub(_TEXT_OR_NON_FINITE, lambda found: _NON_FINITE.get(found[0], found[0]), written)


def emit_text(text: str) -> str:
    """Return a text as a scalar: plain if every reader reads it back as the same text, else in quotes."""
    if (
        re.fullmatch(_PLAIN, text)
        and not text.endswith(" ")
        and resolve(text) == text
        and describe_pitfall(text) is None
    ):
        return text
    return emit_quoted(text)


def emit_quoted(text: str) -> str:
    """Return a text in quotes that YAML reads back as the same text."""
    if re.search(_CONTROL, text):
        escaped = text.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{_escape_controls(escaped)}"'
    if '"' in text or "\\" in text:
        return "'" + text.replace("'", "''") + "'"
    return f'"{text}"'


def _escape_controls(text: str) -> str:
    return re.sub(_CONTROL, lambda found: f"\\u{ord(found[0]):04x}", text)
