"""NRM004: groups do not divide the channels."""

from __future__ import annotations

from archspec.diagnostics import Span
from archspec.linter.edits import NO_EDITS, Edits, set_argument
from archspec.linter.fixes import change_argument, find_failed_op, nearest_divisor
from archspec.linter.rule import ERROR, Example, Rule
from archspec.linter.rule_context import RuleContext


def fix(context: RuleContext, span: Span) -> Edits:
    """Use the nearest number of groups that divides the channels, in this layer alone if a default sets another."""
    node = find_failed_op(context, span, lambda op: op.kind == "group_norm")
    if node is None:
        return NO_EDITS
    groups = nearest_divisor(getattr(node.node.op, "groups", 1), context.input_type(node).channels)
    if "groups" in dict(node.node.origin.arguments):
        return change_argument(context, node, "groups", groups)
    return set_argument(context, node, "groups", groups)


RULE = Rule(
    code="NRM004",
    name="norm-groups-do-not-divide-channels",
    severity=ERROR,
    summary="a group norm whose groups do not divide the channels",
    why="Group norm splits the channels into equal groups, each with a mean and a variance of its own.",
    hint="Choose a number of groups that divides the channels.",
    bad=(
        Example(
            """\
input: [3, 32, 32]
stages:
  - conv: 48
  - group_norm: 32
  - relu
""",
            "4:17",
        ),
        Example(
            """\
# A norm for the whole network must fit its narrowest layer.
input: [3, 32, 32]
defaults: {norm: {group_norm: {groups: 32}}}
stages:
  - conv: 64
  - norm
  - act
  - conv: 16
  - norm
""",
            "9:5",
        ),
    ),
    good=(
        """\
input: [3, 32, 32]
defaults: {norm: {group_norm: {groups: 32}}}
stages:
  - conv: 64
  - norm
  - act
  - conv: 96
  - norm
""",
        """\
# As many groups as fit, never more than 32.
input: [3, 32, 32]
params: {width: 48}
stages:
  - conv: width
  - group_norm: {groups: "max(1, width // 2)"}
""",
    ),
    references=("Wu & He 2018, Group Normalization (arXiv:1803.08494), section 3.1",),
    applicability="unsafe",
    fix=fix,
)
