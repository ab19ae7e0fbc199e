"""SHP001: shapes that cannot be added."""

from __future__ import annotations

from archspec.lint.rule import ERROR, Rule

RULE = Rule(
    code="SHP001",
    name="shapes-that-cannot-be-added",
    severity=ERROR,
    summary="shapes that cannot be added",
    why="add needs equal shapes.",
    fix="Make channels and sizes equal: a 1x1 convolution changes channels; resize or fit changes sizes.",
)
