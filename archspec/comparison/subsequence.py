"""The longest increasing subsequence, which keeps as many matched steps as possible in the order of both networks."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence


def longest_increasing_subsequence(numbers: Sequence[int]) -> list[int]:
    """Return the indices of a longest strictly increasing subsequence, in O(n log n) by patience sorting.

    networkx has `dag_longest_path`, but its graph would have an edge for each of the O(n²) increasing pairs.
    """
    # tails[k] is the index of the smallest number that ends an increasing subsequence of length k + 1. The numbers at
    # these indices increase, so bisection finds the one to replace.
    ends: list[int] = []
    tails: list[int] = []
    previous: list[int] = []
    for index, number in enumerate(numbers):
        length = bisect_left(ends, number)
        previous.append(tails[length - 1] if length else -1)
        ends[length : length + 1], tails[length : length + 1] = [number], [index]
    found, index = [], tails[-1] if tails else -1
    while index >= 0:
        found.append(index)
        index = previous[index]
    return found[::-1]
