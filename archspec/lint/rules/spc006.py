"""SPC006: unused."""

from __future__ import annotations

from archspec.lint.rule import INFO, Rule

RULE = Rule(
    code="SPC006",
    name="unused",
    severity=INFO,
    summary="unused",
    why="Nothing uses what is declared here.",
    fix="Remove it, or use it.",
)
