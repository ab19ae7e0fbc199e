"""SPC001: unknown key."""

from __future__ import annotations

from archspec.lint.rule import ERROR, Rule

RULE = Rule(
    code="SPC001",
    name="unknown-key",
    severity=ERROR,
    summary="unknown key",
    why="The key, argument or parameter has no meaning here.",
    fix="Check its spelling.",
)
