"""FIL004: not a text."""

from __future__ import annotations

from archspec.lint.rule import ERROR, Rule

RULE = Rule(
    code="FIL004",
    name="not-a-text",
    severity=ERROR,
    summary="not a text",
    why="A spec is UTF-8 text, and this file holds other bytes.",
    fix="Save it as UTF-8.",
)
