"""SHP004: a network that no input size fits."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import TYPE_CHECKING

from archspec.diagnostics import Cause
from archspec.linter.rule import ERROR, Example, Finding, Rule
from archspec.linter.rule_context import RuleContext

if TYPE_CHECKING:
    from archspec.analysis.valid_sizes.size_repair import SizeRepair
    from archspec.analysis.valid_sizes.size_set import SizeSet
    from archspec.ir.graph import Node


def check(context: RuleContext) -> Iterator[Finding]:
    """Yield two layers whose requirements on one axis exclude each other."""
    from archspec.linter.written_sizes import find_axis_size

    found = context.size_repair
    if found is None or found.sizes.verdict != "never":
        return
    for axis in found.sizes.axes:
        requirements = _requirements_on(found, axis.variable) if axis.verdict == "never" else []
        clash = _clash(requirements)
        if clash:
            causes = tuple(_cause(node, works, axis.name, context) for works, node in clash)
            span = find_axis_size(context.spec, axis).span
            message = f"no {axis.name} of {axis.input} works: what one layer needs, another rules out"
            yield Finding(message, span, causes=causes, replaces=found.caused)
            return


def _requirements_on(found: SizeRepair, variable: str) -> list[tuple[SizeSet, Node]]:
    """Return the sizes that each condition on one axis alone allows, with the op that requires it."""
    from archspec.analysis.valid_sizes.conditions import solve_condition, variables
    from archspec.ir.sizes import Polynomial

    requirements = []
    for condition, node in found.constraints.body.required.items():
        sides = (condition.left, condition.right)
        names = variables(sides[0]) | variables(sides[1])
        if names == {variable} and not any(isinstance(side, Polynomial) for side in sides):
            requirements.append((solve_condition(condition), node))
    return requirements


def _clash(requirements: list[tuple[SizeSet, Node]]) -> list[tuple[SizeSet, Node]]:
    """Return two requirements without a common size.

    None where one alone allows only single sizes: it has another finding.
    """
    # Such a layer is wrong by itself, and not in its relation to another (docs/decisions/0007-rules.md).
    if any(works.finite for works, _ in requirements):
        return []
    for one, other in combinations(requirements, 2):
        if (one[0] & other[0]).first is None:
            return [one, other]
    return []


def _cause(node: Node, works: SizeSet, name: str, context: RuleContext) -> Cause:
    from archspec.analysis.valid_sizes.describe import phrase

    span = node.origin.span
    return Cause(f"{node.kind} needs the {name} to be {phrase(works, False)}", span)


RULE = Rule(
    code="SHP004",
    name="no-valid-input-size",
    severity=ERROR,
    summary="no input size works",
    why=(
        "Each of these layers has input sizes that fit it, but none fits all of them: one map meets another only at "
        "even sizes, say, and two others meet only at odd ones."
    ),
    hint="Change the padding or the kernel of one of the layers named, or join with `fit`.",
    bad=(
        Example(
            """\
input: [8, 32, 32]
stages:
  - conv: {name: even, channels: 8}
  - max_pool: 2
  - conv_transpose: {name: up1, channels: 8, kernel: 2, stride: 2}
  - add: [even, up1]
  - conv: {name: odd, channels: 8, kernel: 2, padding: 0}
  - max_pool: 2
  - conv_transpose: {name: up2, channels: 8, kernel: 2, stride: 2}
  - add: [odd, up2]
""",
            "1:12",
        ),
    ),
    good=(
        """\
input: [8, 32, 32]
stages:
  - conv: {name: even, channels: 8}
  - max_pool: 2
  - conv_transpose: {name: up1, channels: 8, kernel: 2, stride: 2}
  - add: [even, up1]
  - conv: {name: odd, channels: 8, kernel: 2, padding: 0}
  - max_pool: 2
  - conv_transpose: {name: up2, channels: 8, kernel: 2, stride: 2}
  - fit: {from: {x: up2, like: odd}, name: fitted}
  - add: [odd, fitted]
""",
    ),
    check=check,
)
