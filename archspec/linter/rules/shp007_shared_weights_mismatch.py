"""SHP007: shared weights that do not fit."""

from __future__ import annotations

from archspec.linter.rule import ERROR, Example, Rule

RULE = Rule(
    code="SHP007",
    name="shared-weights-mismatch",
    severity=ERROR,
    summary="shared weights that do not fit",
    why="A layer that shares another's tensors needs them in the shapes that it would have itself.",
    hint="Give both layers the same input and output channels.",
    bad=(
        Example(
            """\
input: [3, 32, 32]
stages:
  - conv: {name: first, channels: 16}
  - conv: {name: second, channels: 16, share: first}
""",
            "4:5",
        ),
    ),
    good=(
        """\
input: [16, 32, 32]
stages:
  - conv: {name: first, channels: 16}
  - conv: {name: second, channels: 16, share: first}
""",
        """\
inputs: {text: {shape: [64], kind: ids, range: 1000}}
stages:
  - embedding: {name: embed, features: 128}
  - encoder_layer: {heads: 4}
head:
  - linear: {features: 1000, bias: false, share: {weight: embed.weight}}
""",
    ),
)
