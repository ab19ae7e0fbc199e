"""FIL004: a file that is not text."""

from __future__ import annotations

from archspec.linter.rule import ERROR, Rule

RULE = Rule(
    code="FIL004",
    name="not-text",
    severity=ERROR,
    summary="a file that is not text",
    why=("A spec is UTF-8 text, and this file holds other bytes: weights, an image, or text in another encoding."),
    hint="Save it as UTF-8; weights belong to `archspec build --weights`.",
)
