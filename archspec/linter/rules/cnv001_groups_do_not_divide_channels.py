"""CNV001: groups do not divide the channels."""

from __future__ import annotations

from math import gcd

from archspec.diagnostics import Span
from archspec.linter.edits import NO_EDITS, Edits
from archspec.linter.fixes import change_argument, find_failed_op, nearest_divisor
from archspec.linter.rule import ERROR, Example, Rule
from archspec.linter.rule_context import RuleContext


def fix(context: RuleContext, span: Span) -> Edits:
    """Use the nearest number of groups that divides both channel counts."""
    node = find_failed_op(context, span, lambda op: op.is_convolution)
    if node is None:
        return NO_EDITS
    groups, channels = getattr(node.node.op, "groups", 1), getattr(node.node.op, "channels", 1)
    # Groups have to divide inputs and outputs alike, so that the divisors of their gcd are the choices.
    return change_argument(
        context, node, "groups", nearest_divisor(groups, gcd(context.input_type(node).channels, channels))
    )


RULE = Rule(
    code="CNV001",
    name="groups-do-not-divide-channels",
    severity=ERROR,
    summary="groups do not divide the channels",
    why="A grouped convolution splits its input and its output channels into equal parts, each convolved alone.",
    hint="Choose a number that divides both channel counts.",
    bad=(
        Example(
            """\
input: [3, 32, 32]
stages:
  - conv: 24
  - relu
  - conv: {channels: 32, groups: 16}
""",
            "5:34",
        ),
        Example(
            """\
input: [16, 8, 8]
stages:
  - conv_transpose:
      channels: 6
      kernel: 4
      stride: 2
      padding: 1
      groups: 4
""",
            "8:15",
        ),
    ),
    good=(
        """\
# ResNeXt: 32 groups of 4 channels between 1x1 convolutions (Xie et al. 2016, figure 3c).
input: [256, 14, 14]
stages:
  - bottleneck: {channels: 256, groups: 32, base_width: 4}
""",
        """\
# A convolution within each channel, with two outputs a channel.
input: [16, 8, 8]
stages:
  - conv: {channels: 32, groups: 16}
  - norm
  - act
  - conv: {channels: 24, kernel: 1}
""",
    ),
    references=(
        "Krizhevsky et al. 2012, ImageNet Classification with Deep Convolutional Neural Networks, section 3.5",
        "Xie et al. 2016, Aggregated Residual Transformations for Deep Neural Networks (arXiv:1611.05431), section 3.3",
    ),
    applicability="unsafe",
    fix=fix,
)
