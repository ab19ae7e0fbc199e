"""SHP012: reflect padding too large."""

from __future__ import annotations

from archspec.lint.rule import ERROR, Rule

RULE = Rule(
    code="SHP012",
    name="reflect-padding-too-large",
    severity=ERROR,
    summary="reflect padding too large",
    why="A map can be reflected at its border only by less than its size, and wrapped around by its size.",
    fix="Pad less, or with zeros.",
)
