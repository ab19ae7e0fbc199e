"""CNV009: output padding too large."""

from __future__ import annotations

from archspec.lint.rule import ERROR, Rule

RULE = Rule(
    code="CNV009",
    name="output-padding-too-large",
    severity=ERROR,
    summary="output padding too large",
    why="A transposed convolution's output padding must be smaller than its stride or its dilation.",
    fix="Use an output padding below the stride.",
)
