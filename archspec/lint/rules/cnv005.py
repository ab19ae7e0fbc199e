"""CNV005: no symmetric padding for an even reach."""

from __future__ import annotations

from archspec.lint.rule import ERROR, Rule

RULE = Rule(
    code="CNV005",
    name="no-symmetric-padding-for-an-even-reach",
    severity=ERROR,
    summary="no symmetric padding for an even reach",
    why="`padding: auto` keeps a map's size at stride 1, which an even kernel can do only by padding one side more.",
    fix="Use an odd kernel, or write the padding (`same` pads the end more, `causal` the start).",
)
