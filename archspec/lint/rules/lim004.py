"""LIM004: recursive alias."""

from __future__ import annotations

from archspec.lint.rule import ERROR, Rule

RULE = Rule(
    code="LIM004",
    name="recursive-alias",
    severity=ERROR,
    summary="recursive alias",
    why="An alias stands inside what it stands for.",
    fix="Break the circle.",
)
