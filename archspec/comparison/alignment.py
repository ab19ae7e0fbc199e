"""Which step of one body is which of another: by name and by what they do, in order; then what has changed places."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from functools import cached_property

from msgspec import Struct

MOST_CELLS = 4_000_000  # of a table to fill in, some seconds; beyond, names alone decide


class Item(Struct, frozen=True, dict=True):
    """A step as alignment sees it: its path within the body, its kind, and the numbers of its form and of all of it."""

    scope: str
    kind: str
    form: int
    exact: int

    @cached_property
    def numbered(self) -> bool:
        """Whether the name is a position, which another layer has after an insertion."""
        return self.scope[-1:].isdigit()

    @cached_property
    def stem(self) -> str:
        """The name without its number."""
        return self.scope.rstrip("0123456789")


Pairs = list[tuple[int, int]]


def align(before: Sequence[Item], after: Sequence[Item]) -> Pairs:
    """Pairs of positions, each position at most once, ordered by the first."""
    pairs: Pairs = []
    start = (0, 0)
    for stop in (*_anchors(before, after), (len(before), len(after))):
        pairs.extend(_between(before, after, start, stop))
        if stop[0] < len(before):
            pairs.append(stop)
        start = (stop[0] + 1, stop[1] + 1)
    return sorted([*pairs, *_elsewhere(before, after, pairs)])


def _anchors(before: Sequence[Item], after: Sequence[Item]) -> Pairs:
    """Steps that have a name of their own and do the same on both sides: the longest series in the same order."""
    places = {item.scope: index for index, item in enumerate(after)}
    found = []
    for index, item in enumerate(before):
        place = places.get(item.scope)
        if place is not None and not item.numbered and after[place].form == item.form:
            found.append((index, place))
    return _rising(found)


def _rising(pairs: Pairs) -> Pairs:
    """The longest series of pairs in which the second number rises too."""
    ends: list[int] = []  # the least last number of a series of each length
    at: list[int] = []
    previous: list[int] = []
    for index, (_, place) in enumerate(pairs):
        length = bisect_left(ends, place)
        if length == len(ends):
            ends.append(place)
            at.append(index)
        else:
            ends[length], at[length] = place, index
        previous.append(at[length - 1] if length else -1)
    series, index = [], at[-1] if at else -1
    while index >= 0:
        series.append(pairs[index])
        index = previous[index]
    return series[::-1]


def _between(before: Sequence[Item], after: Sequence[Item], start: tuple[int, int], stop: tuple[int, int]) -> Pairs:
    """The best pairs of two stretches: what is the same at their ends, and a table for the rest."""
    (i, j), (m, n) = start, stop
    pairs, ends = [], []
    while i < m and j < n and _same(before[i], after[j]):
        pairs.append((i, j))
        i, j = i + 1, j + 1
    while i < m and j < n and _same(before[m - 1], after[n - 1]):
        m, n = m - 1, n - 1
        ends.append((m, n))
    if (m - i) * (n - j) <= MOST_CELLS:
        pairs.extend((i + a, j + b) for a, b in _best(before[i:m], after[j:n]))
    return pairs + ends[::-1]


def _same(one: Item, other: Item) -> bool:
    return one.scope == other.scope and one.exact == other.exact


def _likeness(one: Item, other: Item) -> int:
    """How well two steps fit; 0: not at all."""
    same_name, same_form = one.scope == other.scope, one.form == other.form
    both_numbered = one.numbered and other.numbered and one.stem == other.stem
    same_kind = one.kind == other.kind
    if not (same_form or same_name or (same_kind and both_numbered)):
        return 0
    if same_name and not same_kind and not same_form and one.numbered:
        return 1
    name = (2 if one.numbered else 8) if same_name else 0
    return name + (12 if same_form else 4 if same_kind else 0) + (1 if one.exact == other.exact else 0)


def _best(before: Sequence[Item], after: Sequence[Item]) -> Pairs:
    """The pairs in order whose likenesses add up to most (Needleman & Wunsch 1970)."""
    rows, columns = len(before), len(after)
    if not rows or not columns:
        return []
    table = [[0] * (columns + 1) for _ in range(rows + 1)]
    for i in range(rows - 1, -1, -1):
        row, below, one = table[i], table[i + 1], before[i]
        for j in range(columns - 1, -1, -1):
            like = _likeness(one, after[j])
            row[j] = max(below[j], row[j + 1], below[j + 1] + like if like else 0)
    pairs, i, j = [], 0, 0
    while i < rows and j < columns:
        like = _likeness(before[i], after[j])
        if like and table[i][j] == table[i + 1][j + 1] + like:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif table[i][j] == table[i + 1][j]:
            i += 1
        else:
            j += 1
    return pairs


def _elsewhere(before: Sequence[Item], after: Sequence[Item], pairs: Pairs) -> Pairs:
    """Steps left over that have changed places: first those of one name, then those that are the same."""
    found: Pairs = []
    for by_name in (True, False):
        taken = {i for i, _ in (*pairs, *found)}, {j for _, j in (*pairs, *found)}
        free: dict[object, list[int]] = {}
        for j, item in enumerate(after):
            if j not in taken[1]:
                free.setdefault(_key(item, by_name), []).append(j)
        for places in free.values():
            places.reverse()
        for i, item in enumerate(before):
            places = free.get(_key(item, by_name), []) if i not in taken[0] else []
            if places:
                found.append((i, places.pop()))
    return found


def _key(item: Item, by_name: bool) -> object:
    return (item.scope, item.kind if item.numbered else "") if by_name else (item.kind, item.exact)
