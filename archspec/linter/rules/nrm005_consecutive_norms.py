"""NRM005: a norm right after a norm."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.ir.flat import FlatNode
from archspec.ir.graph import RESIDUAL_MERGE
from archspec.linter.edits import remove_layer
from archspec.linter.residuals import sole_consumer
from archspec.linter.rule import WARNING, Example, Finding, Rule
from archspec.linter.rule_context import RuleContext


def check(context: RuleContext) -> Iterator[Finding]:
    """Yield norms whose input is the output of a norm that nothing else reads."""
    for first in context.nodes_where(lambda op: op.is_norm):
        second = sole_consumer(context, first)
        if second is None or not second.op.is_norm or _is_after_last_layer(context, first, second):
            continue
        if context.is_in_library(second):  # a block begins with a norm; the one before it is the user's
            yield Finding(f"{second.kind} right after {first.kind}", first)
        else:
            yield Finding(f"{second.kind} right after {first.kind}", second, edits=remove_layer(context, second))


def _is_after_last_layer(context: RuleContext, first: FlatNode, second: FlatNode) -> bool:
    """Return whether this is the norm after the last layer of a post-norm transformer, whose layers end in one too.

    Such a norm does not undo the first one: it takes the mean over features, each of which keeps its own scale.
    """
    before = context.predecessor(first)
    over_features = not (first.op.subtracts_mean or second.op.subtracts_mean) and first.kind == second.kind
    return (
        over_features and before is not None and (before.node.failed or before.node.origin.inserted == RESIDUAL_MERGE)
    )


RULE = Rule(
    code="NRM005",
    name="consecutive-norms",
    severity=WARNING,
    summary="a norm right after a norm",
    why="The second norm undoes the first one's scale and shift: what the first has learned is lost, and paid for.",
    hint="Remove one of the two.",
    bad=(
        Example(
            """\
input: [3, 32, 32]
stages:
  - conv: 16
  - batch_norm
  - group_norm: 4
""",
            "5:5",
        ),
        Example(
            """\
# conv_norm_act ends in a norm where its activation is off.
input: [3, 32, 32]
stages:
  - conv_norm_act: {channels: 16, activate: false}
  - norm
  - relu
""",
            "5:5",
        ),
        Example(
            """\
# A transition between dense blocks begins with a norm.
input: [3, 32, 32]
stages:
  - conv: 16
  - norm
  - transition
""",
            "5:5",
        ),
        Example(
            """\
input: [64, 8, 8]
stages:
  - to_tokens
  - linear: 64
  - layer_norm
  - layer_norm
""",
            "6:5",
        ),
    ),
    good=(
        """\
input: [3, 32, 32]
stages:
  - conv: 16
  - batch_norm
  - relu
  - conv: 16
  - group_norm: 4
""",
        """\
# CLIP: the norm behind the embedding is read by the first block's norm and by its shortcut.
inputs: {text: {shape: [77], kind: ids, range: 1000}}
stages:
  - embedding: 64
  - layer_norm
  - encoder_layer: {heads: 4, repeat: 2}
  - layer_norm
""",
        """\
# nn.Transformer: each layer ends in a norm, and the encoder in one more.
input: [64, 8, 8]
blocks:
  post_norm:
    params: {heads: int, hidden: int}
    body:
      - residual: [{self_attention: {heads: heads}}]
      - layer_norm
      - residual: [{mlp: {hidden: hidden, act: relu}}]
      - layer_norm
stages:
  - to_tokens
  - post_norm: {heads: 4, hidden: 128, repeat: 2}
  - layer_norm
""",
        """\
# Each path is normed, then their sum.
input: [16, 32, 32]
stages:
  - residual: [{conv: 16}, norm, act, {conv: 16}, norm]
  - norm
  - act
""",
    ),
    references=(
        "Ioffe & Szegedy 2015, Batch Normalization (arXiv:1502.03167), section 3",
        "Vaswani et al. 2017, Attention Is All You Need (arXiv:1706.03762), section 3.1",
        "Radford et al. 2021, Learning Transferable Visual Models (arXiv:2103.00020), section 2.4",
    ),
    applicability="unsafe",
    check=check,
)
