"""SHP002: shapes that cannot be joined."""

from __future__ import annotations

from archspec.lint.rule import ERROR, Rule

RULE = Rule(
    code="SHP002",
    name="shapes-that-cannot-be-joined",
    severity=ERROR,
    summary="shapes that cannot be joined",
    why="concat needs equal sizes along all axes but the one it joins.",
    fix="Pad or crop one of them (`fit`), or choose an input size that halves evenly.",
)
