"""LIM007: dimension too large."""

from __future__ import annotations

from archspec.lint.rule import ERROR, Rule

RULE = Rule(
    code="LIM007",
    name="dimension-too-large",
    severity=ERROR,
    summary="dimension too large",
    why="A dimension is at most 2²⁰.",
    fix="Check the arithmetic.",
)
