"""Sets of sizes kept without loss: for each residue of a period, the stretches of sizes that belong to the set.

What a comparison of two `Size` functions says of an axis is such a set, and so is whatever `&` and `|` make of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from math import lcm

from msgspec import Struct

from archspec.ir.sizes import PeriodTooLong

LONGEST = 1 << 14
Stretch = tuple[int, int | None]  # first and last size of one residue class; None: without end
Stretches = tuple[Stretch, ...]  # sorted, apart from one another
EVERY: Stretches = ((1, None),)


class Run(Struct, frozen=True):
    """The sizes from `first` to `last` (None: without end) whose remainder by `period` is one of `residues`."""

    first: int
    last: int | None
    period: int
    residues: tuple[int, ...]


class SizeSet(Struct, frozen=True):
    """A set of sizes from 1 on; `classes[r]` holds those of remainder r, whose first and last members it names."""

    classes: tuple[Stretches, ...]

    @property
    def period(self) -> int:
        return len(self.classes)

    def __contains__(self, size: int) -> bool:
        return any(a <= size and (b is None or size <= b) for a, b in self.classes[size % self.period])

    def __and__(self, other: SizeSet) -> SizeSet:
        return self._with(other, _both)

    def __or__(self, other: SizeSet) -> SizeSet:
        return self._with(other, lambda a, b: _either((*a, *b)))

    def _with(self, other: SizeSet, combine: Callable[[Stretches, Stretches], Stretches]) -> SizeSet:
        period = lcm(self.period, other.period)
        if period > LONGEST:
            raise PeriodTooLong(period)
        mine, theirs = self.classes, other.classes
        pairs = ((mine[r % len(mine)], theirs[r % len(theirs)]) for r in range(period))
        return made(combine(a, b) for a, b in pairs)

    @property
    def first(self) -> int | None:
        """The smallest size; None where there is none."""
        return min((stretches[0][0] for stretches in self.classes if stretches), default=None)

    @property
    def last(self) -> int | None:
        """The largest size of a set that has an end; None otherwise."""
        ends = [stretches[-1][1] for stretches in self.classes if stretches]
        return None if None in ends else max((end for end in ends if end is not None), default=None)

    @property
    def verdict(self) -> str:
        """`always` for every size, `never` for none, else `conditional`."""
        if self.first is None:
            return "never"
        return "always" if self == ALL else "conditional"

    @property
    def finite(self) -> bool:
        return all(not stretches or stretches[-1][1] is not None for stretches in self.classes)

    def count(self) -> int:
        """How many sizes a finite set has."""
        return sum((b - a) // self.period + 1 for stretches in self.classes for a, b in stretches if b is not None)

    def members(self) -> Iterator[int]:
        """The sizes in order, without end where the set has none."""
        size = self.first
        while size is not None:
            yield size
            size = self.above(size)

    def above(self, size: int) -> int | None:
        """The smallest member that is larger."""
        found = (_next_up(size + 1, r, self.period, s) for r, stretches in enumerate(self.classes) for s in stretches)
        return min((n for n in found if n is not None), default=None)

    def below(self, size: int) -> int | None:
        """The largest member that is smaller."""
        found = (_next_down(size - 1, r, self.period, s) for r, stretches in enumerate(self.classes) for s in stretches)
        return max((n for n in found if n is not None), default=None)

    def nearest(self, size: int) -> tuple[int, ...]:
        """The size itself where it is a member, else the next smaller and the next larger member."""
        if size in self:
            return (size,)
        return tuple(n for n in (self.below(size), self.above(size)) if n is not None)

    def runs(self) -> tuple[Run, ...]:
        """The set as few runs, none of them overlapping: the endless one last, single sizes and ranges before it."""
        start, residues = self._tail()
        found = _ranges(islice(self._before(start), MOST_LISTED + 1))
        if sum(run.last - run.first + 1 for run in found if run.last is not None) > MOST_LISTED:
            found = self._long(start)
        if residues:
            found.append(Run(start, None, self.period, residues))
        return tuple(found)

    def _tail(self) -> tuple[int, tuple[int, ...]]:
        """From where on the remainder alone decides, and which remainders are in."""
        residues = tuple(r for r, s in enumerate(self.classes) if s and s[-1][1] is None)
        start = 1
        for stretches in self.classes:
            if stretches:
                first, last = stretches[-1]
                start = max(start, first - self.period + 1 if last is None else last + 1)
        later = (start + (r - start) % self.period for r in residues)
        return min(later, default=start), residues

    def _before(self, start: int) -> Iterator[int]:
        for size in self.members():
            if size >= start:
                return
            yield size

    def _long(self, start: int) -> list[Run]:
        """What lies before `start`, by remainder, where it is too much to be listed."""
        found = []
        for r, stretches in enumerate(self.classes):
            for first, last in stretches:
                end = start - 1 if last is None else last
                if first <= end:
                    found.append(Run(first, end, self.period, (r,)))
        return sorted(found, key=lambda run: (run.first, run.residues))


MOST_LISTED = 256


def made(classes: Iterable[Stretches]) -> SizeSet:
    """The set of these classes: every stretch from its first to its last member, the shortest period that says it."""
    given = list(classes)
    period = len(given)
    found = SizeSet(tuple(_within(stretches, r, period) for r, stretches in enumerate(given)))
    if found.finite and found.count() <= MOST_LISTED:
        return of(found.members())
    return _shortest(found.classes)


def of(sizes: Iterable[int]) -> SizeSet:
    """The set of sizes given in order."""
    return SizeSet((tuple((run.first, run.last) for run in _ranges(sizes)),))


def _within(stretches: Stretches, residue: int, period: int) -> Stretches:
    """The stretches cut to members of a residue class; those without a member are gone."""
    found: list[Stretch] = []
    for first, last in stretches:
        first = max(first, 1)
        first += (residue - first) % period
        if last is not None:
            last -= (last - residue) % period
        if last is not None and first > last:
            continue
        before = found[-1] if found else None
        if before is not None and before[1] is not None and before[1] + period >= first:
            first = found.pop()[0]
        found.append((first, last))
    return tuple(found)


def _shortest(classes: tuple[Stretches, ...]) -> SizeSet:
    """The same set over the shortest period."""
    whole = len(classes)
    for period in range(1, whole):
        if whole % period:
            continue
        short = _folded(classes, period)
        if short is not None:
            return SizeSet(short)
    return SizeSet(classes)


def _folded(classes: tuple[Stretches, ...], period: int) -> tuple[Stretches, ...] | None:
    """The classes over a shorter period; None where that does not say the same."""
    turns = len(classes) // period
    found: list[Stretches] = []
    for r in range(period):
        parts = classes[r::period]
        count = len(parts[0])
        if any(len(part) != count for part in parts):
            return None
        joined: list[Stretch] = []
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


def _both(a: Stretches, b: Stretches) -> Stretches:
    found = []
    for first, last in a:
        for start, end in b:
            low = max(first, start)
            high = last if end is None else end if last is None else min(last, end)
            if high is None or low <= high:
                found.append((low, high))
    return tuple(found)


def _either(stretches: Stretches) -> Stretches:
    joined: list[Stretch] = []
    for first, last in sorted(stretches, key=lambda s: s[0]):
        if joined and (joined[-1][1] is None or joined[-1][1] >= first - 1):
            before, end = joined[-1]
            joined[-1] = (before, None if end is None or last is None else max(end, last))
        else:
            joined.append((first, last))
    return tuple(joined)


def _next_up(size: int, residue: int, period: int, stretch: Stretch) -> int | None:
    first, last = stretch
    size = max(size, first)
    size += (residue - size) % period
    return size if last is None or size <= last else None


def _next_down(size: int, residue: int, period: int, stretch: Stretch) -> int | None:
    first, last = stretch
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
