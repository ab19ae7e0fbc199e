"""SHP009: an add that torch would broadcast."""

from __future__ import annotations

from archspec.lint.rule import ERROR, Rule

RULE = Rule(
    code="SHP009",
    name="an-add-that-torch-would-broadcast",
    severity=ERROR,
    summary="an add that torch would broadcast",
    why="torch stretches axes of size 1 silently, which is seldom what an add is meant to do.",
    fix="Make the shapes equal, or say `broadcast: true`.",
)
