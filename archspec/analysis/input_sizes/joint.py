"""Axes whose sizes hang together (height times width after a flatten): the combinations that work, as boxes.

A sum of products that must equal a number leaves finitely many values to each axis, so they are gone through, equal
values at once. What cannot be solved so keeps its conditions, which still decide of any combination.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import lcm

from msgspec import Struct

from archspec.analysis.input_sizes.size_set import LONGEST, NONE, SizeSet, made, of
from archspec.analysis.input_sizes.solving import sizes_that_meet, variables
from archspec.ir.sizes import Condition, Dim, PeriodTooLong, Polynomial, Size

MOST_VALUES = 1024  # of one axis that are gone through
MOST_MEMBERS = 1 << 16
Sets = dict[str, SizeSet]


class Joint(Struct, frozen=True):
    """Variables that hang together, and the boxes (a set for each variable) that work; None where nobody knows."""

    variables: tuple[str, ...]
    conditions: tuple[Condition, ...]
    boxes: tuple[tuple[SizeSet, ...], ...] | None

    def contains(self, sizes: Mapping[str, int]) -> bool:
        """Whether a size for each variable works, as far as these conditions go."""
        return all(condition.holds(sizes) for condition in self.conditions)


def joint_of(conditions: Iterable[Condition], sets: Sets) -> Joint:
    """The conditions that link some variables, solved where that is possible."""
    linked = tuple(conditions)
    names = tuple(sorted({name for c in linked for name in variables(c.left) | variables(c.right)}))
    try:
        found = _boxes(linked, {name: sets[name] for name in names})
    except PeriodTooLong:
        found = None
    boxes = None if found is None else tuple(tuple(box[name] for name in names) for box in found)
    return Joint(names, linked, boxes)


def groups(conditions: Iterable[Condition]) -> list[list[Condition]]:
    """The conditions in groups that share no variable."""
    found: list[tuple[set[str], list[Condition]]] = []
    for condition in conditions:
        names = set(variables(condition.left) | variables(condition.right))
        linked = [condition]
        apart = []
        for group in found:
            if group[0] & names:
                names |= group[0]
                linked = group[1] + linked
            else:
                apart.append(group)
        found = [*apart, (names, linked)]
    return [linked for _, linked in found]


def implied(condition: Condition, sets: Sets) -> bool:
    """Whether a condition `left >= right` holds for all sizes of the sets."""
    if condition.relation != ">=":
        return False
    least = _least(condition.left - condition.right, sets, "")
    return isinstance(least, int) and least >= 0


def _boxes(conditions: tuple[Condition, ...], sets: Sets) -> list[Sets] | None:
    """The boxes of sizes that meet the conditions; None where they cannot be gone through."""
    sets = dict(sets)
    open_ones = []
    for condition in conditions:
        names = variables(condition.left) | variables(condition.right)
        if not names:
            if not condition.holds({}):
                return []
        elif len(names) == 1 and not isinstance(condition.left, Polynomial):
            (name,) = names
            sets[name] = sets[name] & sizes_that_meet(condition)
        else:
            open_ones.append(condition)
    if any(found == NONE for found in sets.values()):
        return []
    open_ones = [condition for condition in open_ones if not implied(condition, sets)]
    if not open_ones:
        return [sets]
    linked = sorted({name for c in open_ones for name in variables(c.left) | variables(c.right)})
    for name in linked:
        members = _candidates(name, open_ones, sets)
        if members is not None:
            return _gone_through(name, members, tuple(open_ones), sets)
    return None


def _candidates(name: str, conditions: list[Condition], sets: Sets) -> SizeSet | None:
    """The sizes that an axis may have, where they are few."""
    found = sets[name]
    for condition in conditions:
        if condition.relation != "==":
            continue
        least = _least(condition.left - condition.right, sets, name)
        if isinstance(least, (int, Size)):
            found = found & sizes_that_meet(Condition(">=", 0, least))
    return found if found.finite and found.count() <= MOST_MEMBERS else None


def _gone_through(name: str, members: SizeSet, conditions: tuple[Condition, ...], sets: Sets) -> list[Sets] | None:
    """The boxes for each value that an axis may have; sizes of equal effect at once."""
    factors = sorted({f for c in conditions for side in (c.left, c.right) for f in _factors(side, name)}, key=repr)
    alike: dict[tuple[int, ...], list[int]] = {}
    for run in members.runs():
        assert run.last is not None
        for size in range(run.first, run.last + 1):
            if size % run.period in run.residues and all(_may_divide(c, name, size) for c in conditions):
                alike.setdefault(tuple(f.at(size) for f in factors), []).append(size)
    if len(alike) > MOST_VALUES:
        return None
    found: list[Sets] = []
    for same in alike.values():
        fixed = tuple(_with(condition, name, same[0]) for condition in conditions)
        rest = _boxes(fixed, {other: given for other, given in sets.items() if other != name})
        if rest is None:
            return None
        found.extend({name: of(sorted(same)), **box} for box in rest)
    return found


def _may_divide(condition: Condition, name: str, size: int) -> bool:
    """Whether a size may be part of a product that must equal a number: what it gives must divide that number."""
    product, number = condition.left, condition.right
    if condition.relation != "==" or not isinstance(product, Polynomial) or not isinstance(number, int):
        return True
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


def _with(condition: Condition, name: str, size: int) -> Condition:
    """A condition once an axis has its size."""
    left, right = _fixed(condition.left, name, size), _fixed(condition.right, name, size)
    return Condition(condition.relation, left, right)


def _fixed(dim: Dim, name: str, size: int) -> Dim:
    if isinstance(dim, Size):
        return dim.at(size) if dim.variable == name else dim
    if isinstance(dim, int):
        return dim
    total: Dim = dim.constant
    for term in dim.terms:
        product: Dim = 1
        for factor in term:
            product = product * _fixed(factor, name, size)
        total = total + product
    return total


def _least(dim: Dim, sets: Sets, kept: str) -> Dim | None:
    """The least that a sum of products can be, one axis kept as it is; None where a factor could be negative."""
    if isinstance(dim, int):
        return dim
    if isinstance(dim, Size):
        return dim if dim.variable == kept else _least_value(dim, sets[dim.variable])
    total: Dim = dim.constant
    for term in dim.terms:
        product: Dim = 1
        for factor in term:
            least = _least_value(factor, sets[factor.variable])
            if least is None or least < 0:
                return None
            product = product * (factor if factor.variable == kept else least)
        total = total + product
    return total


def _least_value(size: Size, over: SizeSet) -> int | None:
    """The least value of a function that does not fall, over a set; None for one that falls."""
    if size.growth < 0:
        return None
    period = lcm(size.period, over.period)
    if period > LONGEST:
        raise PeriodTooLong(period)
    wide = over & made(((1, None),) for _ in range(period))
    found = []
    for residue in range(period):
        for first, last in wide.classes[residue % wide.period]:
            start = first + (residue - first) % period
            if last is None or start <= last:
                found.append(size.at(start))
    return min(found, default=None)
