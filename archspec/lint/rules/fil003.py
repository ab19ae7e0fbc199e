"""FIL003: the file cannot be read."""

from __future__ import annotations

from archspec.lint.rule import ERROR, Rule

RULE = Rule(
    code="FIL003",
    name="the-file-cannot-be-read",
    severity=ERROR,
    summary="the file cannot be read",
    why="It is no regular file, or may not be read.",
    fix="Check its permissions.",
)
