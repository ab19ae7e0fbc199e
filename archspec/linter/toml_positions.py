"""Lines and columns in TOML texts, which tomllib reports for syntax errors only."""

from __future__ import annotations

import re
from typing import Any

_PLACE = re.compile(r"\s*\(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)$")


def parse(text: str) -> dict[str, Any] | tuple[str, int, int]:
    """Return the table of a TOML text, or the error in it: its sentence, line and column."""
    from tomllib import TOMLDecodeError, loads

    try:
        return loads(text)
    except TOMLDecodeError as error:
        place = _PLACE.search(str(error))
        message = _PLACE.sub("", str(error))
        if place and place["line"]:
            return message, int(place["line"]), int(place["column"])
        # "at end of document" has no numbers: point behind the last character.
        lines = text.rstrip("\n").split("\n")
        return message, len(lines), len(lines[-1]) + 1
    except RecursionError:
        return "tables or lists are nested too deeply", 1, 1


def line_of(text: str, path: tuple[str, ...]) -> int:
    """Return the line where a key, or a table, is first written in a text that is valid TOML; 1 for none.

    Takes the shortest prefix of whole lines that is valid TOML and holds the key: the key's statement begins after the
    longest shorter prefix that is valid. Prefixes within a statement of several lines are not valid and are skipped.
    """
    # tomllib keeps no positions of keys. Quadratic in the lines, but run only to report a problem.
    start, lines = 0, text.split("\n")
    for count in range(1, len(lines) + 1):
        found = parse("\n".join(lines[:count]))
        if isinstance(found, tuple):
            continue
        if _holds(found, path):
            return start + 1
        start = count
    return 1


def column_of(text: str, line: int, key: str) -> int:
    """Return the column of a key in its line; 1 where it is written in another way (with escapes)."""
    return text.split("\n")[line - 1].find(key) + 1 or 1


def _holds(table: Any, path: tuple[str, ...]) -> bool:
    for name in path:
        if not isinstance(table, dict) or name not in table:
            return False
        table = table[name]
    return True
