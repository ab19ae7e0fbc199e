"""RES010: a gate that is no fraction."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.ir.flat import FlatNode
from archspec.ir.op import Op
from archspec.linter.edits import insert_after
from archspec.linter.rule import WARNING, Example, Finding, Rule
from archspec.linter.rule_context import RuleContext

MOST_FIXED = 8  # at a time: each costs a walk through its list
FARTHEST = 32  # a longer way is not looked at


def check(context: RuleContext) -> Iterator[Finding]:
    """Yield gates whose t is not made by an op with outputs from 0 to 1."""
    count = 0
    for node in context.nodes_of("gate"):
        if not all(t.known for t in context.flat.input_types(node)):
            continue
        made = _made_by(context, node)
        if made is not None and (made.op.keeps_range or _is_fraction(made.op)):
            continue
        what = "the residual's input itself" if made is None else f"what {made.kind} gives"
        last, count = context.predecessor(node), count + 1
        edits = insert_after(context, last, "sigmoid") if last is not None and count <= MOST_FIXED else ()
        yield Finding(f"the gate is {what}, which does not lie between 0 and 1", node, edits=edits)


def _made_by(context: RuleContext, gate: FlatNode) -> FlatNode | None:
    """Return the op that makes a gate's t, looking through ops that only move, choose or average numbers."""
    made = context.predecessor(gate)
    for _ in range(FARTHEST):
        if made is None or not made.op.keeps_range:
            break
        made = context.predecessor(made)
    return made


def _is_fraction(op: Op) -> bool:
    """Return whether the outputs of an op lie between 0 and 1."""
    least, most = op.output_range
    return least >= 0 and most <= 1


RULE = Rule(
    code="RES010",
    name="gate-without-sigmoid",
    severity=WARNING,
    summary="a gate that does not end in a sigmoid",
    why="A gate mixes: t of the body and 1 - t of the shortcut. With t outside of 0 to 1 it subtracts one of them, and "
    "values grow from layer to layer. The layers of a gate bring their own sigmoid; none is added.",
    hint="End the gate's layers with sigmoid.",
    bad=(
        Example(
            """\
input: [16, 32, 32]
stages:
  - residual:
      merge: {gate: [{conv: {channels: 16, kernel: 1}}]}
      body: [{conv: 16}, relu]
head: [global_avg_pool, {linear: 10}]
""",
            "4:7",
        ),
    ),
    good=(
        """\
input: [16, 32, 32]
stages:
  - residual:
      merge: {gate: [{conv: {channels: 16, kernel: 1, init: {bias: -2}}}, sigmoid]}
      body: [{conv: 16}, relu]
  - residual:
      merge: {gate: [{adaptive_avg_pool: 1}, {conv: {channels: 16, kernel: 1}}, hardsigmoid]}
      body: [{conv: 16}, relu]
  - highway_layer
head: [global_avg_pool, {linear: 10}]
""",
    ),
    references=("https://arxiv.org/abs/1505.00387",),
    applicability="unsafe",
    check=check,
)
