"""RES009: a residual with an empty body."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.linter.residuals import find_residuals
from archspec.linter.rule import WARNING, Example, Finding, Rule
from archspec.linter.rule_context import RuleContext

MEANS = {
    "add": "y = x + x",
    "multiply": "y = x * x",
    "concat": "x beside itself",
    "gate": "y = x, at every value of the gate",
}


def check(context: RuleContext) -> Iterator[Finding]:
    """Yield residuals whose body and shortcut are the same value."""
    for residual in find_residuals(context):
        if residual.body == residual.shortcut and context.flat.types[residual.body].known:
            kind = residual.merge.kind
            yield Finding(f"the body of this residual has no layers: {MEANS[kind]}", residual.merge)


RULE = Rule(
    code="RES009",
    name="empty-residual-body",
    severity=WARNING,
    summary="a residual with an empty body",
    why="Without a layer in the body the merge meets the input with itself: an add doubles it at every repeat, "
    "and nothing is learned. Often a `when` has removed all of the body.",
    hint="Write the body's layers, or put the `when` on the whole residual.",
    bad=(
        Example(
            """\
input: [16, 32, 32]
params: {deep: false}
stages:
  - residual:
      body:
        - conv: {channels: 16, when: deep}
head: [global_avg_pool, {linear: 10}]
""",
            "5:7",
        ),
    ),
    good=(
        """\
input: [16, 32, 32]
params: {deep: false}
stages:
  - residual:
      body: [{conv: 16}]
  - residual:
      when: deep
      body: [{conv: 16}]
head: [global_avg_pool, {linear: 10}]
""",
        """\
input: [16, 32, 32]
stages:
  - residual: {body: [{drop_path: 0.1}], shortcut: none}
  - residual: {body: [{scale: 0.5}]}
head: [global_avg_pool, {linear: 10}]
""",
    ),
    check=check,
)
