"""RES006: an activation just before the add."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.linter.edits import remove_layer
from archspec.linter.residuals import find_residuals, last_op
from archspec.linter.rule import WARNING, Example, Finding, Rule
from archspec.linter.rule_context import RuleContext

# GELU reaches -0.17, SiLU -0.28, Mish -0.31, Hardswish -0.38; ELU -1 and leaky ReLU any value (Darknet's).
HARDLY_NEGATIVE = -0.5  # the least value of GELU, SiLU, Mish and Hardswish lies between


def check(context: RuleContext) -> Iterator[Finding]:
    """Yield rectifiers at the end of the body of an added residual."""
    # A body that is joined to its shortcut (concat) takes nothing from it.
    for residual in find_residuals(context, "add"):
        last = last_op(context, residual.body)
        if (
            last is not None
            and last.op.is_rectifier
            and last.op.output_range[0] > HARDLY_NEGATIVE
            and residual.body != residual.shortcut
        ):
            message = f"the body ends in {last.kind}, so it can only add to its shortcut"
            yield Finding(message, last, edits=remove_layer(context, last))


RULE = Rule(
    code="RES006",
    name="activation-before-add",
    severity=WARNING,
    summary="a body that ends in an activation, before it is added",
    why=(
        "A residual should be able to go down as well as up. Behind a ReLU it is never negative, so that from block "
        "to block the sum can only grow; such a ResNet-110 has 7.84% error instead of 6.61%."
    ),
    hint="End the body in the norm, and put the activation after the add, or before the body's convolutions.",
    bad=(
        Example(
            """\
input: [64, 56, 56]
stages:
  - residual:
      body: [{conv: 64}, norm, relu, {conv: 64}, norm, relu]
      shortcut: identity
""",
            "4:56",
        ),
        Example(
            """\
input: [128]
stages:
  - residual:
      body:
        - linear: 128
        - gelu
        - dropout: 0.1
""",
            "6:11",
        ),
    ),
    good=(
        """\
input: [64, 56, 56]
stages:
  - residual: [{conv: 64}, norm, relu, {conv: 64}, norm]
  - relu
""",
        """\
# ConvMixer has a norm behind its activation, which centres it again.
input: [64, 32, 32]
stages:
  - residual:
      body: [{conv: {channels: 64, kernel: 9, groups: 64}}, gelu, norm]
      shortcut: identity
  - conv: {channels: 64, kernel: 1}
""",
        """\
# Darknet's leaky ReLU lets negative values through.
input: [128, 52, 52]
stages:
  - residual:
      body:
        - conv_norm_act: {channels: 64, kernel: 1, act: {leaky_relu: 0.1}}
        - conv_norm_act: {channels: 128, kernel: 3, act: {leaky_relu: 0.1}}
""",
        """\
# What is joined, not added, may be activated: it takes nothing from its shortcut.
input: [64, 28, 28]
stages:
  - residual: {merge: concat, body: [{conv: 32}, norm, relu]}
""",
    ),
    references=(
        "He et al. 2016, Identity Mappings in Deep Residual Networks (arXiv:1603.05027), section 4.1 and table 2",
    ),
    applicability="unsafe",
    enabled=False,
    check=check,
)
