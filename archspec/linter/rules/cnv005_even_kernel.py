"""CNV005: an even kernel shifts the map by half a position."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.ir.flat import FlatNode
from archspec.ir.windows import known_padding
from archspec.linter.edits import change_number
from archspec.linter.residuals import sole_consumer
from archspec.linter.rule import WARNING, Example, Finding, Rule
from archspec.linter.rule_context import RuleContext
from archspec.ops.conv import Conv
from archspec.source.edits import NO_EDITS, Edits

COMMON_ODD = (1, 3, 5, 7)  # need no geometry: an odd kernel shifts nothing
WIDE = 16  # half a position is small against such a kernel (wav2vec 2.0's position embedding has 128)


def check(context: RuleContext) -> Iterator[Finding]:
    """Yield even kernels whose shift `same` hides, or whose output meets values that were not shifted."""
    shifts = {node.index: shift for node in context.nodes_of("conv") if (shift := _shift(context, node))}
    undone = set()
    for index, shift in shifts.items():
        following = _next_convolution(context, context.nodes[index])
        # Two even kernels may undo each other (Wu et al. 2019); each undoes one other only.
        if following is not None and shifts.get(following.index, 0) == -shift and index not in undone:
            undone |= {index, following.index}
    for index in sorted(shifts.keys() - undone):
        node = context.nodes[index]
        padding = getattr(node.node.op, "padding", 0)
        # `same` hides the shift: the sizes fit, so that nothing else can report it.
        if padding == "same" or (_all_but_keeps_the_size(context, node) and _meets_others(context, node)):
            message = "the even kernel shifts the map by half a position"
            yield Finding(message, node, "kernel", edits=_with_odd_kernel(context, node))


def _shift(context: RuleContext, node: FlatNode) -> int:
    """Return the shift of a stride-1 convolution in half positions; 0 for a causal one, which looks back on purpose."""
    op = node.node.op
    if not isinstance(op, Conv) or op.padding == "causal" or op.kernel in COMMON_ODD or not node.node.outputs[0].known:
        return 0
    padding, kernels, strides, dilations = op.geometry(context.input_type(node).spatial)
    for (start, _), kernel, stride, dilation in zip(known_padding(padding), kernels, strides, dilations, strict=True):
        reach = dilation * (kernel - 1)
        if stride == 1 and reach % 2 and kernel < WIDE:
            return reach - 2 * start
    return 0


def _all_but_keeps_the_size(context: RuleContext, node: FlatNode) -> bool:
    """Return whether the padding is meant to keep the map's size, and misses it by one."""
    before, behind = context.input_type(node).spatial, node.node.outputs[0].spatial
    padding = getattr(node.node.op, "padding", 0)
    changes = (n - m for n, m in zip(before, behind, strict=True) if isinstance(n, int) and isinstance(m, int))
    # Without padding a smaller map is intended (Kim 2014 convolves sentences with kernels of 4).
    return padding not in (0, (0,) * len(before)) and any(abs(change) == 1 for change in changes)


def _with_odd_kernel(context: RuleContext, node: FlatNode) -> Edits:
    """Return the edit to the odd kernel that keeps the size with the padding as written."""
    op = node.node.op
    if not isinstance(op, Conv) or not isinstance(op.kernel, int) or op.dilation not in (1, (1,), (1, 1), (1, 1, 1)):
        return NO_EDITS
    # An odd kernel k keeps the size with a padding of (k - 1) / 2.
    odd = 2 * op.padding + 1 if isinstance(op.padding, int) else op.kernel + 1 if op.padding == "same" else 0
    return change_number(context, node, "kernel", odd) if odd else NO_EDITS


def _next_convolution(context: RuleContext, node: FlatNode) -> FlatNode | None:
    """Return the convolution that follows, with only norm and activation between."""
    reader = sole_consumer(context, node)
    while reader is not None and (reader.op.is_norm or reader.op.is_rectifier or reader.op.is_passthrough):
        reader = sole_consumer(context, reader)
    return reader if reader is not None and reader.kind == "conv" else None


