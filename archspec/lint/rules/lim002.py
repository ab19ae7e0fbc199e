"""LIM002: nested too deeply."""

from __future__ import annotations

from archspec.lint.rule import ERROR, Rule

RULE = Rule(
    code="LIM002",
    name="nested-too-deeply",
    severity=ERROR,
    summary="nested too deeply",
    why="Lists and mappings nest 64 deep at most.",
    fix="Use blocks.",
)
