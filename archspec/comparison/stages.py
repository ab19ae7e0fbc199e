"""The rows of two tables side by side: the cost, output and receptive field of each stage before and after."""

from __future__ import annotations

from collections import Counter

from msgspec.structs import replace

from archspec.analysis.receptive_field import ReceptiveField, receptive_fields
from archspec.analysis.summary import summarize
from archspec.comparison.alignment import IndexPairs
from archspec.comparison.changes import ComparedNetwork, Stage, StageChange
from archspec.ir.flat import FlatGraph, flatten
from archspec.ir.graph import Graph
from archspec.ir.types import ValueType


def summarize_side(graph: Graph, file: str) -> tuple[ComparedNetwork, tuple[Stage, ...]]:
    """Return a network as one side of a difference, and its stages."""
    flat, summary = flatten(graph), summarize(graph)
    values = [flat.outermost[section.values[0]] if section.values else None for section in graph.sections]
    fields = _fields(flat, [value for value in (*values, *flat.outputs[:1]) if value is not None])
    stages = []
    for row, value in zip(summary.rows, values, strict=True):
        stages.append(Stage(row.path, row.kind, row.output or (), row.cost, _show_field(fields, value)))
    whole = _show_field(fields, flat.outputs[0] if flat.outputs else None)
    return ComparedNetwork(graph.name, graph.variant, file, summary.total, whole), tuple(stages)


def _fields(flat: FlatGraph, values: list[int]) -> dict[int, ReceptiveField]:
    """Return the receptive fields in the first input; none for a network without an input."""
    return receptive_fields(flat, 0, values) if flat.inputs else {}


def _show_field(fields: dict[int, ReceptiveField], value: int | None) -> str:
    found = fields.get(value) if value is not None else None
    return "nothing" if found is None else str(found)


def stage_changes(
    graphs: tuple[Graph, Graph], pairs: IndexPairs, before: tuple[Stage, ...], after: tuple[Stage, ...]
) -> tuple[StageChange, ...]:
    """Return the stages that differ in order, each with the stage that has most of its matching steps."""
    partners = _match_stages(graphs, pairs, before, after)
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
    return tuple(row for _, row in sorted(rows, key=lambda item: item[0]) if not _is_unchanged(row))


def _is_unchanged(row: StageChange) -> bool:
    """Return whether nothing but a position differs."""
    before, after = row.before, row.after
    if before is None or after is None:
        return False
    renumbered = _is_position(before.name) and _is_position(after.name)
    return before == (replace(after, name=before.name) if renumbered else after)


def _is_position(name: str) -> bool:
    """Return whether a row is named by the positions of its layers, `5` or `4…6`, which an insertion shifts."""
    return name.replace("…", "").isdecimal()


def _match_stages(
    graphs: tuple[Graph, Graph], pairs: IndexPairs, before: tuple[Stage, ...], after: tuple[Stage, ...]
) -> dict[int, int]:
    # Greedy by the number of steps in common, then in order. As in `repeats`, a maximum matching could give up the best
    # pair, and readers expect the stage with most in common.
    section_of = [
        {step: n for n, section in enumerate(graph.sections) for step in range(section.first, section.last)}
        for graph in graphs
    ]
    counts = Counter(
        (section_of[0][i], section_of[1][j]) for i, j in pairs if i in section_of[0] and j in section_of[1]
    )
    names = {stage.name: number for number, stage in enumerate(after)}
    # Equal positions say nothing: after an insertion they are those of other layers.
    counts.update(
        (i, names[stage.name]) for i, stage in enumerate(before) if stage.name in names and not _is_position(stage.name)
    )
    partners: dict[int, int] = {}
    for (i, j), _ in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        if i not in partners and j not in partners.values():
            partners[i] = j
    return partners


def value_text(value: ValueType) -> str:
    """Return the type of an input as text."""
    return f"{value.kind} {value}" + (f" below {value.range}" if value.range is not None else "")
