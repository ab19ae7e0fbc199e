"""NRM006: an activation that cuts off what the network gives."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.linter.edits import remove_layer
from archspec.linter.residuals import last_op
from archspec.linter.rule import WARNING, Example, Finding, Rule
from archspec.linter.rule_context import RuleContext


def check(context: RuleContext) -> Iterator[Finding]:
    """Yield rectifiers between the last linear layer and an output, perhaps before a softmax."""
    for value in dict.fromkeys(context.flat.outputs):
        node = last_op(context, value)
        if node is not None and node.kind == "softmax" and node.inputs[0] is not None:
            node = last_op(context, node.inputs[0])
        # Read elsewhere as well, or twice an output, it is a feature, which may be positive.
        if node is None or not node.op.is_rectifier or len(context.consumers(node)) + context.is_output(node) > 1:
            continue
        before = last_op(context, node.inputs[0]) if node.inputs[0] is not None else None
        # Not behind a convolution: SqueezeNet ends in a convolution, a ReLU and the mean of the map.
        if before is not None and before.kind == "linear":
            yield Finding(
                f"{node.kind} after the last linear layer cuts off what the network can give",
                node,
                edits=remove_layer(context, node),
            )


RULE = Rule(
    code="NRM006",
    name="activation-after-last-linear",
    severity=WARNING,
    summary="a ReLU-like activation right after the last linear layer",
    why=(
        "Scores and regressed values need both signs. Behind a ReLU all negative ones are zero, without a gradient: a "
        "class whose score is cut off is never learned, and a softmax over such scores cannot be sure of anything."
    ),
    hint="Leave it out; for positive values end in softplus, for values between 0 and 1 in sigmoid.",
    bad=(
        Example(
            """\
input: [1, 28, 28]
stages:
  - flatten
  - linear: 128
  - relu
  - linear: 10
  - relu
""",
            "7:5",
        ),
        Example(
            """\
input: [20]
stages:
  - linear: 64
  - relu
  - linear: 10
  - gelu
  - softmax
""",
            "6:5",
        ),
    ),
    good=(
        """\
# SqueezeNet ends in a convolution, a ReLU and the mean of the map.
input: [512, 13, 13]
stages:
  - dropout: 0.5
  - conv: {channels: 1000, kernel: 1, bias: true}
  - relu
  - global_avg_pool
""",
        """\
# MobileNetV3's activation stands between two linear layers.
input: [960, 7, 7]
head:
  - global_avg_pool
  - linear: 1280
  - hardswish
  - dropout: 0.2
  - linear: 1000
""",
        """\
# Values between 0 and 1, and positive ones.
input: [20]
stages:
  - linear: {name: hidden, features: 64}
  - relu: {name: features}
  - linear: 1
  - sigmoid: {name: probability}
  - linear: {features: 1, from: features}
  - softplus: {name: scale}
outputs: {probability: probability, scale: scale, features: features}
""",
    ),
    references=("Goodfellow et al. 2016, Deep Learning, section 6.2.2",),
    applicability="unsafe",
    check=check,
)
