"""Step functions of a position, f(p + period) = f(p) + growth, kept exactly as one period of values.

Where a layer reads is such a function: a convolution's first position is `p · stride - padding`, an upsampling's
`floor(p / factor)`.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import gcd, lcm

from msgspec import Struct

LONGEST = 128


class TooLong(Exception):
    """The exact function would need a table longer than LONGEST."""


class StepFunction(Struct, frozen=True):
    """f(p) = table[p % period] + growth * (p // period), where period is len(table); f never falls."""

    growth: int
    table: tuple[int, ...]

    def at(self, position: int) -> int:
        """The value at a position, which may lie before 0."""
        turns, rest = divmod(position, len(self.table))
        return self.table[rest] + self.growth * turns

    @property
    def slope(self) -> Fraction:
        """By how much it grows for each position, on the whole."""
        return Fraction(self.growth, len(self.table))

    def after(self, first: StepFunction) -> StepFunction:
        """f(first(p))."""
        if len(self.table) == 1 and len(first.table) == 1:  # nearly always
            return StepFunction(self.growth * first.growth, (self.table[0] + self.growth * first.table[0],))
        turns = len(self.table) // gcd(first.growth, len(self.table))
        period = len(first.table) * turns
        growth = self.growth * (first.growth * turns // len(self.table))
        return StepFunction(growth, _table(period, lambda p: self.at(first.at(p))))

    def plus(self, number: int) -> StepFunction:
        """f(p) + number."""
        return StepFunction(self.growth, tuple([value + number for value in self.table]))

    def least(self, other: StepFunction) -> StepFunction:
        """The smaller of two functions of one slope, at every position."""
        return self._joined(other, -1)

    def greatest(self, other: StepFunction) -> StepFunction:
        """The greater of two functions of one slope, at every position."""
        return self._joined(other, 1)

    def _joined(self, other: StepFunction, sign: int) -> StepFunction:
        period = lcm(len(self.table), len(other.table))
        growth = self.growth * (period // len(self.table))
        return StepFunction(growth, _table(period, lambda p: sign * max(sign * self.at(p), sign * other.at(p))))


def _table(period: int, function: Callable[[int], int]) -> tuple[int, ...]:
    if period > LONGEST:
        raise TooLong(period)
    return tuple([function(p) for p in range(period)])


def line(slope: int, start: int = 0) -> StepFunction:
    """p · slope + start."""
    return StepFunction(slope, (start,))


def floor_of(numerator: int, offset: int, denominator: int) -> StepFunction:
    """floor((p · numerator + offset) / denominator)."""
    period = denominator // gcd(numerator, denominator)
    return StepFunction(
        numerator * period // denominator, _table(period, lambda p: (p * numerator + offset) // denominator)
    )


def ceil_of(numerator: int, offset: int, denominator: int) -> StepFunction:
    """The same, rounded up."""
    return floor_of(numerator, offset + denominator - 1, denominator)


ITSELF = line(1)
