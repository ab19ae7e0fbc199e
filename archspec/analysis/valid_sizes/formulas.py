"""Write conditions on several axes as formulas that hold at exactly the same sizes."""

from __future__ import annotations

from math import prod

from archspec.ir.sizes import Condition, Dim, Size

RELATIONS = {"==": "must be", ">=": "must be at least", "divisible by": "must be divisible by"}


def show_condition(condition: Condition) -> str | None:
    """Return a condition, such as `⌊height / 32⌋ · ⌊width / 32⌋ must be 49`; None for one without a short formula."""
    left, right = condition.left, condition.right
    factors = _factors(left)
    # A product of multiples that must equal a number is shorter without what they are multiples of.
    if condition.relation == "==" and isinstance(right, int) and factors is not None:
        common = prod(scale for scale, _ in factors)
        if common and right % common == 0:
            return f"{' · '.join(text for _, text in factors)} must be {right // common}"
    shown = _show(left), _show(right)
    return None if None in shown else f"{shown[0]} {RELATIONS[condition.relation]} {shown[1]}"


def _factors(dim: Dim) -> list[tuple[int, str]] | None:
    """Return the factors of a single product, each as a number times a formula; None for other dimensions."""
    if isinstance(dim, (int, Size)) or len(dim.terms) != 1 or dim.constant:
        return None
    found = [_factor(size) for size in dim.terms[0]]
    return [factor for factor in found if factor is not None] if None not in found else None


def _show(dim: Dim) -> str | None:
    if isinstance(dim, int):
        return str(dim)
    terms = ((dim,),) if isinstance(dim, Size) else dim.terms
    constant = 0 if isinstance(dim, Size) else dim.constant
    shown = []
    for term in terms:
        factors = [_factor(size) for size in term]
        if None in factors:
            return None
        scale = prod(factor[0] for factor in factors if factor is not None)
        text = " · ".join(factor[1] for factor in factors if factor is not None)
        shown.append(text if scale == 1 else f"{scale} · {text}")
    return " + ".join([*shown, *([str(constant)] if constant else [])])


def _factor(size: Size) -> tuple[int, str] | None:
    """Return a function of an axis as a number times a formula: 4 · ⌊(height + 1) / 4⌋; None for other functions."""
    period, growth, table = size.period, size.growth, size.table
    if period == 1:
        if table[0] == 0:
            return growth, size.variable
        scaled = size.variable if growth == 1 else f"{growth} · {size.variable}"
        return 1, f"({scaled} {'+' if table[0] > 0 else '−'} {abs(table[0])})"
    steps = [n for n in range(period) if size.at(n + 1) != size.at(n)]
    if len(steps) != 1:  # it rises more than once in a period
        return None
    # It rises from `steps[0]` to the next size, and there the floor must become a whole number.
    shift, start = period - 1 - steps[0], table[0]
    inner = f"({size.variable} + {shift})" if shift else size.variable
    text = f"⌊{inner} / {period}⌋"
    if start == 0:
        return growth, text
    scaled = text if growth == 1 else f"{growth} · {text}"
    return 1, f"({scaled} {'+' if start > 0 else '−'} {abs(start)})"
