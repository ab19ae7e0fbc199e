"""SPC003: duplicate key."""

from __future__ import annotations

from archspec.lint.rule import ERROR, Rule

RULE = Rule(
    code="SPC003",
    name="duplicate-key",
    severity=ERROR,
    summary="duplicate key",
    why="YAML would silently keep the last of two equal keys.",
    fix="Keep one of the two.",
)
