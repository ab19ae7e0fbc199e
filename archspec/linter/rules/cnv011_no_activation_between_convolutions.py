"""CNV011: two convolutions with nothing between them."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.ir.axes import per_axis
from archspec.ir.flat import FlatNode
from archspec.ir.graph import Call
from archspec.linter.residuals import sole_consumer
from archspec.linter.rule import WARNING, Example, Finding, Rule
from archspec.linter.rule_context import RuleContext


def check(context: RuleContext) -> Iterator[Finding]:
    """Yield convolutions that are the only readers of a convolution."""
    for first in context.nodes_of("conv"):
        second = sole_consumer(context, first)
        if second is None or second.kind != "conv" or not _known(context, first, second):
            continue
        # Separable convolutions are one on purpose; Xception trains better without an activation between (section 4.7).
        if any(node.op.is_depthwise(context.input_type(node)) for node in (first, second)):
            continue
        if _factorised(context, first, second) or _of_one_block(context, first, second):
            continue
        message = "two convolutions with nothing between them: together they are one, only dearer"
        yield Finding(message, second)


def _known(context: RuleContext, *nodes: FlatNode) -> bool:
    return all(context.input_type(node).known and node.node.outputs[0].known for node in nodes)


def _factorised(context: RuleContext, first: FlatNode, second: FlatNode) -> bool:
    """Return whether the two are one convolution split on purpose: into a low rank, or into a kernel for each axis."""
    inner, ends = context.input_type(second).channels, (context.input_type(first), second.node.outputs[0])
    # Fewer channels between than at both ends: cheaper than one convolution, which a low rank is for.
    if inner < min(end.channels for end in ends):
        return True
    rank = len(context.input_type(second).spatial_axes)
    kernels = (per_axis(getattr(node.node.op, "kernel", 1), rank, "kernel") for node in (first, second))
    wide = [{axis for axis, size in enumerate(kernel) if size > 1} for kernel in kernels]
    # A column and a row together have fewer weights than the square kernel (Peng et al. 2017, figure 3b).
    return all(wide) and wide[0].isdisjoint(wide[1])


def _of_one_block(context: RuleContext, first: FlatNode, second: FlatNode) -> bool:
    """Return whether both are written in the library, within one call of a block."""
    calls = [_written_call(node) for node in (first, second) if node.node.origin.span.in_library]
    # The library follows papers; where two of its blocks meet is the user's choice, and is reported at the call.
    return len(calls) == 2 and calls[0] is calls[1]


def _written_call(node: FlatNode) -> Call | None:
    """Return the innermost call of a library op's chain that the user has written."""
    return next((call for call in reversed(node.calls) if not call.origin.span.in_library), None)


RULE = Rule(
    code="CNV011",
    name="no-activation-between-convolutions",
    severity=WARNING,
    summary="two convolutions with nothing between them",
    why=(
        "A convolution of a convolution is a convolution: without an activation between them the two can do nothing "
        "that one with a larger kernel could not."
    ),
    hint="Put an activation (and a norm) between them, or leave one out.",
    bad=(
        Example(
            """\
input: [3, 32, 32]
stages:
  - conv: 64
  - conv: 64
  - relu
""",
            "4:5",
        ),
        Example(
            """\
input: [3, 32, 32]
stages:
  - conv: {channels: 64, kernel: 7, stride: 2}
  - conv_norm_act: 64
""",
            "4:5",
        ),
        Example(
            """\
input: [64, 32, 32]
stages:
  - conv: {channels: 64, kernel: 3, repeat: 2}
""",
            "3:5",
        ),
    ),
    good=(
        """\
# Xception's separable convolution: one within the channels, one across them, no activation between (section 4.7).
input: [64, 28, 28]
stages:
  - relu
  - conv: {channels: 64, groups: 64}
  - conv: {channels: 128, kernel: 1}
  - norm
""",
        """\
# MobileNetV2: the narrow end of a block is linear, with a norm, and the next block begins with a 1x1.
input: [24, 28, 28]
stages:
  - inverted_residual: {channels: 32, stride: 2}
  - inverted_residual: {channels: 64, stride: 2}
""",
        """\
# Darknet: 1x1 and 3x3 in turn, each with norm and activation.
input: [128, 52, 52]
stages:
  - residual:
      repeat: 2
      name: stage
      body:
        - conv_norm_act: {channels: 64, kernel: 1, act: {leaky_relu: 0.1}}
        - conv_norm_act: {channels: 128, kernel: 3, act: {leaky_relu: 0.1}}
""",
        """\
# A large kernel split into a column and a row (Peng et al. 2017, figure 3b); and a low rank on purpose.
input: [256, 16, 16]
stages:
  - conv: {channels: 21, kernel: [7, 1]}
  - conv: {channels: 21, kernel: [1, 7]}
  - act
  - conv: {channels: 8, kernel: 1}
  - conv: {channels: 64, kernel: 1}
""",
        """\
# The first features of a super-resolution network are read twice: by the body and by the long shortcut.
input: [3, 48, 48]
stages:
  - conv: {name: first, channels: 64}
  - conv: 64
  - relu
  - conv: 64
  - add: [first, prev]
""",
        """\
# FCN: the scores are upsampled by a transposed convolution.
input: [512, 8, 8]
stages:
  - conv: {channels: 21, kernel: 1}
  - conv_transpose: {channels: 21, kernel: 4, stride: 2, padding: 1}
""",
    ),
    references=(
        "Simonyan & Zisserman 2014, Very Deep Convolutional Networks (arXiv:1409.1556), section 2.3",
        "Chollet 2016, Xception (arXiv:1610.02357), sections 3 and 4.7",
    ),
    includes_library=True,
    check=check,
)
