"""Numbers that an op has for each spatial axis: one value for all axes or one each, and exact strides."""

from __future__ import annotations

from fractions import Fraction
from functools import cache

from archspec.ir.op import ONE, ShapeError


@cache
def ratio(numerator: int, denominator: int = 1) -> Fraction:
    """Return the Fraction of two ints.

    Cached: there are few strides, every layer needs one, and a Fraction costs a gcd to make. The ratio 1 is always the
    object ONE, so that `is ONE` may replace a comparison.
    """
    return ONE if numerator == denominator else Fraction(numerator, denominator)


def per_axis(value: int | tuple[int, ...], rank: int, name: str) -> tuple[int, ...]:
    """Return one value for each of `rank` axes, from one int or a list of as many; SPC002 for any other length."""
    if isinstance(value, int):
        return (value,) * rank
    if len(value) != rank:
        raise ShapeError("SPC002", f"{name} has {len(value)} values, but the map has {rank} axes", argument=name)
    return value
