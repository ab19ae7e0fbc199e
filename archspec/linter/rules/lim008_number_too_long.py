"""LIM008: an integer of more than 19 digits."""

from __future__ import annotations

from archspec.linter.rule import ERROR, Example, Rule

RULE = Rule(
    code="LIM008",
    name="number-too-long",
    severity=ERROR,
    summary="an integer of more than 19 digits",
    why="No size or count needs so many digits, and very long ones take a long time to read.",
    hint="Check the number; put quotes around it if it is a text.",
    bad=(
        Example(
            """\
input: [3, 32, 32]
stages:
  - conv: 64646464646464646464
""",
            "3:11",
        ),
    ),
    good=(
        """\
input: [3, 32, 32]
stages:
  - conv: {name: "64646464646464646464", channels: 64}
""",
    ),
)
