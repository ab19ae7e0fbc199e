"""ATT001: heads do not divide the width."""

from __future__ import annotations

from archspec.lint.rule import ERROR, Rule

RULE = Rule(
    code="ATT001",
    name="heads-do-not-divide-the-width",
    severity=ERROR,
    summary="heads do not divide the width",
    why="Attention splits the width of its queries, keys and values into equal heads.",
    fix="Choose a number of heads that divides the width (and kv_heads that divide heads).",
)
