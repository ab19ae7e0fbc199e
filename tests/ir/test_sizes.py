"""Exact sizes against brute force: random chains of arithmetic, evaluated at many n."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archspec.ir.sizes import (
    Condition,
    PeriodTooLong,
    Size,
    at_least,
    divisible,
    equal,
    indicator,
    value,
)

STEPS = st.lists(
    st.tuples(st.sampled_from(["+", "-", "*", "//", "r-", "%", "self+", "self-"]), st.integers(1, 6)), max_size=7
)


def chain(x: Any, steps: list[tuple[str, int]]) -> Any:
    """The same steps on a number or on a free size."""
    start = x
    for sign, number in steps:
        if sign == "+":
            x = x + number
        elif sign == "-":
            x = x - number
        elif sign == "*":
            x = number * x
        elif sign == "//":
            x = x // number
        elif sign == "r-":
            x = number - x
        elif sign == "%":
            x = x % number
        elif sign == "self+":
            x = x + start
        else:
            x = x - start
    return x


@settings(max_examples=400)
@given(STEPS)
def test_one_axis(steps: list[tuple[str, int]]) -> None:
    try:
        dim = chain(Size.free("n"), steps)
    except PeriodTooLong:
        return
    for n in [*range(1, 90), 1000, 4095, 4096]:
        assert value(dim, {"n": n}) == chain(n, steps)


@settings(max_examples=300)
@given(STEPS, STEPS, STEPS, st.integers(-4, 4))
def test_two_axes_multiply(first: Any, second: Any, third: Any, number: int) -> None:
    """Products and sums over different axes, and a difference that undoes a sum."""

    def formula(h: Any, w: Any) -> Any:
        a, b, c = chain(h, first), chain(w, second), chain(h, third)
        return (a * b + c * number) - b * c + (a + b) * (c - number) + number

    try:
        dim = formula(Size.free("h"), Size.free("w"))
    except PeriodTooLong:
        return
    for h in range(1, 14):
        for w in range(1, 14):
            assert value(dim, {"h": h, "w": w}) == formula(h, w)


@settings(max_examples=200)
@given(STEPS, STEPS)
def test_equal_functions_are_equal_values(first: Any, second: Any) -> None:
    """One canonical form: two Sizes are equal exactly where the functions are, however they were computed."""
    try:
        a, b = chain(Size.free("n"), first), chain(Size.free("n"), second)
    except PeriodTooLong:
        return
    period = getattr(a, "period", 1) * getattr(b, "period", 1)
    same = all(value(a, {"n": n}) == value(b, {"n": n}) for n in range(1, 2 * min(period, 5000) + 2))
    assert (a == b) == same
    assert (equal(a, b) is True) == same


def test_sums_and_products_cancel() -> None:
    h, w = Size.free("h"), Size.free("w")
    assert h + w - h == w
    assert w + h == h + w
    assert h * w + 1 - w * h == 1
    assert (h * w - h * w) == 0
    assert 3 + h * w == w * h + 3


@settings(max_examples=200)
@given(STEPS, STEPS, st.integers(1, 9))
def test_conditions_hold_where_they_should(first: Any, second: Any, divisor: int) -> None:
    try:
        a, b = chain(Size.free("n"), first), chain(Size.free("n"), second)
    except PeriodTooLong:
        return
    found = (equal(a, b), at_least(a, b), divisible(a, divisor))
    for n in range(1, 60):
        x, y = chain(n, first), chain(n, second)
        message = tuple(c.holds({"n": n}) if isinstance(c, Condition) else c for c in found)
        assert message == (x == y, x >= y, x % divisor == 0)


@settings(max_examples=200)
@given(st.integers(1, 5), st.integers(0, 7), st.integers(1, 7), st.integers(-9, 9))
def test_indicator_of_sizes_that_grow_alike(stride: int, padding: int, kernel: int, offset: int) -> None:
    n = Size.free("n")
    windows = (n + padding) // stride + kernel
    dim = indicator(windows * stride, n + offset)
    for size in range(1, 60):
        assert value(dim, {"n": size}) == (((size + padding) // stride + kernel) * stride >= size + offset)


def test_indicator_gives_up_where_it_cannot_be_exact() -> None:
    with pytest.raises(PeriodTooLong):
        indicator(2 * Size.free("n"), 7)


def test_a_period_too_long_is_refused_at_once() -> None:
    size: Any = Size.free("n")
    size = (size + 1) // 251
    size = (size + 1) // 257
    with pytest.raises(PeriodTooLong):
        size // 263
