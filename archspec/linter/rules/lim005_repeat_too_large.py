"""LIM005: a repeat of more than 1,024."""

from __future__ import annotations

from archspec.linter.rule import ERROR, Example, Rule

RULE = Rule(
    code="LIM005",
    name="repeat-too-large",
    severity=ERROR,
    summary="a repeat of more than 1,024",
    why=(
        "Each turn is a layer with weights of its own, and no network repeats a layer so often: it is a slip, or"
        " meant to keep the compiler busy."
    ),
    hint="Check the number; if it is meant, let a repeated block repeat its layers.",
    bad=(
        Example(
            """\
input: [3, 32, 32]
stages:
  - conv: {channels: 16, repeat: 2000}
""",
            "3:34",
        ),
    ),
    good=(
        """\
input: [3, 32, 32]
stages:
  - conv: {channels: 16, repeat: 1024}
""",
    ),
)
