"""CNV008: a transposed convolution that draws a checkerboard."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.ir.axes import per_axis
from archspec.ir.flat import FlatNode
from archspec.linter.edits import change_number
from archspec.linter.rule import INFO, Example, Finding, Rule
from archspec.linter.rule_context import RuleContext
from archspec.ops.conv_transpose import ConvTranspose
from archspec.source.edits import NO_EDITS, Edits


def check(context: RuleContext) -> Iterator[Finding]:
    """Yield transposed convolutions whose outputs get unequal numbers of kernel weights."""
    for node in context.nodes_of("conv_transpose"):
        op = node.node.op
        if not isinstance(op, ConvTranspose) or not node.node.outputs[0].known:
            continue
        rank = len(context.input_type(node).spatial_axes)
        axes = (per_axis(getattr(op, name), rank, name) for name in ("kernel", "stride", "dilation"))
        for kernel, stride, dilation in zip(*axes, strict=True):
            shares = _shares(kernel, stride, dilation)
            # A map of one position has no neighbour whose outputs could overlap (the first layer of DCGAN's generator).
            if len(set(shares)) > 1 and context.input_type(node).spatial != (1,) * rank:
                message = f"kernel {kernel} at stride {stride}: outputs along an axis get {_shown(shares)} in turn"
                yield Finding(message, node, "kernel", edits=_evened_out(context, node, op))
                break


def _evened_out(context: RuleContext, node: FlatNode, op: ConvTranspose) -> Edits:
    """Return edits to the next larger kernel that the stride divides, and the padding that keeps the size.

    NO_EDITS unless all of these numbers are written literally.
    """
    numbers = [n for n in (op.kernel, op.stride, op.padding, op.output_padding) if isinstance(n, int)]
    if len(numbers) < 4 or op.dilation != 1:
        return NO_EDITS
    kernel, stride, padding, extra = numbers
    # The output has (n - 1) · stride - 2 · padding + kernel + output_padding positions: what the larger kernel adds,
    # the padding takes off, and output_padding makes up for an odd number.
    larger = -(-kernel // stride) * stride
    cut = 2 * padding - extra + larger - kernel  # what the padding has to take away on both sides together
    wanted = {"kernel": (kernel, larger), "padding": (padding, -(-cut // 2)), "output_padding": (extra, cut % 2)}
    changed = {name: new for name, (old, new) in wanted.items() if old != new}
    edits = {name: change_number(context, node, name, new) for name, new in changed.items()}
    return tuple(edit for made in edits.values() for edit in made) if all(edits.values()) and cut >= 0 else NO_EDITS


def _shares(kernel: int, stride: int, dilation: int) -> list[int]:
    """Return how many of the kernel's weights fall on each of `stride` neighbouring outputs."""
    # Input n and weight k meet at output n · stride + k · dilation: only the remainder by the stride distinguishes.
    touched = [place * dilation % stride for place in range(kernel)]
    return [touched.count(phase) for phase in range(stride)]


def _shown(shares: list[int]) -> str:
    first, *rest = [str(share) for share in shares[:4]]
    return f"{first} and {rest[0]} weights" if len(shares) == 2 else ", ".join([first, *rest]) + " weights"


RULE = Rule(
    code="CNV008",
    name="checkerboard-artifacts",
    severity=INFO,
    summary="a transposed convolution whose kernel its stride does not divide",
    why=(
        "Neighbouring outputs then get different numbers of the kernel's weights, and the difference shows as a "
        "checkerboard in what is generated; in two dimensions the shares multiply. A network can learn to even it "
        "out, and seldom does."
    ),
    hint="Use a kernel that is a multiple of the stride (4 for 2), or `resize` and then a convolution.",
    bad=(
        Example(
            """\
input: [64, 16, 16]
stages:
  - conv_transpose: {channels: 32, kernel: 3, stride: 2, padding: 1, output_padding: 1}
""",
            "3:44",
        ),
        Example(
            """\
input: [64, 100]
stages:
  - conv_transpose: {channels: 32, kernel: 25, stride: 4, padding: 11, output_padding: 1}
""",
            "3:44",
        ),
    ),
    good=(
        """\
# DCGAN: from 1x1 to 4x4 without overlap, then kernels of 4 at stride 2.
input: [100, 1, 1]
stages:
  - conv_transpose: {channels: 512, kernel: 4, stride: 1, padding: 0}
  - norm
  - relu
  - conv_transpose: {channels: 256, kernel: 4, stride: 2, padding: 1}
  - norm
  - relu
  - conv_transpose: {channels: 3, kernel: 4, stride: 2, padding: 1}
  - tanh
""",
        """\
# U-Net's 2x2 at stride 2.
input: [128, 16, 16]
stages:
  - conv_transpose: {channels: 64, kernel: 2, stride: 2}
""",
        """\
# A diffusion U-Net resizes, then convolves.
input: [64, 16, 16]
stages:
  - resize: {scale: 2}
  - conv: 64
""",
    ),
    references=(
        "Odena et al. 2016, Deconvolution and Checkerboard Artifacts (https://distill.pub/2016/deconv-checkerboard)",
    ),
    applicability="unsafe",
    check=check,
)
