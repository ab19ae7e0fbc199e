"""RES002: the shortcut is not strided like its body."""

from __future__ import annotations

from archspec.lint.rule import ERROR, Rule

RULE = Rule(
    code="RES002",
    name="the-shortcut-is-not-strided-like-its-body",
    severity=ERROR,
    summary="the shortcut is not strided like its body",
    why="The body makes the map smaller (or larger), and the shortcut does not.",
    fix="Use `shortcut: projection`, which takes the body's stride, or stride your own shortcut alike.",
)
