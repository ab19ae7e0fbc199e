"""FIL001: the file is not there."""

from __future__ import annotations

from archspec.lint.rule import ERROR, Rule

RULE = Rule(
    code="FIL001",
    name="the-file-is-not-there",
    severity=ERROR,
    summary="the file is not there",
    why="The path, or the name of a gallery spec, leads nowhere.",
    fix="Check the name.",
)
