"""Sets of sizes, and the solutions of conditions, against going through the sizes one by one."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from archspec.analysis.valid_sizes.conditions import solve_condition
from archspec.analysis.valid_sizes.linked_axes import solve_linked
from archspec.analysis.valid_sizes.size_set import ALL, NONE, SizeSet, from_classes, from_sizes
from archspec.ir.sizes import Condition, Dim, Size, divisible

UP_TO = 160
SEEN = range(1, UP_TO + 1)


@st.composite
def sets(draw: st.DrawFn) -> SizeSet:
    """Made of a stretch that might end for each remainder; and joined with another such set."""
    period = draw(st.integers(1, 6))
    one = st.tuples(st.integers(1, 60), st.one_of(st.none(), st.integers(1, 60)))
    parts = [from_classes(draw(st.one_of(st.just(()), st.tuples(one)) if r else st.tuples(one)) for r in range(period))]
    parts.append(from_sizes(sorted(draw(st.sets(st.integers(1, 60), max_size=4)))))
    return parts[0] | parts[1]


def functions(name: str) -> st.SearchStrategy[Size]:
    tables = st.lists(st.integers(-9, 12), min_size=1, max_size=6)
    return st.builds(lambda growth, table: Size(name, growth, tuple(table)), st.integers(-3, 5), tables)


def listed(found: SizeSet) -> set[int]:
    return {n for n in SEEN if n in found}


@settings(max_examples=60)
@given(sets(), sets())
def test_and_or(a: SizeSet, b: SizeSet) -> None:
    assert listed(a & b) == listed(a) & listed(b)
    assert listed(a | b) == listed(a) | listed(b)
    assert a & ALL == a
    assert a | NONE == a
    assert a & NONE == NONE
    assert (a & b == NONE) is not bool(listed(a & b))


@settings(max_examples=60)
@given(sets())
def test_runs_say_the_same(a: SizeSet) -> None:
    listed_sizes = [
        n
        for n in SEEN
        for run in a.runs()
        if run.first <= n and (run.last is None or n <= run.last) and n % run.period in run.residues
    ]
    assert listed_sizes == [n for n in listed_sizes if n in a]
    assert sorted(listed_sizes) == sorted(listed(a))


@given(sets(), st.integers(1, 90))
def test_neighbours(a: SizeSet, size: int) -> None:
    members = sorted(listed(a))
    assert a.first == (members[0] if members else None)
    if a.finite:
        assert a.count() == len(members)
        assert a.last == (members[-1] if members else None)
        assert list(a.members()) == members
    assert a.below(size) == max((n for n in members if n < size), default=None)
    assert a.above(size) == min((n for n in members if n > size), default=None)
    assert a.nearest(size) == ((size,) if size in a else tuple(n for n in (a.below(size), a.above(size)) if n))


def test_a_large_set_is_not_listed() -> None:
    found = from_classes(((1, 10**15),) if r != 2 else ((50, None),) for r in range(3))
    assert len(found.runs()) == 4
    assert [n in found for n in (10**15, 10**15 + 1, 10**15 + 2)] == [(10**15 + d) % 3 == 2 or d == 0 for d in range(3)]
    assert from_classes(((1, 10**15),) for _ in range(3)).count() == 10**15


@given(functions("n"), st.one_of(functions("n"), st.integers(-20, 40)), st.sampled_from(["==", ">="]))
def test_solutions(left: Size, right: Any, relation: str) -> None:
    condition = Condition(relation, left, right)
    assert listed(solve_condition(condition)) == {n for n in SEEN if condition.holds({"n": n})}


@given(functions("n"), st.integers(1, 9))
def test_divisors(left: Size, divisor: int) -> None:
    condition = divisible(left, divisor)
    assert isinstance(condition, Condition)
    assert listed(solve_condition(condition)) == {n for n in SEEN if condition.holds({"n": n})}


def growing(name: str) -> st.SearchStrategy[Size]:
    """floor(n / s) + c, what is left of an axis."""
    return st.builds(
        lambda stride, more: Size(name, 1, tuple(more for _ in range(stride))), st.integers(1, 4), st.integers(0, 2)
    )


@settings(max_examples=30)
@given(growing("h"), growing("w"), st.integers(0, 3), st.integers(1, 40), st.sampled_from(["==", ">="]), sets(), sets())
def test_products(h: Size, w: Size, more: int, to: int, relation: str, heights: SizeSet, widths: SizeSet) -> None:
    left: Dim = h * w + more
    condition = Condition(relation, left, to)
    given_sets = {"h": heights, "w": widths}
    found = solve_linked([condition], given_sets)
    works = {
        (a, b)
        for a in range(1, 70)
        for b in range(1, 70)
        if a in heights and b in widths and condition.holds({"h": a, "w": b})
    }
    assert found.boxes is not None or relation == ">=" or 0 in (*h.table, *w.table)
    if found.boxes is not None:
        message = {(a, b) for a in range(1, 70) for b in range(1, 70) if any(a in p and b in q for p, q in found.boxes)}
        assert message == works
