"""LIM009: expression out of bounds."""

from __future__ import annotations

from archspec.lint.rule import ERROR, Rule

RULE = Rule(
    code="LIM009",
    name="expression-out-of-bounds",
    severity=ERROR,
    summary="expression out of bounds",
    why="Expressions are bounded in length, depth and value.",
    fix="Use `let`.",
)
