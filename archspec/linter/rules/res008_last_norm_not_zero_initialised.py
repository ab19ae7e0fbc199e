"""RES008: the last norm of a residual's body does not start at zero."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.ir.flat import FlatNode
from archspec.linter.edits import set_argument
from archspec.linter.residuals import find_residuals, last_op
from archspec.linter.rule import INFO, Example, Finding, Rule
from archspec.linter.rule_context import RuleContext


def check(context: RuleContext) -> Iterator[Finding]:
    """Yield last norms of added bodies whose scale does not start at zero."""
    for residual in find_residuals(context, "add"):
        last = last_op(context, residual.body)
        if last is None or not last.op.is_norm or not getattr(last.node.op, "affine", False):
            continue
        if not _starts_at_zero(last):
            # An `init` that is written may set other tensors as well, which the edit would drop.
            edits = () if last.node.init else set_argument(context, last, "init", {"weight": "zeros"})
            yield Finding(f"the body's last {last.kind} does not start at zero", last, edits=edits)


def _starts_at_zero(node: FlatNode) -> bool:
    for initial in node.node.init:
        if initial.tensor == "weight":
            arguments = dict(initial.arguments)
            return initial.scheme == "zeros" or (initial.scheme == "constant" and set(arguments.values()) == {0})
    return False


RULE = Rule(
    code="RES008",
    name="last-norm-not-zero-initialised",
    severity=INFO,
    summary="a residual's last norm that does not start at zero",
    why=(
        "With its last scale at zero, each residual block is the identity when training begins; a deep network then "
        "starts as a shallow one, and large batches train more stably. It costs nothing."
    ),
    hint="Write `init: {weight: zeros}` for the norm.",
    bad=(
        Example(
            """\
input: [64, 56, 56]
stages:
  - residual: [{conv: 64}, norm, act, {conv: 64}, norm]
  - act
""",
            "3:51",
        ),
    ),
    good=(
        """\
input: [64, 56, 56]
stages:
  - residual: [{conv: 64}, norm, act, {conv: 64}, {norm: {init: {weight: zeros}}}]
  - act
""",
        """\
# A diffusion U-Net starts its last convolution at zero, ConvNeXt scales its body down: there is no last norm.
input: [64, 32, 32]
stages:
  - residual:
      body: [{group_norm: 32}, silu, {conv: 64}, {group_norm: 32}, silu, {conv: {channels: 64, init: {weight: zeros}}}]
  - convnext_block
""",
        """\
# The library's blocks keep torchvision's start.
input: [64, 56, 56]
stages:
  - basic: 64
""",
    ),
    references=("Goyal et al. 2017, Accurate, Large Minibatch SGD (arXiv:1706.02677), section 5.1",),
    applicability="unsafe",
    enabled=False,
    check=check,
)
