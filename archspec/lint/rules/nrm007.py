"""NRM007: instance norm over one value."""

from __future__ import annotations

from archspec.lint.rule import ERROR, Rule

RULE = Rule(
    code="NRM007",
    name="instance-norm-over-one-value",
    severity=ERROR,
    summary="instance norm over one value",
    why="Instance norm takes mean and variance over a channel's map, and here the map is a single value.",
    fix="Put it before the map shrinks to 1×1, or use another norm.",
)
