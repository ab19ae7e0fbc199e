"""Match the steps of two versions of a body: by name, by structure and by order; then find steps that were reordered.

1. Anchors: steps with the same path and the same structure on both sides. Of these, a longest increasing subsequence
   is kept, so that the anchors have one order on both sides. They split both bodies into stretches.
2. Each pair of stretches is aligned by itself: equal ends are cut off, the middle is aligned for the greatest total
   similarity with the dynamic programme of Needleman and Wunsch (1970).
3. Steps that are still unmatched are matched out of order: first by path, then by structure and shapes.

Anchors come first for speed and for stability. The table has a cell for each pair of steps, O(n·m), and anchors cut it
to a few short ones. A greatest total may also have several solutions; an anchored step keeps its counterpart.
Bipartite matching (networkx has it) would not do: it ignores order, so that layers of one kind would cross over.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from msgspec import Struct

from archspec.comparison.subsequence import longest_increasing_subsequence

MOST_CELLS = 4_000_000  # of a table, some seconds of work; a larger stretch is matched by step 3 alone


class StepKey(Struct, frozen=True, dict=True):
    """A step as alignment compares it: its path within the body, its kind, and two numbers from `StepNumbering`.

    Equal `form`: the same structure. Equal `exact`: the same shapes as well.
    """

    scope: str
    kind: str
    form: int
    exact: int

    @cached_property
    def is_numbered(self) -> bool:
        """Whether the path ends in a position, which shifts when a layer is inserted before the step.

        A name that ends in a digit (`stage2`) is no position.
        """
        return self.scope.rpartition(".")[2].isdigit()

    @cached_property
    def stem(self) -> str:
        """The path above the position, or without the number at the end of the name."""
        return self.scope.rpartition(".")[0] if self.is_numbered else self.scope.rstrip("0123456789")


IndexPairs = list[tuple[int, int]]


def align(before: Sequence[StepKey], after: Sequence[StepKey]) -> IndexPairs:
    """Return pairs of indices of matching steps, each index at most once, sorted by the first."""
    pairs: IndexPairs = []
    start = (0, 0)
    for stop in (*_find_anchors(before, after), (len(before), len(after))):
        pairs.extend(_align_stretch(before, after, start, stop))
        if stop[0] < len(before):
            pairs.append(stop)
        start = (stop[0] + 1, stop[1] + 1)
    return sorted([*pairs, *_match_reordered(before, after, pairs)])


def _find_anchors(before: Sequence[StepKey], after: Sequence[StepKey]) -> IndexPairs:
    """Return the steps with the same name and structure on both sides, as many as have one order.

    A position is no anchor: after an insertion another layer has that number.
    """
    indices = {key.scope: index for index, key in enumerate(after)}
    found = []
    for index, key in enumerate(before):
        other = indices.get(key.scope)
        if other is not None and not key.is_numbered and after[other].form == key.form:
            found.append((index, other))
    return [found[place] for place in longest_increasing_subsequence([other for _, other in found])]


def _align_stretch(
    before: Sequence[StepKey], after: Sequence[StepKey], start: tuple[int, int], stop: tuple[int, int]
) -> IndexPairs:
    """Align the steps between two anchors: cut off what is equal at both ends, then fill in a table for the rest."""
    (i, j), (m, n) = start, stop
    pairs, ends = [], []
    while i < m and j < n and _is_identical(before[i], after[j]):
        pairs.append((i, j))
        i, j = i + 1, j + 1
    while i < m and j < n and _is_identical(before[m - 1], after[n - 1]):
        m, n = m - 1, n - 1
        ends.append((m, n))
    if (m - i) * (n - j) <= MOST_CELLS:
        pairs.extend((i + a, j + b) for a, b in _align_globally(before[i:m], after[j:n]))
    return pairs + ends[::-1]


def _is_identical(one: StepKey, other: StepKey) -> bool:
    return one.scope == other.scope and one.exact == other.exact


def _similarity(one: StepKey, other: StepKey) -> int:
    """Return how well two steps match; 0: not at all.

    A name weighs more than structure, structure more than the kind alone. A position weighs little.
    """
    same_name, same_form = one.scope == other.scope, one.form == other.form
    same_kind, same_stem = one.kind == other.kind, one.stem == other.stem
    if not (same_form or same_name or (same_kind and same_stem)):
        return 0
    if same_name and not same_kind and not same_form and one.is_numbered:
        return 1
    # The repetitions of a layer have its name in common.
    is_repetition = one.is_numbered and other.is_numbered and same_stem and one.stem != ""
    name = 16 if (same_name and not one.is_numbered) or is_repetition else 0
    position = 2 if same_name and one.is_numbered else 0
    return name + position + (12 if same_form else 4 if same_kind else 0) + (1 if one.exact == other.exact else 0)


def _align_globally(before: Sequence[StepKey], after: Sequence[StepKey]) -> IndexPairs:
    """Return the pairs in order with the greatest total similarity (Needleman & Wunsch 1970), in O(n·m)."""
    rows, columns = len(before), len(after)
    if not rows or not columns:
        return []
    # table[i][j]: the greatest total of before[i:] and after[j:]. It is filled from the end, so that the walk below
    # goes forwards and takes the earliest of equally good pairs.
    table = [[0] * (columns + 1) for _ in range(rows + 1)]
    for i in range(rows - 1, -1, -1):
        row, below, one = table[i], table[i + 1], before[i]
        for j in range(columns - 1, -1, -1):
            gain = _similarity(one, after[j])
            row[j] = max(below[j], row[j + 1], below[j + 1] + gain if gain else 0)
    pairs, i, j = [], 0, 0
    while i < rows and j < columns:
        gain = _similarity(before[i], after[j])
        if gain and table[i][j] == table[i + 1][j + 1] + gain:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif table[i][j] == table[i + 1][j]:
            i += 1
        else:
            j += 1
    return pairs


def _match_reordered(before: Sequence[StepKey], after: Sequence[StepKey], pairs: IndexPairs) -> IndexPairs:
    """Match unmatched steps that changed places: first those with the same name, then those that are the same."""
    found: IndexPairs = []
    for by_name in (True, False):
        matched = {i for i, _ in (*pairs, *found)}, {j for _, j in (*pairs, *found)}
        free: dict[object, list[int]] = {}
        for j, key in enumerate(after):
            if j not in matched[1]:
                free.setdefault(_bucket(key, by_name), []).append(j)
        for indices in free.values():
            indices.reverse()  # pop() then takes them in order
        for i, key in enumerate(before):
            indices = free.get(_bucket(key, by_name), []) if i not in matched[0] else []
            if indices:
                found.append((i, indices.pop()))
    return found


def _bucket(key: StepKey, by_name: bool) -> object:
    return (key.scope, key.kind if key.is_numbered else "") if by_name else (key.kind, key.exact)
