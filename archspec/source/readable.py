"""A text that is not YAML, read as far as it goes: the lines at fault are empty, all others keep their places."""

from __future__ import annotations

from archspec.source.composer import compose
from archspec.source.positions import LINE_BREAK

UNREADABLE = 8  # lines that are left out to read the others; each costs a reading


def readable(text: str, file: str = "<text>") -> str:
    """A text whose lines that are not YAML are empty, so that the others keep their places."""
    lines = LINE_BREAK.split(text)
    current = text
    for _ in range(UNREADABLE):
        tree, found = compose(current, file)
        if tree is not None:
            return current
        fault = next((d.span.line for d in found if d.code == "SPC011"), 0)
        fault = min(fault, len(lines))
        while fault > 1 and not lines[fault - 1].strip():
            fault -= 1  # noticed further down: the last line with something on it
        if fault < 1 or not lines[fault - 1].strip():
            break
        lines[fault - 1] = ""
        current = "\n".join(lines)
    return ""
