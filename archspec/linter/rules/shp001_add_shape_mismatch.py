"""SHP001: shapes that cannot be added."""

from __future__ import annotations

from archspec.linter.rule import ERROR, Example, Rule

RULE = Rule(
    code="SHP001",
    name="add-shape-mismatch",
    severity=ERROR,
    summary="shapes that cannot be added",
    why="add joins values number by number, so all shapes must be equal; torch raises when the module runs.",
    hint="Make channels and sizes equal: a projection or 1x1 convolution changes channels, resize or fit sizes.",
    bad=(
        Example(
            """\
input: [16, 32, 32]
stages:
  - residual:
      body: [{conv: {channels: 16, kernel: 3, padding: 0}}]
""",
            "4:7",
        ),
        Example(
            """\
input: [3, 32, 32]
stages:
  - conv: {name: fine, channels: 32}
  - conv: {name: coarse, channels: 32, stride: 2}
  - add: [fine, coarse]
""",
            "5:5",
        ),
    ),
    good=(
        """\
input: [16, 32, 32]
stages:
  - residual:
      body: [{conv: {channels: 32, stride: 2}}, norm]
""",
        """\
input: [3, 33, 33]
stages:
  - conv: {name: fine, channels: 32}
  - conv: {name: coarse, channels: 32, stride: 2}
  - resize: {from: {x: coarse, like: fine}, name: resized}
  - add: [fine, resized]
""",
    ),
)
