"""LIM008: number too long."""

from __future__ import annotations

from archspec.lint.rule import ERROR, Rule

RULE = Rule(
    code="LIM008",
    name="number-too-long",
    severity=ERROR,
    summary="number too long",
    why="An integer has at most 19 digits.",
    fix="Check the number.",
)
