"""SPC002: wrong type."""

from __future__ import annotations

from archspec.lint.rule import ERROR, Rule

RULE = Rule(
    code="SPC002",
    name="wrong-type",
    severity=ERROR,
    summary="wrong type",
    why="The value is not of the kind that is needed here.",
    fix="See what was expected.",
)
