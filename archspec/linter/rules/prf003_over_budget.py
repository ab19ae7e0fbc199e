"""PRF003: the budget is exceeded."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.analysis.cost import Cost, Costs
from archspec.diagnostics import Cause
from archspec.language.budget import Quantity
from archspec.linter.rule import WARNING, Example, Finding, Rule
from archspec.linter.rule_context import RuleContext

WORDS = {"params": "parameters", "macs": "multiply-accumulates (batch 1)"}
MOST_NAMED = 3


def check(context: RuleContext) -> Iterator[Finding]:
    """Yield the counts that exceed the budget."""
    budget = context.spec.document.budget
    if budget is None:
        return
    costs = Costs()
    total = costs.of_body(context.graph.body)
    for name in WORDS:
        allowed: Quantity | None = getattr(budget, name)
        count = getattr(total, name)
        if allowed is not None and count > allowed.count:
            over = (count - allowed.count) / allowed.count
            message = f"{count:,} {WORDS[name]}, {over:.1%} above the budget of {allowed.text}"
            yield Finding(message, allowed.span, causes=_largest(context, costs, name))


def _largest(context: RuleContext, costs: Costs, name: str) -> tuple[Cause, ...]:
    """Return the most expensive parts of the network, the largest first, as causes."""
    body = context.graph.body
    parts = [(section, costs.of_steps(body, section.first, section.last)) for section in context.graph.sections]
    parts.sort(key=lambda part: -_of(part[1], name))
    shown = [part for part in parts if _of(part[1], name)][:MOST_NAMED]
    return tuple(Cause(f"{_of(cost, name):,} of them in {section.name}", section.span) for section, cost in shown)


def _of(cost: Cost, name: str) -> int:
    return cost.params if name == "params" else cost.macs


RULE = Rule(
    code="PRF003",
    name="over-budget",
    severity=WARNING,
    summary="the network costs more than its budget",
    why="The spec itself says what the network may cost, and it costs more. Parameters and multiply-accumulates are "
    "counted exactly, as `archspec summarize` prints them, for the base and for every variant.",
    hint="Make the parts smaller that cost most, or raise the budget.",
    bad=(
        Example(
            """\
input: [3, 32, 32]
budget: {params: 10k, macs: 1G}
stages:
  - basic: {repeat: 2, channels: 64}
head: [global_avg_pool, {linear: 10}]
""",
            "2:18",
        ),
        Example(
            """\
input: [3, 64, 64]
budget: {macs: 1M}
params: {width: 16}
stages:
  - conv: width
  - conv: width
head: [global_avg_pool, {linear: 10}]
""",
            "2:16",
        ),
    ),
    good=(
        """\
input: [3, 224, 224]
budget: {params: 25.6M, macs: 4.1G}
stages:
  - conv: {channels: 64, kernel: 7, stride: 2}
  - bottleneck: {repeat: 3, channels: 64, stride: 2}
head: [global_avg_pool, {linear: 1000}]
""",
        """\
input: [8]
budget: {params: 90}
stages:
  - linear: 10
""",
    ),
    check=check,
)
