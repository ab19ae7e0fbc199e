"""Solve a condition on one axis: on each residue class of the period a linear function crosses zero once, or never."""

from __future__ import annotations

from functools import lru_cache
from math import gcd

from archspec.analysis.valid_sizes.size_set import ALL, EVERY, LONGEST, NONE, Intervals, SizeSet, from_classes
from archspec.ir.sizes import Condition, Dim, PeriodTooLong, Polynomial, Size


def variables(dim: Dim) -> frozenset[str]:
    """Return the axes that a dimension depends on."""
    if isinstance(dim, int):
        return frozenset()
    if isinstance(dim, Size):
        return frozenset((dim.variable,))
    return frozenset(factor.variable for term in dim.terms for factor in term)


@lru_cache(maxsize=512)
def solve_condition(condition: Condition) -> SizeSet:
    """Return the sizes that meet a condition on a single axis, whose sides are ints or Sizes."""
    if condition.relation == "divisible by":
        assert isinstance(condition.right, int)
        return _solve_divisible(condition.left, condition.right)
    difference = condition.left - condition.right
    assert not isinstance(difference, Polynomial)
    if isinstance(difference, int):
        met = difference == 0 if condition.relation == "==" else difference >= 0
        return ALL if met else NONE
    # A set of sizes has as many classes as the period.
    if difference.period > LONGEST:
        raise PeriodTooLong(difference.period)
    solve = _solve_zero if condition.relation == "==" else _solve_non_negative
    period, growth = difference.period, difference.growth
    return from_classes(solve(r, start, growth, period) for r, start in enumerate(difference.table))


def _solve_divisible(dim: Dim, divisor: int) -> SizeSet:
    assert not isinstance(dim, Polynomial)
    if isinstance(dim, int):
        return NONE if dim % divisor else ALL
    # Modulo the divisor the function repeats once the accumulated growth is a multiple of it.
    period = dim.period * (divisor // gcd(dim.growth, divisor))
    if period > LONGEST:
        raise PeriodTooLong(period)
    return from_classes(() if dim.at(n) % divisor else EVERY for n in range(period))


def _solve_zero(residue: int, start: int, growth: int, period: int) -> Intervals:
    """Return the sizes residue + period * t at which start + growth * t is 0."""
    if growth == 0:
        return () if start else EVERY
    turns, rest = divmod(-start, growth)
    size = residue + period * turns
    return () if rest or turns < 0 else ((size, size),)


def _solve_non_negative(residue: int, start: int, growth: int, period: int) -> Intervals:
    """Return the sizes residue + period * t at which start + growth * t is at least 0."""
    if growth == 0:
        return () if start < 0 else EVERY
    if growth > 0:
        return ((residue + period * max(0, -(start // growth)), None),)
    turns = start // -growth
    return () if turns < 0 else ((1, residue + period * turns),)
