"""Cover a set of sizes by few runs, so that its description is short: multiples of 4 in place of 256 numbers."""

from __future__ import annotations

from bisect import bisect_left

from archspec.analysis.valid_sizes.size_set import MOST_LISTED, Run, SizeSet

LONGEST_PERIOD, MOST_RESIDUES = 64, 4
LEAST_PERIODS = 3  # of a pattern; a shorter one could be accidental, and its numbers are as clear


def shortest_runs(sizes: SizeSet) -> list[Run]:
    """Return disjoint runs in order whose union is the set, the unbounded one last."""
    runs = sizes.runs()
    bounded = [run for run in runs if run.last is not None]
    listed = [
        size for run in bounded for size in range(run.first, (run.last or 0) + 1) if size % run.period in run.residues
    ]
    # A larger set is described by its classes, each of which is a run.
    if len(listed) > MOST_LISTED or any(run.period > 1 for run in bounded):
        return list(runs)
    patterned = _cover(listed)
    return [*(patterned if len(patterned) < len(bounded) else bounded), *runs[len(bounded) :]]


def _cover(members: list[int]) -> list[Run]:
    """Return the runs that a greedy search finds: from each size on the pattern that goes on for the most sizes."""
    found: list[Run] = []
    start = 0
    while start < len(members):
        run, end = _neighbours(members, start)
        for period in range(2, LONGEST_PERIOD + 1):
            other, its_end = _periodic(members, start, period)
            if other is not None and its_end > end:
                run, end = other, its_end
        found.append(run)
        start = end
    return found


def _neighbours(members: list[int], start: int) -> tuple[Run, int]:
    end = start + 1
    while end < len(members) and members[end] == members[end - 1] + 1:
        end += 1
    return Run(members[start], members[end - 1], 1, (0,)), end


def _periodic(members: list[int], start: int, period: int) -> tuple[Run | None, int]:
    """Return the longest run of a period from a size on, and the index behind it; None if it is too short."""
    first = members[start]
    width = bisect_left(members, first + period, start) - start  # of the pattern
    if width > MOST_RESIDUES:
        return None, start
    end = start + width
    while end < len(members) and members[end] == members[end - width] + period:
        end += 1
    if end - start < LEAST_PERIODS * width:
        return None, start
    residues = tuple(sorted(size % period for size in members[start : start + width]))
    return Run(first, members[end - 1], period, residues), end
