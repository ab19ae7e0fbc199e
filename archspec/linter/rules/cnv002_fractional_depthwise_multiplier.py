"""CNV002: a depthwise convolution whose outputs are no multiple of its inputs."""

from __future__ import annotations

from archspec.diagnostics import Span
from archspec.linter.edits import NO_EDITS, Edits
from archspec.linter.fixes import change_argument, find_failed_op, nearest_multiple
from archspec.linter.rule import ERROR, Example, Rule
from archspec.linter.rule_context import RuleContext


def fix(context: RuleContext, span: Span) -> Edits:
    """Use the nearest multiple of the input's channels as the number of output channels."""
    node = find_failed_op(context, span, lambda op: op.is_convolution)
    if node is None:
        return NO_EDITS
    channels = getattr(node.node.op, "channels", 1)
    return change_argument(context, node, "channels", nearest_multiple(channels, context.input_type(node).channels))


RULE = Rule(
    code="CNV002",
    name="fractional-depthwise-multiplier",
    severity=ERROR,
    summary="a depthwise convolution whose output channels are no multiple of its input channels",
    why=(
        "With one group for each input channel, every channel gives the same number of outputs. Changing the number "
        "of channels otherwise is the work of the 1x1 convolution that follows."
    ),
    hint="Give as many channels as come in (or a multiple), and put a 1x1 convolution to the wanted number behind it.",
    bad=(
        Example(
            """\
input: [24, 16, 16]
stages:
  - conv: {channels: 64, groups: in_channels}
  - norm
  - act
  - conv: {channels: 64, kernel: 1}
""",
            "3:34",
        ),
    ),
    good=(
        """\
# MobileNet: within each channel first, then across them.
input: [24, 16, 16]
stages:
  - conv: {channels: 24, groups: 24}
  - norm
  - act
  - conv: {channels: 64, kernel: 1}
  - norm
  - act
""",
        """\
# A channel multiplier of 2.
input: [24, 16, 16]
stages:
  - conv: {channels: 48, groups: 24}
  - norm
  - act
  - conv: {channels: 32, kernel: 1}
""",
        """\
# One channel, as in the weights of ECA, is no depthwise convolution.
input: [1, 16, 16]
stages:
  - conv: {channels: 7, groups: 1}
""",
    ),
    references=("Howard et al. 2017, MobileNets (arXiv:1704.04861), section 3.1",),
    applicability="unsafe",
    fix=fix,
)
