"""CNV001: groups do not divide the channels."""

from __future__ import annotations

from archspec.lint.rule import ERROR, Rule

RULE = Rule(
    code="CNV001",
    name="groups-do-not-divide-the-channels",
    severity=ERROR,
    summary="groups do not divide the channels",
    why="A grouped convolution splits its input and output channels into equal parts.",
    fix="Choose a number that divides both channel counts.",
)
