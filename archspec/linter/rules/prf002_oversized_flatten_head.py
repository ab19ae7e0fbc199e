"""PRF002: a linear layer behind flatten holds nearly all parameters."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.ir.flat import FlatNode
from archspec.ir.op import Op
from archspec.linter.rule import WARNING, Example, Finding, Rule
from archspec.linter.rule_context import RuleContext

# Fewer are nothing to save: LeNet, too, has most of its parameters here.
MANY = 2_000_000
# AlexNet (62 percent) and VGG-11 (77) stay below: their large linear layers are well known.
SHARE = 0.8
FARTHEST = 32  # a longer way is not looked at


def check(context: RuleContext) -> Iterator[Finding]:
    """Yield the linear layer that reads a flattened feature map and holds most of the parameters."""
    for node in context.nodes_of("linear"):
        # Shared weights are those of another layer, which is looked at itself.
        if node.node.share or any(call.share for call in node.calls) or not all(t.known for t in node.node.outputs):
            continue
        x = context.input_type(node)
        weights = x.channels * context.flat.types[node.outputs[0]].channels
        if weights < MANY or x.kind != "vector":
            continue
        flatten = _flatten_before(context, node)
        if flatten is None:
            continue
        # Counted at most once, and not at all in most networks, which have no such layer.
        cost = context.cost
        # Beside layers of unknown size, nothing can be called most of the network.
        if not cost.unknown and weights >= SHARE * cost.params:
            flat, total = context.input_type(flatten), cost.params
            message = f"{weights:,} of the {total:,} parameters ({weights / total:.0%}) read the flattened {flat} map"
            yield Finding(message, node)


def _flatten_before(context: RuleContext, node: FlatNode) -> FlatNode | None:
    """Return the flatten of a feature map that a linear layer reads, if the map comes from a convolution."""
    before = context.predecessor(node)
    for _ in range(FARTHEST):
        if before is None or not _keeps_features(before.op):
            break
        before = context.predecessor(before)
    if before is None or before.kind != "flatten" or all(size == 1 for size in context.input_type(before).spatial):
        return None
    if context.input_type(before).kind != "map":
        return None
    # Without a convolution before it, it is a multilayer perceptron, which reads the positions of a picture by design.
    return before if any(made.op.is_convolution for made in context.ancestors(before)) else None


def _keeps_features(op: Op) -> bool:
    """Return whether an op leaves the features of a vector where they are."""
    return op.is_passthrough or op.is_activation or op.is_norm


RULE = Rule(
    code="PRF002",
    name="oversized-flatten-head",
    severity=WARNING,
    summary="a linear layer behind flatten holds nearly all parameters",
    why="Every position of the map has weights of its own, which is where small networks get tens of millions of "
    "parameters: they overfit, and hold the network to one input size. It is reported from 2 million on, where they "
    "are 80 percent of all; AlexNet (62) and VGG (77) stay below.",
    hint="Put global_avg_pool in the place of flatten, or more strides and an adaptive_avg_pool before it.",
    bad=(
        Example(
            """\
input: [3, 224, 224]
stages:
  - conv_norm_act: 32
  - max_pool: 2
  - conv_norm_act: 64
  - max_pool: 2
head:
  - flatten
  - linear: 128
  - relu
  - linear: 10
""",
            "9:5",
        ),
    ),
    good=(
        """\
input: [3, 224, 224]
stages:
  - conv_norm_act: 32
  - max_pool: 2
  - conv_norm_act: 64
  - max_pool: 2
head:
  - global_avg_pool
  - linear: 128
  - relu
  - linear: 10
""",
        """\
input: [3, 224, 224]
stages:
  - sequence: [{conv_norm_act: 64}, {max_pool: 2}]
  - sequence: [{conv_norm_act: 128}, {max_pool: 2}]
  - sequence: [{conv_norm_act: {channels: 256, repeat: 2}}, {max_pool: 2}]
  - sequence: [{conv_norm_act: {channels: 512, repeat: 2}}, {max_pool: 2}]
  - sequence: [{conv_norm_act: {channels: 512, repeat: 2}}, {max_pool: 2}]
head:
  - flatten
  - linear: 4096
  - relu
  - dropout
  - linear: 4096
  - relu
  - dropout
  - linear: 1000
""",
        """\
input: [3, 32, 32]
stages:
  - flatten
  - linear: 1024
  - relu
  - linear: 10
""",
        # A convolution on another way to the output makes no feature map of the picture.
        """\
inputs: {picture: [3, 32, 32], other: [3, 32, 32]}
stages:
  - conv_norm_act: {channels: 8, from: other}
  - global_avg_pool: {name: pooled}
  - flatten: {from: picture}
  - linear: 1024
  - relu: {name: seen}
  - concat: [pooled, seen]
  - linear: 10
""",
        """\
input: [1, 32, 32]
stages:
  - conv: {channels: 6, kernel: 5, padding: 0}
  - tanh
  - avg_pool: 2
  - conv: {channels: 16, kernel: 5, padding: 0}
  - tanh
  - avg_pool: 2
head: [flatten, {linear: 120}, tanh, {linear: 84}, tanh, {linear: 10}]
""",
    ),
    references=("https://arxiv.org/abs/1312.4400",),
    check=check,
)
