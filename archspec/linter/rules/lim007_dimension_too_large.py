"""LIM007: a dimension of more than 1,048,576."""

from __future__ import annotations

from archspec.linter.rule import ERROR, Example, Rule

RULE = Rule(
    code="LIM007",
    name="dimension-too-large",
    severity=ERROR,
    summary="a dimension of more than 1,048,576",
    why="Such a size is a slip of the arithmetic, and the memory for it would not be there.",
    hint="Check the number, or the expression that gives it.",
    bad=(
        Example(
            """\
input: [3, 2000000, 32]
stages:
  - conv: 16
""",
            "1:12",
        ),
        Example(
            """\
input: [3, 32, 32]
params: {width: 64}
stages:
  - conv: width ** 4
""",
            "4:11",
        ),
    ),
    good=(
        """\
input: [1, 1048576]
stages:
  - conv: {channels: 16, kernel: 9}
""",
    ),
)
