"""Sentences on sizes are read back: what they say is the exact set of sizes, and a pattern is not a list."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import archspec
from archspec.analysis.valid_sizes.describe import phrase
from archspec.analysis.valid_sizes.size_set import SizeSet, from_classes, from_sizes
from tests import designs

LAST = 700  # larger than the sizes and the periods of the sets below
NUMBERS = r"(?P<rests>\d+(?:, \d+)*(?: or \d+)?)"
END = r"(?:, at least (?P<least>\d+)| from (?P<first>\d+) to (?P<last>\d+))?"
FORMS: dict[str, Callable[[set[int], int, int], bool]] = {
    rf"{NUMBERS} more than multiples of (?P<period>\d+){END}": lambda rest, size, period: size % period in rest,
    rf"{NUMBERS} less than multiples of (?P<period>\d+){END}": lambda rest, size, period: -size % period in rest,
    rf"no multiples? of (?P<period>\d+){END}": lambda rest, size, period: size % period != 0,
    rf"multiples of (?P<period>\d+){END}": lambda rest, size, period: size % period == 0,
    rf"even{END}": lambda rest, size, period: size % 2 == 0,
    rf"odd{END}": lambda rest, size, period: size % 2 == 1,
    r"at least (?P<least>\d+)": lambda rest, size, period: True,
    r"from (?P<first>\d+) to (?P<last>\d+)": lambda rest, size, period: True,
    r"(?P<rests>\d+)": lambda rest, size, period: size in rest,
}


def sizes_of(sentence: str) -> set[int]:
    """Return the sizes up to LAST that a sentence names; it must have no other reading."""
    if "; or " in sentence:
        parts = sentence.replace("; or ", "; ").split("; ")
    elif any(re.fullmatch(form, sentence) for form in FORMS):
        parts = [sentence]
    else:
        *first, last = re.split(r", (?!at least \d+$)| or ", sentence)
        parts = [*first, last]
    return {size for part in parts for size in part_sizes(part)}


def part_sizes(part: str) -> set[int]:
    for form, accepts in FORMS.items():
        match = re.fullmatch(form, part)
        if match:
            given = match.groupdict()
            rests = {int(number) for number in re.findall(r"\d+", given.get("rests") or "")}
            low = int(given.get("least") or given.get("first") or 1)
            high = int(given.get("last") or LAST)
            period = int(given.get("period") or 1)
            return {size for size in range(low, high + 1) if accepts(rests, size, period)}
    raise AssertionError(f"not understood: {part!r}")


def check(sizes: SizeSet) -> None:
    sentence = phrase(sizes, True)
    exact = {size for size in range(1, LAST + 1) if size in sizes}
    assert "…" not in sentence
    if "more sizes up to" not in sentence:
        assert sizes_of(sentence) == exact, sentence
        return
    more = re.search(r"(?:; or | or |, |; )one of (\d+) more sizes up to (\d+)", sentence)
    assert more is not None
    head, tail = sentence[: more.start()], sentence[more.end() :].removeprefix(";").removeprefix(",").strip()
    # The parts before the count are separated as those of a whole sentence.
    named = sizes_of(head.replace("; ", "; or ")) if "; " in sentence else sizes_of(head)
    assert named <= exact, sentence
    named |= sizes_of(tail.removeprefix("or ")) if tail else set()
    rest = sorted(exact - named)
    assert (len(rest), rest[-1]) == (int(more[1]), int(more[2])), sentence


intervals = st.tuples(st.integers(1, 200), st.integers(0, 120)).map(lambda pair: ((pair[0], pair[0] + pair[1]),))
classes = st.one_of(st.just(()), intervals, st.just(((1, None),)), st.integers(1, 90).map(lambda n: ((n, None),)))


@settings(max_examples=400, deadline=None)
@given(st.lists(classes, min_size=1, max_size=4))
def test_what_is_said_of_a_set_is_the_set(parts: list[tuple[tuple[int, int | None], ...]]) -> None:
    sizes = from_classes(parts)
    if sizes.verdict == "conditional":
        check(sizes)


@settings(max_examples=400, deadline=None)
@given(st.sets(st.integers(1, 60), min_size=1, max_size=40))
def test_what_is_said_of_any_sizes_is_those_sizes(sizes: set[int]) -> None:
    check(from_sizes(sorted(sizes)))


@settings(max_examples=300, deadline=None)
@given(st.integers(2, 9), st.integers(0, 8), st.integers(1, 5), st.integers(4, 50), st.sets(st.integers(1, 30)))
def test_a_pattern_among_single_sizes(period: int, rest: int, first: int, count: int, others: set[int]) -> None:
    pattern = {period * (first + n) + rest % period for n in range(count)}
    check(from_sizes(sorted(pattern | others)))


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        (range(4, 1025, 4), "multiples of 4 from 4 to 1024"),
        (range(3, 60, 2), "odd from 3 to 59"),
        ([7, *range(16, 90, 8)], "7 or multiples of 8 from 16 to 88"),
        ([n for n in range(8, 90) if n % 8 in (0, 7)], "0 or 7 more than multiples of 8 from 8 to 88"),
        ([3, 4, 9], "3, 4 or 9"),
        ([1, 5, 6, 20, 22, 25, 31, 40, 41], "1, 5, 6, 20, 22 or one of 4 more sizes up to 41"),
    ],
)
def test_the_shortest_sentence(sizes: list[int], expected: str) -> None:
    assert phrase(from_sizes(sizes), True) == expected


def test_a_part_that_has_an_or_is_set_apart() -> None:
    sizes = from_classes([((16, None),), (), ((16, None),), ()]) | from_sizes([3])
    assert phrase(sizes, True) == "3 or even, at least 16"
    sizes = from_classes([((16, None),), (), (), ((16, None),)]) | from_sizes([5])
    assert phrase(sizes, True) == "5; or 0 or 3 more than multiples of 4, at least 16"


@pytest.mark.parametrize("axes", [2, 3])
def test_axes_that_hang_together_have_a_formula(axes: int) -> None:
    """The formula is evaluated at every combination of small sizes."""
    text = f"input: [1, {', '.join(['16'] * axes)}]\nstages: [{{conv: {{channels: 4, stride: 2}}}}, {{max_pool: 2}}]\n"
    found = archspec.valid_sizes(designs.graph_of(text + "head: [flatten, {linear: 10}]\n"))
    (line,) = (line for line in found.describe().splitlines() if "hang together" in line)
    formula = line.partition(": ")[2]
    names = [axis.name for axis in found.axes]
    assert formula == " · ".join(f"⌊({name} + 1) / 4⌋" for name in names) + f" must be {4**axes}"
    left, right = formula.split(" must be ")
    expression = left.replace("⌊", "int(").replace("⌋", ")").replace("·", "*")
    for sizes in product(range(1, 36, 1 if axes == 2 else 3), repeat=axes):
        value = eval(expression, {"int": int}, dict(zip(names, sizes, strict=True)))
        assert (value == int(right)) == found.contains(*sizes), sizes
