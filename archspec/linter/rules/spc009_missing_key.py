"""SPC009: something that is needed is not there."""

from __future__ import annotations

from archspec.linter.rule import ERROR, Example, Rule

RULE = Rule(
    code="SPC009",
    name="missing-key",
    severity=ERROR,
    summary="something that is needed is not there",
    why=(
        "Without it the spec says too little to build anything: an input, the channels of a convolution, the body"
        " of a residual, or a layer at all."
    ),
    hint="Add it.",
    bad=(
        Example(
            """\
stages:
  - conv: 16
""",
            "1:1",
        ),
        Example(
            """\
input: [3, 32, 32]
stages:
  - conv: {kernel: 5}
""",
            "3:5",
        ),
        Example(
            """\
input: [3, 32, 32]
stages:
  - residual: {shortcut: projection}
""",
            "3:15",
        ),
    ),
    good=(
        """\
input: [3, 32, 32]
stages:
  - conv: {channels: 16, kernel: 5}
  - residual: {body: [conv: 16], shortcut: projection}
""",
        """\
inputs:
  left: [3, 32, 32]
  right: [3, 32, 32]
stages:
  - concat: [left, right]
  - conv: 16
""",
    ),
)
