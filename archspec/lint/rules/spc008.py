"""SPC008: bad expression."""

from __future__ import annotations

from archspec.lint.rule import ERROR, Rule

RULE = Rule(
    code="SPC008",
    name="bad-expression",
    severity=ERROR,
    summary="bad expression",
    why="The expression cannot be read or has no value.",
    fix="See what is wrong with it.",
)
