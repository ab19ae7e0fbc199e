"""SPC004: YAML reads this otherwise than it looks."""

from __future__ import annotations

from archspec.lint.rule import ERROR, Rule

RULE = Rule(
    code="SPC004",
    name="yaml-reads-this-otherwise-than-it-looks",
    severity=ERROR,
    summary="YAML reads this otherwise than it looks",
    why="`on` is a text, `{channels: max(8, w)}` two keys, and `[enc1, s[1]]` does not parse.",
    fix="Put quotes around an expression with , [ ] { } in a flow mapping; write true and false.",
)
