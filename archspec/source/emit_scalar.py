"""Values as YAML text on one line, quoted where they would be read as something else."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from archspec.source.scalars import resolve, trap

_PLAIN: Final = re.compile(r"[A-Za-z0-9_(][A-Za-z0-9_ .()*/+<>=%-]*|[.]{0,2}/[A-Za-z0-9_./-]*")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]")


def written(value: Any) -> str:
    """A value (None, a boolean, number, text, list or mapping) as YAML that stands anywhere, in brackets too."""
    if isinstance(value, str):
        return written_text(value)
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(written(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{written(str(key))}: {written(item)}" for key, item in value.items()) + "}"
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if (isinstance(value, float) and value != value) or value in (float("inf"), float("-inf")):
        return ".nan" if value != value else ".inf" if value > 0 else "-.inf"
    return repr(value)


def written_text(text: str) -> str:
    """A text as a scalar: plain where that is sure to be read back as the same text, else in quotes."""
    if _PLAIN.fullmatch(text) and not text.endswith(" ") and resolve(text) == text and trap(text) is None:
        return text
    return quoted(text)


def quoted(text: str) -> str:
    """A text in quotes that YAML reads back as the same text."""
    if _CONTROL.search(text):
        escaped = text.replace("\\", "\\\\").replace('"', '\\"')
        return '"' + _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", escaped) + '"'
    if '"' in text or "\\" in text:
        return "'" + text.replace("'", "''") + "'"
    return f'"{text}"'
