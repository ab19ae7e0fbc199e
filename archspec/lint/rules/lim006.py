"""LIM006: too many layers."""

from __future__ import annotations

from archspec.lint.rule import ERROR, Rule

RULE = Rule(
    code="LIM006",
    name="too-many-layers",
    severity=ERROR,
    summary="too many layers",
    why="A network has at most 20,000 layers.",
    fix="Lower a repeat.",
)
