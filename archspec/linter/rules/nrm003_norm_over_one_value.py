"""NRM003: a norm over a single value."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.linter.edits import remove_layer, set_argument
from archspec.linter.rule import WARNING, Example, Finding, Rule
from archspec.linter.rule_context import RuleContext


def check(context: RuleContext) -> Iterator[Finding]:
    """Yield norms whose mean is over one value: group norms with one channel a group at 1x1, layer norms of 1."""
    for node in context.nodes_where(lambda op: op.is_norm):
        known = context.input_type(node).known and node.node.outputs[0].known
        if known and node.op.values_per_statistic(context.input_type(node)) == 1:
            argument = "groups" if node.kind == "group_norm" else ""
            message = f"{node.kind} over one value ({context.input_type(node)}): what comes out is the shift alone"
            # One group over all channels has the most values; a layer norm has no such argument, and is removed.
            edits = set_argument(context, node, "groups", 1) if argument else remove_layer(context, node)
            yield Finding(message, node, argument, edits=edits)


RULE = Rule(
    code="NRM003",
    name="norm-over-one-value",
    severity=WARNING,
    summary="a group or layer norm over one value",
    why=(
        "The mean of one value is the value, and their difference zero: the norm gives its shift for every input, "
        "and no gradient goes back. At batch 1 torch refuses to train such a group norm, at others it says nothing."
    ),
    hint="Use fewer groups, put the norm before the map shrinks to 1x1, or leave it out.",
    bad=(
        Example(
            """\
input: [64, 16, 16]
stages:
  - adaptive_avg_pool: 1
  - conv: {channels: 32, kernel: 1}
  - group_norm: 32
  - relu
""",
            "5:17",
        ),
        Example(
            """\
input: [10]
stages:
  - linear: 1
  - layer_norm
""",
            "4:5",
        ),
    ),
    good=(
        """\
# 32 groups of two channels: a diffusion U-Net at its lowest size, here of 1x1.
input: [64, 1, 1]
stages:
  - group_norm: 32
  - silu
  - conv: {channels: 64, init: {weight: zeros}}
""",
        """\
# One group is layer norm over all channels.
input: [64, 16, 16]
stages:
  - adaptive_avg_pool: 1
  - group_norm: 1
  - relu
""",
        """\
# A group for each channel of a larger map is instance norm.
input: [64, 16, 16]
stages:
  - group_norm: 64
  - relu
""",
    ),
    references=("Wu & He 2018, Group Normalization (arXiv:1803.08494), section 3",),
    applicability="unsafe",
    includes_library=True,
    check=check,
)
