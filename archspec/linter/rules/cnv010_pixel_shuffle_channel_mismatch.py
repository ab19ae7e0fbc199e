"""CNV010: channels do not fit the pixel shuffle."""

from __future__ import annotations

from archspec.diagnostics import Span
from archspec.linter.edits import NO_EDITS, Edits
from archspec.linter.fixes import change_argument, find_failed_op, nearest_multiple
from archspec.linter.rule import ERROR, Example, Rule
from archspec.linter.rule_context import RuleContext


def fix(context: RuleContext, span: Span) -> Edits:
    """Change the channels of the convolution before the shuffle, looking through norms and activations."""
    node = find_failed_op(context, span, lambda op: op.kind == "depth_to_space")
    if node is None:
        return NO_EDITS
    channels, square = context.input_type(node).channels, getattr(node.node.op, "factor", 1) ** 2
    maker = context.predecessor(node)
    while maker is not None and not hasattr(maker.node.op, "channels") and len(maker.inputs) == 1:
        # Only layers that keep the channels are passed; behind any other the convolution sets another number.
        maker = context.predecessor(maker) if context.input_type(maker).channels == channels else None
    if maker is None or not maker.op.is_convolution or getattr(maker.node.op, "groups", 1) != 1:
        return NO_EDITS
    return change_argument(context, maker, "channels", nearest_multiple(channels, square))


RULE = Rule(
    code="CNV010",
    name="pixel-shuffle-channel-mismatch",
    severity=ERROR,
    summary="channels do not fit the pixel shuffle",
    why="depth_to_space by a factor f makes one channel of f² of them, each giving one pixel of every f x f square.",
    hint="Give the layer before it a multiple of the factor's square.",
    bad=(
        Example(
            """\
input: [3, 32, 32]
stages:
  - conv: {channels: 64, kernel: 5}
  - tanh
  - conv: 32
  - depth_to_space: 3
""",
            "6:21",
        ),
    ),
    good=(
        """\
# ESPCN: three times as large, with 3 channels left.
input: [3, 32, 32]
stages:
  - conv: {channels: 64, kernel: 5}
  - tanh
  - conv: {channels: 32, kernel: 3}
  - tanh
  - conv: {channels: 3 * 3 ** 2, kernel: 3}
  - depth_to_space: 3
""",
    ),
    references=("Shi et al. 2016, Real-Time Single Image and Video Super-Resolution (arXiv:1609.05158), equation 4",),
    applicability="unsafe",
    fix=fix,
)
