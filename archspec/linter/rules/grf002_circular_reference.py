"""GRF002: a circle."""

from __future__ import annotations

from archspec.linter.rule import ERROR, Example, Rule

RULE = Rule(
    code="GRF002",
    name="circular-reference",
    severity=ERROR,
    summary="a circle",
    why=(
        "A spec extends itself, a network or a block holds itself without end, or a parameter uses a later "
        "one: there is nothing to start from."
    ),
    hint="Break the circle; a block may use itself under a `when` that comes to be false.",
    bad=(
        Example(
            """\
input: [3, 32, 32]
params: {width: {type: int, default: hidden * 2}, hidden: {type: int, default: width}}
stages:
  - conv: width
""",
            "2:38",
        ),
        Example(
            """\
input: [3, 32, 32]
blocks:
  nest:
    params: {channels: int}
    body: [conv: channels, nest: {channels: channels}]
stages:
  - nest: 64
""",
            "5:28",
        ),
    ),
    good=(
        """\
input: [3, 32, 32]
params: {hidden: 32, width: {type: int, default: hidden * 2}}
stages:
  - conv: width
""",
        """\
input: [3, 32, 32]
blocks:
  nest:
    params: {channels: int, depth: int}
    body:
      - conv: channels
      - nest: {channels: channels, depth: depth - 1, when: depth > 1}
stages:
  - nest: {channels: 64, depth: 3}
""",
    ),
)
