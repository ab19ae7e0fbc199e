"""CNV007: pool padding over half the kernel."""

from __future__ import annotations

from archspec.lint.rule import ERROR, Rule

RULE = Rule(
    code="CNV007",
    name="pool-padding-over-half-the-kernel",
    severity=ERROR,
    summary="pool padding over half the kernel",
    why="Some windows would lie in the padding alone; torch refuses it.",
    fix="Use at most half the kernel.",
)
