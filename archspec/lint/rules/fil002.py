"""FIL002: a directory."""

from __future__ import annotations

from archspec.lint.rule import ERROR, Rule

RULE = Rule(
    code="FIL002",
    name="a-directory",
    severity=ERROR,
    summary="a directory",
    why="One spec is wanted, and the path is a directory.",
    fix="Name a file in it.",
)
