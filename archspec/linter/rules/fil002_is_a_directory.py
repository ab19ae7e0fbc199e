"""FIL002: a directory where one spec is wanted."""

from __future__ import annotations

from archspec.linter.rule import ERROR, Rule

RULE = Rule(
    code="FIL002",
    name="is-a-directory",
    severity=ERROR,
    summary="a directory where one spec is wanted",
    why="`archspec lint` takes a directory and checks every spec in it; the other commands work on one spec.",
    hint="Name a file in it.",
)
