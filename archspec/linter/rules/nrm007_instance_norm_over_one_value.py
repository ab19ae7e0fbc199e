"""NRM007: instance norm over one value."""

from __future__ import annotations

from archspec.linter.rule import ERROR, Example, Rule

RULE = Rule(
    code="NRM007",
    name="instance-norm-over-one-value",
    severity=ERROR,
    summary="instance norm over one value",
    why=(
        "Instance norm takes mean and variance over a channel's map, and here the map is a single value; torch "
        "refuses it at every batch size."
    ),
    hint="Put it before the map shrinks to 1x1, or use another norm.",
    bad=(
        Example(
            """\
input: [64, 4, 4]
stages:
  - conv: {channels: 128, kernel: 4, padding: 0}
  - instance_norm
  - leaky_relu: 0.2
""",
            "4:5",
        ),
    ),
    good=(
        """\
# CycleGAN's residual block.
input: [256, 16, 16]
stages:
  - residual:
      body:
        - conv: {channels: 256, padding_mode: reflect, bias: true}
        - instance_norm
        - relu
        - conv: {channels: 256, padding_mode: reflect, bias: true}
        - instance_norm
      shortcut: identity
""",
        """\
# One row is enough.
input: [64, 1, 4]
stages:
  - instance_norm
  - relu
""",
    ),
    references=("Ulyanov et al. 2016, Instance Normalization (arXiv:1607.08022), equation 4",),
)
