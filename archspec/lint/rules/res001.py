"""RES001: identity shortcut where the channels differ."""

from __future__ import annotations

from archspec.lint.rule import ERROR, Rule

RULE = Rule(
    code="RES001",
    name="identity-shortcut-where-the-channels-differ",
    severity=ERROR,
    summary="identity shortcut where the channels differ",
    why="An added shortcut and the body must have equal shapes; the body changes the number of channels.",
    fix="Use `shortcut: projection` (or pad_shortcut), or make the channels equal.",
)
