"""RES005: two activations after the add."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.ir.flat import FlatNode
from archspec.linter.edits import remove_layer
from archspec.linter.rule import WARNING, Example, Finding, Rule
from archspec.linter.rule_context import RuleContext


def check(context: RuleContext) -> Iterator[Finding]:
    """Yield rectifiers that read a rectifier of a sum."""
    for node in context.nodes_where(lambda op: op.is_rectifier):
        first = _before(context, node)
        if first is None or not first.op.is_rectifier:
            continue
        added = _before(context, first)
        if added is not None and added.kind == "add":
            yield Finding(
                f"{node.kind} right after the {first.kind} that follows the add",
                node,
                edits=remove_layer(context, node),
            )


def _before(context: RuleContext, node: FlatNode) -> FlatNode | None:
    """Return the op before, looking through `identity`."""
    before = context.predecessor(node)
    while before is not None and before.kind == "identity":
        before = context.predecessor(before)
    return before


RULE = Rule(
    code="RES005",
    name="repeated-activation-after-add",
    severity=WARNING,
    summary="two activations in a row after the add",
    why=(
        "The library's blocks that add end in their activation. A second ReLU does nothing but cost time and memory; "
        "a second leaky ReLU, GELU or SiLU bends the sum once more than was meant."
    ),
    hint="Remove one of the two.",
    bad=(
        Example(
            """\
input: [64, 56, 56]
stages:
  - basic: 64
  - relu
  - basic: 64
""",
            "4:5",
        ),
        Example(
            """\
input: [64, 56, 56]
stages:
  - residual: [{conv: 64}, norm, silu, {conv: 64}, norm]
  - silu
  - silu
""",
            "5:5",
        ),
    ),
    good=(
        """\
# Xception's modules begin with a ReLU, and add without one.
input: [64, 28, 28]
stages:
  - residual:
      repeat: 2
      name: module
      body: [relu, {conv: 64}, norm, relu, {conv: 64}, norm]
      shortcut: identity
  - relu
""",
        """\
# Pre-activation: norm and activation stand before each convolution, and once more at the end.
input: [16, 32, 32]
stages:
  - preact_basic: {channels: 16, repeat: 2}
  - norm
  - act
""",
        """\
# A gate over what comes out of a block reads it beside another path.
input: [64, 56, 56]
stages:
  - basic: 64
  - residual: {merge: multiply, body: [sigmoid]}
""",
    ),
    references=("He et al. 2015, Deep Residual Learning (arXiv:1512.03385), figure 2",),
    applicability="unsafe",
    check=check,
)
