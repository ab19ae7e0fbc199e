"""SPC001: an unknown key."""

from __future__ import annotations

from archspec.linter.rule import ERROR, Example, Rule

RULE = Rule(
    code="SPC001",
    name="unknown-key",
    severity=ERROR,
    summary="an unknown key",
    why=(
        "A key, argument or parameter that means nothing here would be dropped without a word: a misspelt `stide:"
        " 2` would leave the stride at 1, and the network would train, only worse."
    ),
    hint="Check its spelling; `archspec show NAME` lists the arguments of an op or block.",
    bad=(
        Example(
            """\
input: [3, 32, 32]
stages:
  - conv: {channels: 16, stide: 2}
""",
            "3:26",
        ),
        Example(
            """\
input: [3, 32, 32]
stages:
  - conv: 16
heads:
  - global_avg_pool
""",
            "4:1",
        ),
        Example(
            """\
input: [3, 32, 32]
params: {width: 16}
stages:
  - conv: width
variants:
  wide: {widht: 64}
""",
            "6:10",
        ),
    ),
    good=(
        """\
input: [3, 32, 32]
stages:
  - conv: {channels: 16, stride: 2}
head:
  - global_avg_pool
""",
        """\
input: [3, 32, 32]
params: {width: 16}
stages:
  - conv: width
variants:
  wide: {width: 64}
""",
    ),
    applicability="unsafe",
)
