"""SHP002: shapes that cannot be joined."""

from __future__ import annotations

from archspec.lint.rule import ERROR, Example, Rule

RULE = Rule(
    code="SHP002",
    name="concat-mismatch",
    severity=ERROR,
    summary="shapes that cannot be joined",
    why=(
        "concat needs equal sizes along all axes but the one it joins: a map that was made four times smaller and "
        "then twice as large does not come back. Where another input size would do, SHP005 says so instead."
    ),
    fix="Pad or crop one of them (`fit`), or choose an input size that halves evenly.",
    bad=(
        Example(
            """\
input: [3, 48, 48]
stages:
  - conv: {name: enc, channels: 16}
  - max_pool: 4
  - conv: 32
  - conv_transpose: {channels: 16, stride: 2}
  - concat: [enc, prev]
""",
            "7:5",
        ),
    ),
    good=(
        """\
input: [3, 45, 45]
stages:
  - conv: {name: enc, channels: 16}
  - max_pool: 2
  - conv: 32
  - conv_transpose: {channels: 16, stride: 2, name: up}
  - fit: {from: {x: up, like: enc}, name: fitted}
  - concat: [enc, fitted]
""",
        """\
input: [3, 48, 48]
stages:
  - conv: {name: enc, channels: 16}
  - max_pool: 2
  - conv: 32
  - conv_transpose: {channels: 16, stride: 2}
  - concat: [enc, prev]
""",
    ),
    references=("https://arxiv.org/abs/1505.04597",),
)
