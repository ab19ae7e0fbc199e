"""LIM001: file too large."""

from __future__ import annotations

from archspec.lint.rule import ERROR, Rule

RULE = Rule(
    code="LIM001",
    name="file-too-large",
    severity=ERROR,
    summary="file too large",
    why="A spec has at most 1 MiB.",
    fix="Use repeats and blocks.",
)
