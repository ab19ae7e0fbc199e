"""GRF002: a circle."""

from __future__ import annotations

from archspec.lint.rule import ERROR, Rule

RULE = Rule(
    code="GRF002",
    name="a-circle",
    severity=ERROR,
    summary="a circle",
    why="A spec extends itself, a network or a block holds itself without end, or a parameter uses a later one.",
    fix="Break the circle; a block may use itself under a `when` that comes to be false.",
)
