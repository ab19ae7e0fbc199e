"""SHP007: shared weights that do not fit."""

from __future__ import annotations

from archspec.lint.rule import ERROR, Rule

RULE = Rule(
    code="SHP007",
    name="shared-weights-that-do-not-fit",
    severity=ERROR,
    summary="shared weights that do not fit",
    why="A layer that shares another's tensors needs them in the shapes it would have itself.",
    fix="Give both layers the same input and output channels.",
)
