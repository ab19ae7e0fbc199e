"""Step functions of a position, f(p + period) = f(p) + growth, kept exactly as one period of values.

The position at which an op reads is such a function of the position that it writes: a convolution's first position is
`p · stride - padding`, an upsampling's `floor(p / factor)`. They are closed under composition, minimum and maximum
(of one slope), which is all that receptive fields need.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import gcd, lcm

from msgspec import Struct

LONGEST_PERIOD = 1024


class StepFunctionTooLong(Exception):
    """The exact function would need a table longer than LONGEST_PERIOD."""


class StepFunction(Struct, frozen=True):
    """f(p) = table[p % period] + growth * (p // period), where period is len(table); f is monotonic."""

    growth: int
    table: tuple[int, ...]

    def at(self, position: int) -> int:
        """Return the value at a position, which may be negative (inside the padding)."""
        turns, rest = divmod(position, len(self.table))
        return self.table[rest] + self.growth * turns

    @property
    def slope(self) -> Fraction:
        """The mean growth per position."""
        return Fraction(self.growth, len(self.table))

    def after(self, first: StepFunction) -> StepFunction:
        """Return the composition f(first(p))."""
        if len(self.table) == 1 and len(first.table) == 1:  # nearly always
            return StepFunction(self.growth * first.growth, (self.table[0] + self.growth * first.table[0],))
        # The composition repeats once `first` has grown by a multiple of this function's period.
        turns = len(self.table) // gcd(first.growth, len(self.table))
        period = len(first.table) * turns
        growth = self.growth * (first.growth * turns // len(self.table))
        return StepFunction(growth, _table(period, lambda p: self.at(first.at(p))))

    def plus(self, number: int) -> StepFunction:
        """Return f(p) + number."""
        return StepFunction(self.growth, tuple([value + number for value in self.table]))

    def least(self, other: StepFunction) -> StepFunction:
        """Return the minimum of two functions of one slope at every position."""
        return self._joined(other, -1)

    def greatest(self, other: StepFunction) -> StepFunction:
        """Return the maximum of two functions of one slope at every position."""
        return self._joined(other, 1)

    def _joined(self, other: StepFunction, sign: int) -> StepFunction:
        period = lcm(len(self.table), len(other.table))
        growth = self.growth * (period // len(self.table))
        return StepFunction(growth, _table(period, lambda p: sign * max(sign * self.at(p), sign * other.at(p))))


def _table(period: int, function: Callable[[int], int]) -> tuple[int, ...]:
    if period > LONGEST_PERIOD:
        raise StepFunctionTooLong(period)
    return tuple([function(p) for p in range(period)])


def line(slope: int, start: int = 0) -> StepFunction:
    """Return p · slope + start."""
    return StepFunction(slope, (start,))


def floor_of(numerator: int, offset: int, denominator: int) -> StepFunction:
    """Return floor((p · numerator + offset) / denominator)."""
    period = denominator // gcd(numerator, denominator)
    return StepFunction(
        numerator * period // denominator, _table(period, lambda p: (p * numerator + offset) // denominator)
    )


def ceil_of(numerator: int, offset: int, denominator: int) -> StepFunction:
    """Return ceil((p · numerator + offset) / denominator)."""
    return floor_of(numerator, offset + denominator - 1, denominator)


IDENTITY = line(1)
