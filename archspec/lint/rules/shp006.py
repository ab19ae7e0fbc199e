"""SHP006: nothing is left of the map."""

from __future__ import annotations

from archspec.lint.rule import ERROR, Rule

RULE = Rule(
    code="SHP006",
    name="nothing-is-left-of-the-map",
    severity=ERROR,
    summary="nothing is left of the map",
    why="Strides and kernels have made the map smaller than 1.",
    fix="Use fewer strides, a smaller kernel, or a larger input.",
)
