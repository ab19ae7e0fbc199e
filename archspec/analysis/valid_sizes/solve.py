"""Solve the size constraints of a Graph: `archspec.valid_sizes`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache, reduce
from operator import or_

from msgspec.structs import replace

from archspec.analysis.valid_sizes.body_constraints import collect_body_constraints
from archspec.analysis.valid_sizes.conditions import solve_condition, variables
from archspec.analysis.valid_sizes.constraints import (
    SizeConstraints,
    collect_exact_constraints,
    free_axes,
    with_sizes,
)
from archspec.analysis.valid_sizes.linked_axes import group_by_variables, is_implied, solve_linked
from archspec.analysis.valid_sizes.report import ValidSizes
from archspec.analysis.valid_sizes.size_set import ALL, NONE, SizeSet, from_sizes
from archspec.ir.graph import Graph
from archspec.ir.sizes import Condition, Dim, PeriodTooLong, Polynomial

MOST_TRIED, LEAST_TRIED, TRIED_STEPS = 1024, 64, 100_000


def valid_sizes(graph: Graph, *, pinned: bool = True) -> ValidSizes:
    """Return all sizes of the inputs' free axes (height, width, depth, length) with which a network works.

    pinned: include what a built module fixes, such as the input of a linear layer; without it the result has the sizes
    that the spec could declare instead. A tensor added by silent broadcasting counts as a failure.
    """
    exact = exact_sizes(graph, pinned=pinned)
    return try_sizes(graph, pinned=pinned) if exact is None else exact


def exact_sizes(graph: Graph, *, pinned: bool = True) -> ValidSizes | None:
    """Return the sizes that work; None if they can only be found by trying sizes."""
    try:
        found = collect_exact_constraints(graph)
        return None if found is None else solve_constraints(found, pinned)
    except PeriodTooLong:
        return None


def solve_constraints(found: SizeConstraints, pinned: bool = True) -> ValidSizes:
    """Return the sizes that meet all constraints; raises PeriodTooLong."""
    names = dict.fromkeys(axis.variable for axis in found.axes)
    conditions = [*found.body.required, *(found.body.pins if pinned else ())]
    single, linking = _split_by_variables(conditions)
    sets = {name: _intersect(tuple(single.get(name, ())), ALL) for name in names}
    lossless_conditions, _ = _split_by_variables(list(found.body.lossless))
    linked = []
    for group in group_by_variables(c for c in linking if not is_implied(c, sets)):
        links = solve_linked(group, sets)
        if links.boxes is not None:
            for place, name in enumerate(links.variables):
                # A linked axis can have the sizes of any box: those that work with some size of the others.
                sets[name] = reduce(or_, (box[place] for box in links.boxes), NONE)
        if links.boxes is None or len(links.boxes) > 1:  # a single box is the product of the axes' own sets
            linked.append(links)
    lossless = {name: _intersect(tuple(lossless_conditions.get(name, ())), sets[name]) for name in names}
    axes = (replace(axis, sizes=sets[axis.variable], lossless=lossless[axis.variable]) for axis in found.axes)
    return ValidSizes(tuple(axes), tuple(linked))


def _split_by_variables(conditions: list[Condition]) -> tuple[dict[str, list[Condition]], list[Condition]]:
    """Return the conditions on one axis, by its variable, and those that link several."""
    single: dict[str, list[Condition]] = {}
    linking = []
    for condition in conditions:
        names = variables(condition.left) | variables(condition.right)
        if (
            len(names) == 1
            and not isinstance(condition.left, Polynomial)
            and not isinstance(condition.right, Polynomial)
        ):
            single.setdefault(next(iter(names)), []).append(condition)
        else:
            linking.append(condition)
    return single, linking


@lru_cache(maxsize=64)
def _intersect(conditions: tuple[Condition, ...], within: SizeSet) -> SizeSet:
    """Return the sizes of a set that meet all conditions on one axis."""
    sets = dict.fromkeys(solve_condition(condition) for condition in conditions)
    found = within
    # Short periods first: the period of an intersection is the least common multiple.
    for one in sorted(sets, key=lambda s: s.period):
        found = found & one
    return found


def try_sizes(graph: Graph, *, pinned: bool = True) -> ValidSizes:
    """Try each size up to a bound, the other axes as declared; the declared size works in any case."""
    axes = free_axes(graph)
    steps = sum(1 for _ in graph.walk())
    # The bound keeps the number of steps that are run about constant, however deep the network is.
    most = max(LEAST_TRIED, min(MOST_TRIED, TRIED_STEPS // max(1, steps)))
    found = []
    for axis in axes:
        works = {n for n in range(1, most + 1) if _runs(graph, {(axis.input, axis.index): n}, pinned)}
        # Lowering has succeeded with the declared size, which may be beyond the bound.
        sizes = from_sizes(sorted(works | {axis.declared}))
        found.append(replace(axis, sizes=sizes, lossless=sizes))
    return ValidSizes(tuple(found), (), most)


def _runs(graph: Graph, sizes: Mapping[tuple[str, int], Dim], pinned: bool) -> bool:
    found = collect_body_constraints(graph, with_sizes(graph, sizes))
    return not found.impossible and not (pinned and found.mismatched)
