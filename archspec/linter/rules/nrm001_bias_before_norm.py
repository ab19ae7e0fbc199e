"""NRM001: a bias that the norm behind it takes away again."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.diagnostics import Span
from archspec.ir.flat import FlatNode
from archspec.ir.graph import Step, join
from archspec.linter.edits import set_argument
from archspec.linter.residuals import sole_consumer
from archspec.linter.rule import INFO, WARNING, Example, Finding, Rule
from archspec.linter.rule_context import RuleContext


def check(context: RuleContext) -> Iterator[Finding]:
    """Yield layers with a bias that is read only by a norm that subtracts the mean, at every use of the layer."""
    uses: dict[Span, list[FlatNode]] = {}
    for node in context.nodes_where(lambda op: op.is_weighted):
        uses.setdefault(node.node.origin.span, []).append(node)
    for nodes in uses.values():
        norms = [_norm_behind(context, node) for node in nodes]
        # At every use, since the bias is written once; a use before an activation needs it.
        if not all(norms) or norms[0] is None or any(context.may_be_used_elsewhere(node) for node in nodes):
            continue
        if not any(_is_shared(context, node) for node in nodes):
            message = f"the bias of this {nodes[0].kind} does nothing: {norms[0].kind} subtracts the mean"
            written = "bias" in dict(nodes[0].node.origin.arguments)
            hint = "" if written else "write `bias: false`: `auto` looks for a norm in the same block only"
            # A published design: CycleGAN's convolutions have biases before instance norms without a shift.
            severity = None if all(getattr(norm.node.op, "affine", False) for norm in norms if norm) else INFO
            edits = set_argument(context, nodes[0], "bias", False)
            for node in nodes:
                yield Finding(message, node, "bias", hint, edits=edits, severity=severity)


def _norm_behind(context: RuleContext, node: FlatNode) -> FlatNode | None:
    """Return the norm that cancels the bias."""
    reader = sole_consumer(context, node)
    if getattr(node.node.op, "bias", False) is not True or reader is None:
        return None
    return reader if reader.op.subtracts_mean else None


def _is_shared(context: RuleContext, node: FlatNode) -> bool:
    """Return whether the layer's tensors are shared with another layer, for which the bias may matter."""
    # A step shares by a path within its body; joined with the path of its calls it is one of the network.
    shared = set()
    for other in context.nodes:
        prefix = ""
        steps: tuple[Step, ...] = (*other.calls, other.node)
        for step in steps:
            places = [join(prefix, share.path) for share in step.share]
            prefix = join(prefix, step.scope)
            shared.update([*places, prefix] if places else [])
    return any(node.path == place or node.path.startswith(place + ".") for place in shared)


RULE = Rule(
    code="NRM001",
    name="bias-before-norm",
    severity=WARNING,
    summary="a bias just before a batch or instance norm",
    why=(
        "The norm subtracts each channel's mean, and the bias with it. It costs parameters and memory, and weight"
        " decay pulls at a number that nothing depends on; the norm's own shift does its work. A norm without a shift"
        " (`affine: false`) cancels the bias as well; that is an info, since published designs (CycleGAN) have it."
    ),
    hint="Write `bias: false`, or leave it out: `auto` sees a norm in the same block.",
    bad=(
        Example(
            """\
input: [3, 32, 32]
stages:
  - conv: {channels: 16, kernel: 3, bias: true}
  - batch_norm
  - relu
""",
            "3:43",
        ),
        Example(
            """\
input: [3, 32, 32]
blocks:
  my_conv:
    params: {channels: int}
    body:
      - conv: {channels: channels, kernel: 3}
stages:
  - my_conv: 16
  - batch_norm
  - relu
""",
            "6:9",
        ),
        Example(
            """\
input: [20]
stages:
  - linear: {features: 64, bias: true}
  - batch_norm
  - relu
  - linear: 2
""",
            "3:34",
        ),
    ),
    good=(
        """\
# `auto` is off before the norm, and on before the activation.
input: [3, 32, 32]
stages:
  - conv: 16
  - batch_norm
  - relu
  - conv: 16
  - relu
""",
        """\
# A diffusion U-Net: group norm takes the mean of a group away, and leaves what the biases add within it.
input: [64, 32, 32]
stages:
  - residual:
      body:
        - conv: {channels: 64, bias: true}
        - group_norm: 32
        - silu
        - conv: {channels: 64, bias: true, init: {weight: zeros}}
      shortcut: identity
""",
        """\
# What the convolution gives is read beside the norm, too.
input: [3, 32, 32]
stages:
  - conv: {name: features, channels: 16, bias: true}
  - batch_norm
  - relu
  - add: [features, prev]
""",
        """\
# The block stands before a norm here and before an activation there.
input: [3, 32, 32]
blocks:
  my_conv:
    params: {channels: int}
    body:
      - conv: {channels: channels, kernel: 3}
stages:
  - my_conv: 16
  - batch_norm
  - relu
  - my_conv: 16
  - relu
""",
    ),
    references=("Ioffe & Szegedy 2015, Batch Normalization (arXiv:1502.03167), section 3.2",),
    applicability="unsafe",
    check=check,
)
