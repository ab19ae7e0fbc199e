"""SHP010: an op that does not take this kind of value."""

from __future__ import annotations

from archspec.linter.rule import ERROR, Example, Rule

RULE = Rule(
    code="SHP010",
    name="wrong-value-kind",
    severity=ERROR,
    summary="an op that does not take this kind of value",
    why="The op needs a map, tokens or a vector of some rank, and gets another, or a tuple where one value is needed.",
    hint="to_tokens, to_map, flatten and global_avg_pool go from one kind to another; name[0] takes one of a tuple.",
    bad=(
        Example(
            """\
input: [3, 32, 32]
stages:
  - conv: 16
head:
  - linear: 10
""",
            "5:5",
        ),
        Example(
            """\
input: [16, 32, 32]
stages:
  - self_attention: {heads: 4}
""",
            "3:5",
        ),
    ),
    good=(
        """\
input: [3, 32, 32]
stages:
  - conv: 16
head:
  - global_avg_pool
  - linear: 10
""",
        """\
input: [3, 32, 32]
stages:
  - conv: 16
  - linear: {features: 64, axis: channel}
  - to_tokens
  - self_attention: {heads: 4}
  - to_map
  - conv: 16
""",
    ),
)
