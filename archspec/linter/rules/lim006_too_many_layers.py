"""LIM006: more than 20,000 layers."""

from __future__ import annotations

from archspec.linter.rule import ERROR, Example, Rule

RULE = Rule(
    code="LIM006",
    name="too-many-layers",
    severity=ERROR,
    summary="more than 20,000 layers",
    why=("Repeats of repeats multiply; beyond this no machine trains the network, and building it takes minutes."),
    hint="Lower a repeat.",
    bad=(
        Example(
            """\
input: [3, 32, 32]
stages:
  - sequence:
      repeat: 200
      body: [conv: {channels: 16, repeat: 200}]
""",
            "5:14",
        ),
    ),
    good=(
        """\
input: [3, 32, 32]
stages:
  - sequence:
      repeat: 20
      body: [conv: {channels: 16, repeat: 20}]
""",
    ),
)
