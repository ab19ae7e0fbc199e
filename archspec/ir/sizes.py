"""Exact arithmetic on sizes: a dimension is an int, or a function of an input axis that is not yet fixed.

A shape rule is written once, with `+ - * //` and the helpers below, and works on ints and on `Size` alike: run on
free axes it gives each output size as a function of the input's, and the conditions under which the rule holds.

What is kept. Convolution and pooling compute `floor((n + a) / s)`, upsampling multiplies. Every function f of one axis
n that is built so is linear but for a repeating pattern: there are a `period` and a `growth` with

    f(n + period) = f(n) + growth    for every integer n,

so that the values f(0) ... f(period - 1) represent it without loss. The input itself is period 1, growth 1, table (0,).
Two such functions are equal exactly if their shortest representations are, which `_reduced` finds; `==` is then a
comparison of fields, and `f - g` collapses to an int where they differ by a constant.

Why it is closed. Over the least common multiple of the periods, a sum has the sum of the growths; a product with an int
scales both. For `f // d` let the period grow by d / gcd(growth, d): the growth over that longer period is a multiple of
d, and floor((v + k d) / d) = floor(v / d) + k, so that the quotient repeats with growth / d. `f % d` is f - (f // d) d.

Where it gives up. A product of functions of the same or of different axes (h·w after `to_tokens`) is quadratic: it is
kept as a `Polynomial`, a sum of products, for which only + - and * are defined. What would need a longer table than
LARGEST_PERIOD (many strides that share no factor), or the floor of a Polynomial, raises PeriodTooLong; the caller then
reports its answer as inexact instead of guessing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import gcd, lcm

from msgspec import Struct

LARGEST_PERIOD = 1 << 16


class PeriodTooLong(Exception):
    """The exact representation would need a table longer than LARGEST_PERIOD."""


class Size(Struct, frozen=True):
    """f(n) = table[n % period] + growth * (n // period) for one input axis `variable`; period is len(table)."""

    variable: str
    growth: int
    table: tuple[int, ...]

    @staticmethod
    def free(variable: str) -> Size:
        """Return the axis itself: f(n) = n."""
        return Size(variable, 1, (0,))

    @property
    def period(self) -> int:
        return len(self.table)

    def at(self, n: int) -> int:
        """Return the value for one size n of the axis."""
        turns, rest = divmod(n, self.period)
        return self.table[rest] + self.growth * turns

    def stretched(self, period: int) -> Size:
        """Return the same function written over a multiple of its period."""
        if period == self.period:
            return self
        turns = period // self.period
        if turns * self.period != period:
            raise ValueError(f"{period} is not a multiple of {self.period}")
        # Before the table is made: its size is the cost.
        if period > LARGEST_PERIOD:
            raise PeriodTooLong(period)
        return Size(self.variable, self.growth * turns, tuple(self.at(n) for n in range(period)))

    def _with(self, other: Size, combine: Callable[[int, int], int], growth: Callable[[int, int], int]) -> Size:
        period = lcm(self.period, other.period)
        left, right = self.stretched(period), other.stretched(period)
        table = tuple(combine(a, b) for a, b in zip(left.table, right.table, strict=True))
        return _reduced(Size(self.variable, growth(left.growth, right.growth), table))

    def __add__(self, other: Dim) -> Dim:
        if isinstance(other, int):
            return Size(self.variable, self.growth, tuple([v + other for v in self.table])) if other else self
        if isinstance(other, Size) and other.variable == self.variable:
            return _collapsed(self._with(other, lambda a, b: a + b, lambda a, b: a + b))
        return _sum(self, other)

    def __radd__(self, other: int) -> Dim:
        return self + other

    def __neg__(self) -> Size:
        return Size(self.variable, -self.growth, tuple(-v for v in self.table))

    def __sub__(self, other: Dim) -> Dim:
        return self + (-other)

    def __rsub__(self, other: int) -> Dim:
        return (-self) + other

    def __mul__(self, other: Dim) -> Dim:
        if isinstance(other, int):
            return _collapsed(Size(self.variable, self.growth * other, tuple(v * other for v in self.table)))
        return _product(self, other)

    def __rmul__(self, other: int) -> Dim:
        return self * other

    def __floordiv__(self, divisor: int) -> Dim:
        if divisor == 1:
            return self
        # Over `turns` periods the growth is a multiple of the divisor, so that the floors repeat from there on.
        turns = divisor // gcd(self.growth, divisor)
        wide = self.stretched(self.period * turns)
        table = tuple(v // divisor for v in wide.table)
        return _collapsed(_reduced(Size(self.variable, wide.growth // divisor, table)))

    def __mod__(self, divisor: int) -> Dim:
        return self - (self // divisor) * divisor

    def __str__(self) -> str:
        """Return `2·h+1`; a function with a pattern is shown by its slope alone: `h·1/2~`."""
        if self.period == 1:
            start = self.table[0]
            factor = "" if self.growth == 1 else f"{self.growth}·"
            return f"{factor}{self.variable}" + (f"{start:+d}" if start else "")
        return f"{self.variable}·{self.growth}/{self.period}~"


class Polynomial(Struct, frozen=True):
    """A sum of products of Sizes (h·w after `to_tokens`, plus a class token).

    Terms are sorted and, where they are one Size, added up by axis, so that equal sums that arise in the usual ways are
    equal values. Products are not multiplied out: two different forms of one polynomial may compare as different, which
    makes a check report a condition that always holds, and never hides one that does not.
    """

    terms: tuple[tuple[Size, ...], ...]
    constant: int = 0

    def __add__(self, other: Dim) -> Dim:
        return _sum(self, other)

    def __radd__(self, other: int) -> Dim:
        return _sum(self, other)

    def __neg__(self) -> Dim:
        return self * -1

    def __sub__(self, other: Dim) -> Dim:
        return self + (-other)

    def __rsub__(self, other: int) -> Dim:
        return (-self) + other

    def __mul__(self, other: Dim) -> Dim:
        return _product(self, other)

    def __rmul__(self, other: int) -> Dim:
        return _product(self, other)

    def __floordiv__(self, divisor: int) -> Dim:
        if divisor == 1:
            return self
        raise PeriodTooLong(divisor)

    def __mod__(self, divisor: int) -> Dim:
        if divisor == 1:
            return 0
        raise PeriodTooLong(divisor)

    def __str__(self) -> str:
        text = " + ".join("·".join(f"({s})" if s.table[0] else str(s) for s in term) for term in self.terms)
        return text + (f" + {self.constant}" if self.constant else "")


Dim = int | Size | Polynomial


def _reduced(size: Size) -> Size:
    """Return the same function over its shortest period, which is what makes equal functions equal values."""
    for period in range(1, size.period):
        turns, rest = divmod(size.period, period)
        # A shorter period must divide this one and the growth, or f(n + period) = f(n) + growth fails for it.
        if rest or size.growth % turns:
            continue
        short = Size(size.variable, size.growth // turns, size.table[:period])
        if all(short.at(n) == v for n, v in enumerate(size.table)):
            return short
    return size


def _collapsed(size: Size) -> Dim:
    """Return an int where the function is constant."""
    if size.growth == 0 and len(set(size.table)) == 1:
        return size.table[0]
    return size


def _polynomial(dim: Dim) -> Polynomial:
    if isinstance(dim, Polynomial):
        return dim
    return Polynomial((), dim) if isinstance(dim, int) else Polynomial(((dim,),))


def _sum(left: Dim, right: Dim) -> Dim:
    """Add two dimensions as polynomials; the sum is as simple as it can be: an int, a Size, else a Polynomial."""
    a, b = _polynomial(left), _polynomial(right)
    constant = a.constant + b.constant
    # Sizes of one axis add up to one Size; products of several are kept side by side.
    alone: dict[str, Dim] = {}
    products: list[tuple[Size, ...]] = []
    for term in a.terms + b.terms:
        # A product meets its own negative where a size is subtracted from itself: both go.
        negative = tuple(sorted((-term[0], *term[1:]), key=repr))
        if len(term) == 1:
            before = alone.get(term[0].variable, 0)
            assert not isinstance(before, Polynomial)
            alone[term[0].variable] = before + term[0]
        elif negative in products:
            products.remove(negative)
        else:
            products.append(tuple(sorted(term, key=repr)))
    for size in alone.values():
        if isinstance(size, int):
            constant += size
        else:
            assert isinstance(size, Size)
            products.append((size,))
    if not products:
        return constant
    if constant == 0 and len(products) == len(products[0]) == 1:
        return products[0][0]
    return Polynomial(tuple(sorted(products, key=repr)), constant)


def _product(left: Dim, right: Dim) -> Dim:
    """Multiply two dimensions as polynomials, term by term; an int factor goes into the first Size of a term."""
    a, b = _polynomial(left), _polynomial(right)
    total: Dim = a.constant * b.constant
    pieces = [(t, b.constant) for t in a.terms] + [(t, a.constant) for t in b.terms]
    for term, factor in pieces:
        if factor:
            first = term[0] * factor
            assert isinstance(first, Size)
            total = _sum(total, Polynomial(((first, *term[1:]),)))
    for s in a.terms:
        for t in b.terms:
            total = _sum(total, Polynomial((tuple(sorted(s + t, key=repr)),)))
    return total


def value(dim: Dim, sizes: Mapping[str, int]) -> int:
    """Return the number that a dimension is once every axis has its size."""
    if isinstance(dim, int):
        return dim
    if isinstance(dim, Size):
        return dim.at(sizes[dim.variable])
    total = dim.constant
    for term in dim.terms:
        part = 1
        for factor in term:
            part *= factor.at(sizes[factor.variable])
        total += part
    return total


class Condition(Struct, frozen=True):
    """A requirement between sizes that are not yet fixed: `left relation right`."""

    relation: str  # "==", ">=" or "divisible by"
    left: Dim
    right: Dim

    def holds(self, sizes: Mapping[str, int]) -> bool:
        """Return whether the condition holds once every axis has its size."""
        a, b = value(self.left, sizes), value(self.right, sizes)
        if self.relation == "==":
            return a == b
        return a >= b if self.relation == ">=" else a % b == 0


def equal(left: Dim, right: Dim) -> bool | Condition:
    """Return whether left == right, or the Condition where that depends on a size."""
    if isinstance(left, int) and isinstance(right, int):
        return left == right
    # Equal functions are equal values, so that what always holds is no condition.
    return True if left == right else Condition("==", left, right)


def at_least(left: Dim, right: Dim) -> bool | Condition:
    """Return whether left >= right, or the Condition where that depends on a size."""
    if isinstance(left, int) and isinstance(right, int):
        return left >= right
    return Condition(">=", left, right)


def divisible(left: Dim, divisor: int) -> bool | Condition:
    """Return whether `divisor` divides `left`, or the Condition where that depends on a size."""
    if isinstance(left, int):
        return left % divisor == 0
    return Condition("divisible by", left, divisor)


def indicator(left: Dim, right: Dim) -> Dim:
    """Return 1 where left >= right, else 0: PyTorch's rule for the last window of a pooling with `ceil`.

    Exact for ints and where both sides grow alike, so that their difference repeats; else raises PeriodTooLong.
    """
    if isinstance(left, int) and isinstance(right, int):
        return int(left >= right)
    difference = left - right
    if isinstance(difference, int):
        return int(difference >= 0)
    # Of sides that grow apart the comparison changes at some size and then stays: it is not periodic.
    if isinstance(difference, Size) and difference.growth == 0:
        return _collapsed(_reduced(Size(difference.variable, 0, tuple(int(v >= 0) for v in difference.table))))
    raise PeriodTooLong(0)


def cyclic(dim: Dim, values: tuple[int, ...]) -> Dim:
    """Return values[dim % len(values)]: what depends on how far a size is from a multiple of a stride."""
    rest = dim % len(values)
    if isinstance(rest, int):
        return values[rest]
    if isinstance(rest, Polynomial):
        raise PeriodTooLong(len(values))
    # A remainder does not grow, so that its table holds all that it can be.
    return _collapsed(_reduced(Size(rest.variable, 0, tuple(values[v] for v in rest.table))))
