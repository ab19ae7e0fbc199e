"""SPC003: a key that is there twice."""

from __future__ import annotations

from archspec.linter.rule import ERROR, Example, Rule

RULE = Rule(
    code="SPC003",
    name="duplicate-key",
    severity=ERROR,
    summary="a key that is there twice",
    why=(
        "Most readers of YAML keep the last of two equal keys without a word, so that what the first says is"
        " lost; YAML itself forbids it."
    ),
    hint="Keep one of the two.",
    bad=(
        Example(
            """\
input: [3, 32, 32]
stages:
  - conv: {channels: 16, kernel: 5, channels: 32}
""",
            "3:37",
        ),
        Example(
            """\
input: [3, 32, 32]
head:
  - global_avg_pool
stages:
  - conv: 16
head:
  - relu
""",
            "6:1",
        ),
    ),
    good=(
        """\
input: [3, 32, 32]
stages:
  - conv: {channels: 16, kernel: 5}
  - conv: {channels: 32}
""",
        """\
input: [3, 32, 32]
stages:
  - conv: &first {channels: 16, kernel: 5}
  - relu
  - conv: {<<: *first, channels: 32}
""",
    ),
    references=("https://yaml.org/spec/1.2.2/#3213-node-comparison",),
)
