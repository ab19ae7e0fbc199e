"""Which sizes of one axis meet a condition: each residue of the period is a line that meets zero once, or never."""

from __future__ import annotations

from functools import lru_cache
from math import gcd

from archspec.analysis.input_sizes.size_set import ALL, EVERY, LONGEST, NONE, SizeSet, Stretches, made
from archspec.ir.sizes import Condition, Dim, PeriodTooLong, Polynomial, Size


def variables(dim: Dim) -> frozenset[str]:
    """The axes that a dimension depends on."""
    if isinstance(dim, int):
        return frozenset()
    if isinstance(dim, Size):
        return frozenset((dim.variable,))
    return frozenset(factor.variable for term in dim.terms for factor in term)


@lru_cache(maxsize=512)
def sizes_that_meet(condition: Condition) -> SizeSet:
    """The sizes that meet a condition on a single axis, whose sides are ints or Sizes."""
    if condition.relation == "divisible by":
        assert isinstance(condition.right, int)
        return _divisible(condition.left, condition.right)
    difference = condition.left - condition.right
    assert not isinstance(difference, Polynomial)
    if isinstance(difference, int):
        met = difference == 0 if condition.relation == "==" else difference >= 0
        return ALL if met else NONE
    if difference.period > LONGEST:
        raise PeriodTooLong(difference.period)
    solve = _zero if condition.relation == "==" else _not_negative
    period, growth = difference.period, difference.growth
    return made(solve(r, start, growth, period) for r, start in enumerate(difference.table))


def _divisible(dim: Dim, divisor: int) -> SizeSet:
    assert not isinstance(dim, Polynomial)
    if isinstance(dim, int):
        return NONE if dim % divisor else ALL
    period = dim.period * (divisor // gcd(dim.growth, divisor))
    if period > LONGEST:
        raise PeriodTooLong(period)
    return made(() if dim.at(n) % divisor else EVERY for n in range(period))


def _zero(residue: int, start: int, growth: int, period: int) -> Stretches:
    """Where start + growth * t is 0, for the sizes residue + period * t."""
    if growth == 0:
        return () if start else EVERY
    turns, rest = divmod(-start, growth)
    size = residue + period * turns
    return () if rest or turns < 0 else ((size, size),)


def _not_negative(residue: int, start: int, growth: int, period: int) -> Stretches:
    """Where start + growth * t is at least 0, for the sizes residue + period * t."""
    if growth == 0:
        return () if start < 0 else EVERY
    if growth > 0:
        return ((residue + period * max(0, -(start // growth)), None),)
    turns = start // -growth
    return () if turns < 0 else ((1, residue + period * turns),)
