"""The rows of two tables side by side: what each stage costs, gives and sees before and after."""

from __future__ import annotations

from collections import Counter

from archspec.analysis.receptive_field import ReceptiveField, receptive_fields
from archspec.analysis.summary import summarize
from archspec.comparison.alignment import Pairs
from archspec.comparison.difference import Side, Stage, StageChange
from archspec.ir.flat import Flat, flatten
from archspec.ir.graph import Graph
from archspec.ir.types import ValueType


def side(graph: Graph, file: str) -> tuple[Side, tuple[Stage, ...]]:
    """A network as one side of a difference, and its stages."""
    flat, summary = flatten(graph), summarize(graph)
    values = [flat.outermost[section.values[0]] if section.values else None for section in graph.sections]
    fields = _fields(flat, [value for value in (*values, *flat.outputs[:1]) if value is not None])
    stages = []
    for row, value in zip(summary.rows, values, strict=True):
        stages.append(Stage(row.path, row.kind, row.output or (), row.cost, _told(fields, value)))
    whole = _told(fields, flat.outputs[0] if flat.outputs else None)
    return Side(graph.name, graph.variant, file, summary.total, whole), tuple(stages)


def _fields(flat: Flat, values: list[int]) -> dict[int, ReceptiveField]:
    """What is seen of the first input; nothing is known of a network without one."""
    return receptive_fields(flat, 0, values) if flat.inputs else {}


def _told(fields: dict[int, ReceptiveField], value: int | None) -> str:
    found = fields.get(value) if value is not None else None
    return "nothing" if found is None else str(found)


def stage_changes(
    graphs: tuple[Graph, Graph], pairs: Pairs, before: tuple[Stage, ...], after: tuple[Stage, ...]
) -> tuple[StageChange, ...]:
    """The stages that differ, each with the one that most of its steps have gone to, in order."""
    partners = _partners(graphs, pairs, before, after)
    back = {j: i for i, j in partners.items()}
    rows: list[tuple[tuple[int, int, int], StageChange]] = []
    for i, stage in enumerate(before):
        other = after[partners[i]] if i in partners else None
        rows.append(((i, 0, 0), StageChange(stage, other)))
    above = -1
    for j, stage in enumerate(after):
        if j in back:
            above = back[j]
        else:
            rows.append(((above, 1, j), StageChange(None, stage)))
    return tuple(row for _, row in sorted(rows, key=lambda item: item[0]) if row.before != row.after)


def _partners(
    graphs: tuple[Graph, Graph], pairs: Pairs, before: tuple[Stage, ...], after: tuple[Stage, ...]
) -> dict[int, int]:
    whose = [
        {step: n for n, section in enumerate(graph.sections) for step in range(section.first, section.last)}
        for graph in graphs
    ]
    counts = Counter((whose[0][i], whose[1][j]) for i, j in pairs if i in whose[0] and j in whose[1])
    names = {stage.name: number for number, stage in enumerate(after)}
    counts.update((i, names[stage.name]) for i, stage in enumerate(before) if stage.name in names)
    partners: dict[int, int] = {}
    for (i, j), _ in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        if i not in partners and j not in partners.values():
            partners[i] = j
    return partners


def value_text(value: ValueType) -> str:
    """The type of an input in words."""
    return f"{value.kind} {value}" + (f" below {value.range}" if value.range is not None else "")
