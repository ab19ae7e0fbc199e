"""CNV007: pool padding over half the kernel."""

from __future__ import annotations

from archspec.diagnostics import Span
from archspec.linter.edits import NO_EDITS, Edits
from archspec.linter.fixes import change_argument, find_failed_op
from archspec.linter.rule import ERROR, Example, Rule
from archspec.linter.rule_context import RuleContext


def fix(context: RuleContext, span: Span) -> Edits:
    """Reduce the padding to half of the kernel, rounded down."""
    node = find_failed_op(context, span, lambda op: op.pooling == "window")
    if node is None:
        return NO_EDITS
    kernel, padding = getattr(node.node.op, "kernel", 1), getattr(node.node.op, "padding", 0)
    kernels = kernel if isinstance(kernel, tuple) else (kernel,)
    if isinstance(padding, tuple):
        kernels = kernels * len(padding) if len(kernels) == 1 else kernels
        return change_argument(
            context, node, "padding", tuple(min(p, k // 2) for p, k in zip(padding, kernels, strict=True))
        )
    # One padding serves all axes: the smallest kernel limits it.
    return change_argument(context, node, "padding", min(kernels) // 2)


RULE = Rule(
    code="CNV007",
    name="excessive-pool-padding",
    severity=ERROR,
    summary="pool padding over half the kernel",
    why="The outermost windows would lie in the padding for more than half, some of them altogether; torch refuses it.",
    hint="Use at most half the kernel.",
    bad=(
        Example(
            """\
input: [3, 32, 32]
stages:
  - max_pool: {kernel: 3, stride: 2, padding: 2}
""",
            "3:47",
        ),
    ),
    good=(
        """\
# ResNet's stem.
input: [3, 64, 64]
stages:
  - conv: {channels: 64, kernel: 7, stride: 2}
  - norm
  - act
  - max_pool: {kernel: 3, stride: 2, padding: 1}
""",
        """\
# SPP: windows of 5, 9 and 13 that keep the size (YOLOv3-SPP).
input: [64, 13, 13]
stages:
  - branches:
      merge: concat
      of:
        - [identity]
        - [{max_pool: {kernel: 5, stride: 1, padding: 2}}]
        - [{max_pool: {kernel: 9, stride: 1, padding: 4}}]
        - [{max_pool: {kernel: 13, stride: 1, padding: 6}}]
""",
    ),
    references=("https://pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html (padding)",),
    applicability="unsafe",
    fix=fix,
)
