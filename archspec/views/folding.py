"""The same blocks in a row as one box ×N."""

from __future__ import annotations

from collections import defaultdict

from archspec.views.flows import Flow
from archspec.views.groups import Group, same


def folded(groups: tuple[Group, ...], flows: tuple[Flow, ...]) -> tuple[tuple[Group, ...], ...]:
    """Runs of groups: the same block called alike, each fed by the one before it alone and feeding the next alone."""
    box_of = {op: number for number, group in enumerate(groups) for op in group.ops}
    makers: dict[int, set[int]] = defaultdict(set)
    readers: dict[int, set[int]] = defaultdict(set)
    for flow in flows:
        source, target = box_of[flow.maker] if flow.maker >= 0 else -1, box_of[flow.reader]
        if source != target:
            makers[target].add(source)
            readers[source].add(target)
    runs: list[list[Group]] = []
    for number, group in enumerate(groups):
        follows = number and makers[number] == {number - 1} and readers[number - 1] == {number}
        if follows and same(runs[-1][-1], group):
            runs[-1].append(group)
        else:
            runs.append([group])
    return tuple(tuple(run) for run in runs)