def _meets_others(context: RuleContext, node: FlatNode) -> bool:
    """Return whether a later op merges what depends on this op, position by position, with a value that does not."""
    made = set(node.outputs)
    for later in context.nodes[node.index + 1 :]:
        inputs = [value for value in later.inputs if value is not None]
        if not made.intersection(inputs):
            continue
        maps = all(context.flat.types[value].kind == "map" for value in inputs)
        # An output that meets no others may be shifted: discriminators (CycleGAN, pix2pixHD) end in 4x4 kernels.
        if (later.op.is_merge or later.kind == "fit") and maps and not made.issuperset(inputs):
            return True
        made.update(later.outputs)
    return False


RULE = Rule(
    code="CNV005",
    name="even-kernel",
    severity=WARNING,
    summary="an even kernel at stride 1 shifts the map by half a position",
    why=(
        "The middle of an even kernel lies between two positions. `same` pads the end more, so that each such layer "
        "moves its features by half a position, in the same direction; written padding does so and changes the size "
        "by one. What is then added to it, or joined with it, no longer lies where it was."
    ),
    hint="Use an odd kernel, or `padding: causal` on a sequence; or undo the shift in the next layer.",
    bad=(
        Example(
            """\
input: [16, 32, 32]
stages:
  - residual:
      body: [{conv: {channels: 16, kernel: 4, padding: same}}, norm, act]
""",
            "4:44",
        ),
        Example(
            """\
input: [16, 32, 32]
stages:
  - conv: 16
  - act: {name: before}
  - conv: {channels: 16, kernel: 4, padding: 2}
  - act
  - fit: {from: {x: prev, like: before}}
  - add: [before, prev]
""",
            "5:34",
        ),
    ),
    good=(
        """\
# WaveNet looks back only: a kernel of 2, padded at the start.
input: [16, 256]
stages:
  - residual:
      body:
        - branches:
            merge: none
            name: halves
            of:
              - [{conv: {channels: 16, kernel: 2, dilation: 4, padding: causal}}, tanh]
              - [{conv: {channels: 16, kernel: 2, dilation: 4, padding: causal}}, sigmoid]
        - multiply: ["halves[0]", "halves[1]"]
        - conv: {channels: 16, kernel: 1}
      shortcut: identity
""",
        """\
# CycleGAN's discriminator ends in kernels of 4 at stride 1; nothing is joined with what they give.
input: [3, 128, 128]
stages:
  - conv: {channels: 64, kernel: 4, stride: 2, padding: 1}
  - leaky_relu: 0.2
  - conv: {channels: 128, kernel: 4, stride: 1, padding: 1}
  - instance_norm
  - leaky_relu: 0.2
  - conv: {channels: 1, kernel: 4, stride: 1, padding: 1}
""",
        """\
# DCGAN's discriminator ends in a kernel as large as the map.
input: [128, 4, 4]
stages:
  - conv: {channels: 1, kernel: 4, stride: 1, padding: 0}
  - sigmoid
""",
        """\
# Sentences by kernels of 3, 4 and 5 without padding, the maximum of each (Kim 2014, figure 1).
input: [128, 40]
stages:
  - branches:
      merge: concat
      of:
        - [{conv: {channels: 100, kernel: 3, padding: 0}}, relu, global_max_pool]
        - [{conv: {channels: 100, kernel: 4, padding: 0}}, relu, global_max_pool]
        - [{conv: {channels: 100, kernel: 5, padding: 0}}, relu, global_max_pool]
  - linear: 2
""",
        """\
# The second kernel of 2 goes back what the first has gone.
input: [16, 32, 32]
stages:
  - residual:
      body:
        - conv: {channels: 16, kernel: 2, padding: 1}
        - norm
        - act
        - conv: {channels: 16, kernel: 2, padding: 0}
        - norm
""",
    ),
    references=("Wu et al. 2019, Convolution with Even-Sized Kernels and Symmetric Padding (arXiv:1903.08385)",),
    applicability="unsafe",
    check=check,
)
