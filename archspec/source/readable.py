"""Makes a text composable that is not YAML: the lines at fault become empty, all others keep their line numbers."""

from __future__ import annotations

from archspec.source.composer import compose
from archspec.source.positions import LINE_BREAK

MAX_BLANKED = 8
"""Lines that are blanked to read the others; each costs another reading."""


def blank_unreadable(text: str, file: str = "<text>") -> str:
    """Return the text with the lines blanked that are not YAML; empty if that does not make it composable."""
    lines = LINE_BREAK.split(text)
    current = text
    for _ in range(MAX_BLANKED):
        tree, found = compose(current, file)
        if tree is not None:
            return current
        fault = next((d.span.line for d in found if d.code == "SPC011"), 0)
        fault = min(fault, len(lines))
        while fault > 1 and not lines[fault - 1].strip():
            fault -= 1  # the parser noticed further down: the fault is on the last line with something on it
        if fault < 1 or not lines[fault - 1].strip():
            break
        lines[fault - 1] = ""
        current = "\n".join(lines)
    return ""
