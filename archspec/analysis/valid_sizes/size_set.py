"""Exact sets of sizes: for each residue of a period, the intervals of sizes that belong to the set.

Every condition on one axis has such a set as its solution, and they are closed under `&` and `|`. Sets are kept in a
canonical form (interval ends are members, the shortest period, small finite sets listed with period 1), so that equal
sets are equal values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from math import lcm

from msgspec import Struct

from archspec.ir.sizes import PeriodTooLong

LONGEST = 1 << 14  # period; beyond, PeriodTooLong is raised
Interval = tuple[int, int | None]  # first and last size of one residue class; None: unbounded
Intervals = tuple[Interval, ...]  # sorted and disjoint
EVERY: Intervals = ((1, None),)


class Run(Struct, frozen=True):
    """The sizes from `first` to `last` (None: unbounded) whose remainder by `period` is one of `residues`."""

    first: int
    last: int | None
    period: int
    residues: tuple[int, ...]


class SizeSet(Struct, frozen=True):
    """A set of sizes from 1 on; `classes[r]` has the intervals of sizes with remainder r."""

    classes: tuple[Intervals, ...]

    @property
    def period(self) -> int:
        return len(self.classes)

    def __contains__(self, size: int) -> bool:
        return any(a <= size and (b is None or size <= b) for a, b in self.classes[size % self.period])

    def __and__(self, other: SizeSet) -> SizeSet:
        return self._combine(other, _intersect)

    def __or__(self, other: SizeSet) -> SizeSet:
        return self._combine(other, lambda a, b: _unite((*a, *b)))

    def _combine(self, other: SizeSet, combine: Callable[[Intervals, Intervals], Intervals]) -> SizeSet:
        # Over the common period both sets are intervals per residue, so that the operation works class by class.
        period = lcm(self.period, other.period)
        if period > LONGEST:
            raise PeriodTooLong(period)
        mine, theirs = self.classes, other.classes
        pairs = ((mine[r % len(mine)], theirs[r % len(theirs)]) for r in range(period))
        return from_classes(combine(a, b) for a, b in pairs)

    @property
    def first(self) -> int | None:
        """The smallest size; None for the empty set."""
        return min((intervals[0][0] for intervals in self.classes if intervals), default=None)

    @property
    def last(self) -> int | None:
        """The largest size of a finite set; None otherwise."""
        ends = [intervals[-1][1] for intervals in self.classes if intervals]
        return None if None in ends else max((end for end in ends if end is not None), default=None)

    @property
    def verdict(self) -> str:
        """`always` for every size, `never` for none, else `conditional`."""
        if self.first is None:
            return "never"
        return "always" if self == ALL else "conditional"

    @property
    def finite(self) -> bool:
        return all(not intervals or intervals[-1][1] is not None for intervals in self.classes)

    def count(self) -> int:
        """Return how many sizes a finite set has."""
        return sum((b - a) // self.period + 1 for intervals in self.classes for a, b in intervals if b is not None)

    def members(self) -> Iterator[int]:
        """Yield the sizes in order, without end if the set is infinite."""
        size = self.first
        while size is not None:
            yield size
            size = self.above(size)

    def above(self, size: int) -> int | None:
        """Return the smallest member that is larger."""
        found = (_next_up(size + 1, r, self.period, s) for r, intervals in enumerate(self.classes) for s in intervals)
        return min((n for n in found if n is not None), default=None)

    def below(self, size: int) -> int | None:
        """Return the largest member that is smaller."""
        found = (_next_down(size - 1, r, self.period, s) for r, intervals in enumerate(self.classes) for s in intervals)
        return max((n for n in found if n is not None), default=None)

    def nearest(self, size: int) -> tuple[int, ...]:
        """Return the size itself if it is a member, else the next smaller and the next larger member."""
        if size in self:
            return (size,)
        return tuple(n for n in (self.below(size), self.above(size)) if n is not None)

    def runs(self) -> tuple[Run, ...]:
        """Return the set as few disjoint runs: the unbounded one last, single sizes and ranges before it."""
        start, residues = self._tail()
        found = _ranges(islice(self._before(start), MOST_LISTED + 1))
        if sum(run.last - run.first + 1 for run in found if run.last is not None) > MOST_LISTED:
            found = self._list_classes(start)
        if residues:
            found.append(Run(start, None, *_shorten_residues(self.period, residues)))
        return tuple(found)

    def _tail(self) -> tuple[int, tuple[int, ...]]:
        """Return from where on the remainder alone decides, and the remainders that belong to the set."""
        residues = tuple(r for r, s in enumerate(self.classes) if s and s[-1][1] is None)
        start = 1
        for intervals in self.classes:
            if intervals:
                first, last = intervals[-1]
                start = max(start, first - self.period + 1 if last is None else last + 1)
        # The unbounded run should start at a member, not at a size that no residue contains.
        later = (start + (r - start) % self.period for r in residues)
        return min(later, default=start), residues

    def _before(self, start: int) -> Iterator[int]:
        for size in self.members():
            if size >= start:
                return
            yield size

    def _list_classes(self, start: int) -> list[Run]:
        """Return what is below `start` as a run for each interval, if it is too much to list."""
        found = []
        for r, intervals in enumerate(self.classes):
            for first, last in intervals:
                end = start - 1 if last is None else last
                if first <= end:
                    found.append(Run(first, end, self.period, (r,)))
        return sorted(found, key=lambda run: (run.first, run.residues))


MOST_LISTED = 256


def _shorten_residues(period: int, residues: tuple[int, ...]) -> tuple[int, tuple[int, ...]]:
    """Return the shortest period, and the remainders, of what a set is at large sizes: all sizes are those of period 1.

    The set as a whole may need a longer period, for the sizes before.
    """
    members = set(residues)
    for shorter in (number for number in range(1, period) if period % number == 0):
        if all((residue + shorter) % period in members for residue in members):
            return shorter, tuple(sorted(residue for residue in members if residue < shorter))
    return period, residues


def from_classes(classes: Iterable[Intervals]) -> SizeSet:
    """Return the canonical set for the intervals of each residue."""
    listed = list(classes)
    period = len(listed)
    found = SizeSet(tuple(_trim(intervals, r, period) for r, intervals in enumerate(listed)))
    # A small finite set has many periods that describe it; listing its members gives one canonical form.
    if found.finite and found.count() <= MOST_LISTED:
        return from_sizes(found.members())
    return _shorten_period(found.classes)


def from_sizes(sizes: Iterable[int]) -> SizeSet:
    """Return the set of some sizes, which must be in order."""
    return SizeSet((tuple((run.first, run.last) for run in _ranges(sizes)),))


def _trim(intervals: Intervals, residue: int, period: int) -> Intervals:
    """Cut intervals to the members of a residue class, join adjacent ones, and drop those without a member."""
    found: list[Interval] = []
    for first, last in intervals:
        first = max(first, 1)
        first += (residue - first) % period
        if last is not None:
            last -= (last - residue) % period
        if last is not None and first > last:
            continue
        before = found[-1] if found else None
        # Neighbouring members of the class are one period apart: intervals with no member between them are one.
        if before is not None and before[1] is not None and before[1] + period >= first:
            first = found.pop()[0]
        found.append((first, last))
    return tuple(found)


def _shorten_period(classes: tuple[Intervals, ...]) -> SizeSet:
    """Return the same set over the shortest period."""
    whole = len(classes)
    for period in range(1, whole):
        if whole % period:
            continue
        short = _fold(classes, period)
        if short is not None:
            return SizeSet(short)
    return SizeSet(classes)


def _fold(classes: tuple[Intervals, ...], period: int) -> tuple[Intervals, ...] | None:
    """Return the classes over a shorter period; None if these would be another set.

    Classes r, r + period, ... interleave to one class if their intervals start, and end, one period after another.
    """
    turns = len(classes) // period
    found: list[Intervals] = []
    for r in range(period):
        parts = classes[r::period]
        count = len(parts[0])
        if any(len(part) != count for part in parts):
            return None
        joined: list[Interval] = []
        for number in range(count):
            firsts = sorted(part[number][0] for part in parts)
            lasts = [part[number][1] for part in parts]
            if firsts[-1] - firsts[0] != (turns - 1) * period:
                return None
            if None in lasts:
                if set(lasts) != {None}:
                    return None
                joined.append((firsts[0], None))
                continue
            ends = sorted(last for last in lasts if last is not None)
            if ends[-1] - ends[0] != (turns - 1) * period:
                return None
            joined.append((firsts[0], ends[-1]))
        found.append(tuple(joined))
    return tuple(found)


def _intersect(a: Intervals, b: Intervals) -> Intervals:
    found = []
    for first, last in a:
        for start, end in b:
            low = max(first, start)
            high = last if end is None else end if last is None else min(last, end)
            if high is None or low <= high:
                found.append((low, high))
    return tuple(found)


def _unite(intervals: Intervals) -> Intervals:
    joined: list[Interval] = []
    for first, last in sorted(intervals, key=lambda s: s[0]):
        if joined and (joined[-1][1] is None or joined[-1][1] >= first - 1):
            before, end = joined[-1]
            joined[-1] = (before, None if end is None or last is None else max(end, last))
        else:
            joined.append((first, last))
    return tuple(joined)


def _next_up(size: int, residue: int, period: int, interval: Interval) -> int | None:
    first, last = interval
    size = max(size, first)
    size += (residue - size) % period
    return size if last is None or size <= last else None


def _next_down(size: int, residue: int, period: int, interval: Interval) -> int | None:
    first, last = interval
    size = size if last is None else min(size, last)
    size -= (size - residue) % period
    return size if size >= first else None


def _ranges(sizes: Iterable[int]) -> list[Run]:
    found: list[Run] = []
    for size in sizes:
        if found and found[-1].last == size - 1:
            found[-1] = Run(found[-1].first, size, 1, (0,))
        else:
            found.append(Run(size, size, 1, (0,)))
    return found


ALL = SizeSet((EVERY,))
NONE = SizeSet(((),))
