"""Fold repetitions of a block into one box ×N."""

from __future__ import annotations

from collections import defaultdict

from archspec.views.groups import Group, is_same_block
from archspec.views.value_uses import ValueUse


def fold_repeats(groups: tuple[Group, ...], uses: tuple[ValueUse, ...]) -> tuple[tuple[Group, ...], ...]:
    """Return runs of groups: calls of one block, each of which reads only the one before and is read only by the next.

    Then a box for the run has the same connections as its first and last block, so that folding loses none: a skip into
    or out of the middle of the run would make some group read, or be read by, another one.
    """
    box_of = {op: number for number, group in enumerate(groups) for op in group.ops}
    producers: dict[int, set[int]] = defaultdict(set)
    consumers: dict[int, set[int]] = defaultdict(set)
    for use in uses:
        source, target = box_of[use.producer] if use.producer >= 0 else -1, box_of[use.consumer]
        if source != target:
            producers[target].add(source)
            consumers[source].add(target)
    # -1 is every input of the network: a group that reads one never continues a run.
    runs: list[list[Group]] = []
    for number, group in enumerate(groups):
        follows = number and producers[number] == {number - 1} and consumers[number - 1] == {number}
        if follows and is_same_block(runs[-1][-1], group):
            runs[-1].append(group)
        else:
            runs.append([group])
    return tuple(tuple(run) for run in runs)
