"""CNV006: a stride larger than the kernel."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.ir.flat import FlatNode
from archspec.linter.residuals import paths_between
from archspec.linter.rule import WARNING, Example, Finding, Rule
from archspec.linter.rule_context import RuleContext


def check(context: RuleContext) -> Iterator[Finding]:
    """Yield windows that skip positions, unless a parallel path reads them."""
    parallel: frozenset[int] | None = None
    for node in context.nodes_where(lambda op: op.has_window):
        skipping = _skipping(context, node)
        if skipping is None:
            continue
        kernel, stride = skipping
        if kernel == 1:
            if node.op.pooling or _in_projection(node):
                continue  # written to drop positions, as in a feature pyramid's last level
            # On any of several paths that merge, not in `residual` alone: RepVGG's branch, NASNet's reduction.
            parallel = _parallel_ops(context) if parallel is None else parallel
            if node.index in parallel or context.may_be_read_elsewhere(node):
                continue
        message = f"a kernel of {kernel} at stride {stride} never sees {stride - kernel} of {stride} positions"
        yield Finding(message, node, "stride")


def _skipping(context: RuleContext, node: FlatNode) -> tuple[int, int] | None:
    """Return kernel and stride along the first axis on which the stride is larger; None where there is none."""
    op = node.op
    kernel, stride = getattr(op, "kernel", None), getattr(op, "stride", None)
    if isinstance(kernel, int) and isinstance(stride, int) and stride <= kernel:
        return None  # nearly always, and without working the geometry out
    if not node.node.outputs[0].known:
        return None
    sizes = context.input_type(node).spatial
    _, kernels, strides, _ = op.geometry(sizes)
    for k, s, n in zip(kernels, strides, sizes, strict=True):
        if s > k and n != k:  # a kernel as large as the map sees all of it
            return k, s
    return None


def _in_projection(node: FlatNode) -> bool:
    # Of the library, or named likewise by the user: the body next to it reads what it skips.
    return any(call.origin.inserted or call.kind.endswith(("projection", "shortcut")) for call in node.calls)


def _parallel_ops(context: RuleContext) -> frozenset[int]:
    """Return every op on one of several paths that merge again: the other paths may read what it skips."""
    merges = context.nodes_where(lambda op: op.is_merge)
    return frozenset().union(*(paths_between(context, node.inputs)[1] for node in merges))


RULE = Rule(
    code="CNV006",
    name="stride-exceeds-kernel",
    severity=WARNING,
    summary="a stride larger than the kernel, so that positions are never seen",
    why=(
        "The window jumps over rows and columns; what they hold changes nothing. It is cheap where another "
        "path sees them (the projections of a residual network), and a loss anywhere else."
    ),
    hint="Use a kernel at least as large as the stride, or pool first.",
    bad=(
        Example(
            """\
input: [3, 224, 224]
stages:
  - conv: {channels: 64, kernel: 3, stride: 4}
""",
            "3:45",
        ),
        Example(
            """\
input: [64, 56, 56]
stages:
  - conv_norm_act: {channels: 128, kernel: 1, stride: 2}
""",
            "3:55",
        ),
        Example(
            """\
input: [64, 56, 56]
stages:
  - max_pool: {kernel: 2, stride: 3, padding: 0}
""",
            "3:35",
        ),
    ),
    good=(
        """\
# The projections of a residual network; its first form has the stride in the body's 1x1, too.
input: [64, 56, 56]
stages:
  - residual:
      body:
        - conv: {channels: 32, kernel: 1, stride: 2}
        - norm
        - act
        - conv: 32
        - norm
        - act
        - conv: {channels: 128, kernel: 1}
        - norm
      shortcut: [{conv: {channels: 128, kernel: 1, stride: 2}}, norm]
  - act
""",
        """\
# RepVGG: the 1x1 stands beside a 3x3.
input: [64, 56, 56]
stages:
  - branches:
      merge: add
      of:
        - [{conv: {channels: 128, kernel: 3, stride: 2}}, norm]
        - [{conv: {channels: 128, kernel: 1, stride: 2, padding: 0}}, norm]
  - act
""",
        """\
# Xception's first module: two separable convolutions and a pooling beside a 1x1 with the stride.
input: [64, 28, 28]
stages:
  - residual:
      body:
        - conv: {channels: 64, groups: 64}
        - conv: {channels: 128, kernel: 1}
        - norm
        - max_pool: {kernel: 3, stride: 2}
      shortcut: [{conv: {channels: 128, kernel: 1, stride: 2}}, norm]
""",
        """\
# The reduction of NASNet: one 1x1 sees the even positions, another the odd ones.
input: [64, 32, 32]
stages:
  - act: {name: x}
  - conv: {name: even, channels: 32, kernel: 1, stride: 2}
  - pad: {from: x, padding: [[0, 1], [0, 1]]}
  - slice: {axis: 1, start: 1}
  - slice: {axis: 2, start: 1}
  - conv: {name: odd, channels: 32, kernel: 1, stride: 2}
  - concat: [even, odd]
""",
        """\
# Patches, whose kernel is their stride; and the last level of a feature pyramid, every second position.
input: [3, 224, 224]
stages:
  - conv: {channels: 96, kernel: 4, stride: 4}
  - max_pool: {kernel: 1, stride: 2}
""",
    ),
    references=("He et al. 2018, Bag of Tricks (arXiv:1812.01187), section 4.2 and figure 2",),
    includes_library=True,
    check=check,
)
