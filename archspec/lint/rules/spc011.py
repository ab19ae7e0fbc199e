"""SPC011: not YAML."""

from __future__ import annotations

from archspec.lint.rule import ERROR, Rule

RULE = Rule(
    code="SPC011",
    name="not-yaml",
    severity=ERROR,
    summary="not YAML",
    why="The text is not YAML 1.2.",
    fix="See what is wrong with it.",
)
