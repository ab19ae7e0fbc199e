"""SPC005: unresolved name."""

from __future__ import annotations

from archspec.lint.rule import ERROR, Rule

RULE = Rule(
    code="SPC005",
    name="unresolved-name",
    severity=ERROR,
    summary="unresolved name",
    why="No op, block, parameter or earlier layer has this name.",
    fix="Check its spelling; a layer can only take what comes before it.",
)
