"""SPC009: missing key."""

from __future__ import annotations

from archspec.lint.rule import ERROR, Rule

RULE = Rule(
    code="SPC009",
    name="missing-key",
    severity=ERROR,
    summary="missing key",
    why="Something that is needed is not there.",
    fix="Add it.",
)
