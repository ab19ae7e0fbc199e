"""Texts with the cursor written into them as ¦."""

from __future__ import annotations

CURSOR = "¦"


def cursor(text: str) -> tuple[str, int, int]:
    """Return the text without its cursor, and the cursor's line and column, counted from 1."""
    assert text.count(CURSOR) == 1
    before = text[: text.index(CURSOR)]
    return text.replace(CURSOR, ""), before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1
