"""LIM003: too many nodes."""

from __future__ import annotations

from archspec.lint.rule import ERROR, Rule

RULE = Rule(
    code="LIM003",
    name="too-many-nodes",
    severity=ERROR,
    summary="too many nodes",
    why="Aliases written out give more than 100,000 nodes.",
    fix="Use repeats and blocks.",
)
