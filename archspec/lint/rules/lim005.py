"""LIM005: repeat too large."""

from __future__ import annotations

from archspec.lint.rule import ERROR, Rule

RULE = Rule(
    code="LIM005",
    name="repeat-too-large",
    severity=ERROR,
    summary="repeat too large",
    why="A layer repeats 1,024 times at most.",
    fix="Nest two repeats if you mean it.",
)
