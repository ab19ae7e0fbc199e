"""Solve conditions that link several axes (height times width after a flatten): the combinations that work, as boxes.

A sum of products of non-decreasing functions that must equal a number bounds each axis: with all others at their least,
its own part cannot exceed the number. So one axis has finitely many candidates, which are enumerated; sizes at which
all of its functions have equal values are taken together. With the axis fixed, the conditions have one variable fewer,
and the rest is solved in the same way. Conditions that cannot be solved so are kept and still decide any combination.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import lcm

from archspec.analysis.valid_sizes.conditions import solve_condition, variables
from archspec.analysis.valid_sizes.model import LinkedAxes
from archspec.analysis.valid_sizes.size_set import LONGEST, NONE, SizeSet, from_classes, from_sizes
from archspec.ir.sizes import Condition, Dim, PeriodTooLong, Polynomial, Size

MOST_VALUES = 1024  # of one axis that are enumerated
MOST_MEMBERS = 1 << 16  # of a set of candidates
Sets = dict[str, SizeSet]


def solve_linked(conditions: Iterable[Condition], sets: Sets) -> LinkedAxes:
    """Solve the conditions that link some variables, if possible."""
    linked = tuple(conditions)
    names = tuple(sorted({name for c in linked for name in variables(c.left) | variables(c.right)}))
    try:
        found = _solve_boxes(linked, {name: sets[name] for name in names})
    except PeriodTooLong:
        found = None
    boxes = None if found is None else tuple(tuple(box[name] for name in names) for box in found)
    return LinkedAxes(names, linked, boxes)


def group_by_variables(conditions: Iterable[Condition]) -> list[list[Condition]]:
    """Return the conditions in groups that share no variable: connected components, few and on the path of lint."""
    found: list[tuple[set[str], list[Condition]]] = []
    for condition in conditions:
        names = set(variables(condition.left) | variables(condition.right))
        linked = [condition]
        unrelated = []
        for group in found:
            if group[0] & names:
                names |= group[0]
                linked = group[1] + linked
            else:
                unrelated.append(group)
        found = [*unrelated, (names, linked)]
    return [linked for _, linked in found]


def is_implied(condition: Condition, sets: Sets) -> bool:
    """Return whether a condition `left >= right` holds for all sizes of the sets."""
    if condition.relation != ">=":
        return False
    least = _lower_bound(condition.left - condition.right, sets, "")
    return isinstance(least, int) and least >= 0


def _solve_boxes(conditions: tuple[Condition, ...], sets: Sets) -> list[Sets] | None:
    """Return the boxes of sizes that meet the conditions; None if they cannot be enumerated."""
    sets = dict(sets)
    remaining = []
    for condition in conditions:
        names = variables(condition.left) | variables(condition.right)
        if not names:
            if not condition.holds({}):
                return []
        elif len(names) == 1 and not isinstance(condition.left, Polynomial):
            (name,) = names
            sets[name] = sets[name] & solve_condition(condition)
        else:
            remaining.append(condition)
    if any(found == NONE for found in sets.values()):
        return []
    # What always holds need not be enumerated, however many axes it links.
    remaining = [condition for condition in remaining if not is_implied(condition, sets)]
    if not remaining:
        return [sets]
    linked = sorted({name for c in remaining for name in variables(c.left) | variables(c.right)})
    # The first axis with few candidates is enumerated; the recursion does the same for what is left.
    for name in linked:
        members = _candidates(name, remaining, sets)
        if members is not None:
            return _enumerate(name, members, tuple(remaining), sets)
    return None


def _candidates(name: str, conditions: list[Condition], sets: Sets) -> SizeSet | None:
    """Return the sizes that an axis can have at most; None if they are too many."""
    found = sets[name]
    for condition in conditions:
        # Only an equation bounds an axis from above.
        if condition.relation != "==":
            continue
        least = _lower_bound(condition.left - condition.right, sets, name)
        if isinstance(least, (int, Size)):
            found = found & solve_condition(Condition(">=", 0, least))
    return found if found.finite and found.count() <= MOST_MEMBERS else None


def _enumerate(name: str, members: SizeSet, conditions: tuple[Condition, ...], sets: Sets) -> list[Sets] | None:
    """Return the boxes for each size that an axis can have; sizes with equal function values are taken together."""
    factors = sorted({f for c in conditions for side in (c.left, c.right) for f in _factors(side, name)}, key=repr)
    equivalent: dict[tuple[int, ...], list[int]] = {}
    for run in members.runs():
        assert run.last is not None
        for size in range(run.first, run.last + 1):
            if size % run.period in run.residues and all(_may_divide(c, name, size) for c in conditions):
                equivalent.setdefault(tuple(f.at(size) for f in factors), []).append(size)
    # Each distinct combination of values is one recursive call.
    if len(equivalent) > MOST_VALUES:
        return None
    boxes: list[Sets] = []
    for same in equivalent.values():
        fixed = tuple(_substitute(condition, name, same[0]) for condition in conditions)
        rest = _solve_boxes(fixed, {other: found for other, found in sets.items() if other != name})
        if rest is None:
            return None
        boxes.extend({name: from_sizes(sorted(same)), **box} for box in rest)
    return boxes


def _may_divide(condition: Condition, name: str, size: int) -> bool:
    """Return whether a size can be part of a product that must equal a number: its factor must divide that number."""
    product, number = condition.left, condition.right
    if condition.relation != "==" or not isinstance(product, Polynomial) or not isinstance(number, int):
        return True
    # A product of 0 has every divisor, and a sum of products need not be divisible by a factor of one.
    if len(product.terms) != 1 or number == product.constant:
        return True
    part = 1
    for factor in product.terms[0]:
        part *= factor.at(size) if factor.variable == name else 1
    return part != 0 and (number - product.constant) % part == 0


def _factors(dim: Dim, name: str) -> list[Size]:
    if isinstance(dim, Size):
        return [dim] if dim.variable == name else []
    terms = dim.terms if isinstance(dim, Polynomial) else ()
    return [factor for term in terms for factor in term if factor.variable == name]


def _substitute(condition: Condition, name: str, size: int) -> Condition:
    """Return a condition with an axis fixed to a size."""
    left, right = _fix(condition.left, name, size), _fix(condition.right, name, size)
    return Condition(condition.relation, left, right)


def _fix(dim: Dim, name: str, size: int) -> Dim:
    if isinstance(dim, Size):
        return dim.at(size) if dim.variable == name else dim
    if isinstance(dim, int):
        return dim
    total: Dim = dim.constant
    for term in dim.terms:
        product: Dim = 1
        for factor in term:
            product = product * _fix(factor, name, size)
        total = total + product
    return total


def _lower_bound(dim: Dim, sets: Sets, kept: str) -> Dim | None:
    """Return a lower bound of a sum of products, one axis kept variable; None if a factor could be negative."""
    if isinstance(dim, int):
        return dim
    if isinstance(dim, Size):
        return dim if dim.variable == kept else _minimum(dim, sets[dim.variable])
    total: Dim = dim.constant
    for term in dim.terms:
        product: Dim = 1
        for factor in term:
            least = _minimum(factor, sets[factor.variable])
            if least is None or least < 0:
                return None
            product = product * (factor if factor.variable == kept else least)
        total = total + product
    return total


def _minimum(size: Size, over: SizeSet) -> int | None:
    """Return the least value of a non-decreasing function over a set; None for a decreasing function."""
    if size.growth < 0:
        return None
    period = lcm(size.period, over.period)
    if period > LONGEST:
        raise PeriodTooLong(period)
    # Over their common period the function is linear on each residue class, so that its first member decides.
    wide = over & from_classes(((1, None),) for _ in range(period))
    found = []
    for residue in range(period):
        for first, last in wide.classes[residue % wide.period]:
            start = first + (residue - first) % period
            if last is None or start <= last:
                found.append(size.at(start))
    return min(found, default=None)
