"""A Graph as a table of its steps, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archspec.diagnostics import printable

if TYPE_CHECKING:
    from archspec.ir.graph import Graph, Step
    from archspec.ir.types import ValueType

HEAD = ("path", "kind", "output")


def render_table(graph: Graph) -> str:
    """Return the network's name with its inputs and outputs, then a line for each block and op of its own body."""
    names = graph.outputs or tuple("output" for _ in graph.output_types)
    inputs = ", ".join(f"{name} {_show(item)}" for name, item in graph.inputs)
    outputs = ", ".join(f"{name} {_show(item)}" for name, item in zip(names, graph.output_types, strict=False))
    rows = [HEAD, *(_cells(step) for step in graph.body.steps)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    lines = [_line(row, widths) for row in rows]
    rule = "  ".join("─" * width for width in widths)
    title = graph.name + (f":{graph.variant}" if graph.variant else "")
    return "\n".join((printable(f"{title}   {inputs} → {outputs}"), "", lines[0], rule, *lines[1:]))


def _cells(step: Step) -> tuple[str, ...]:
    # Values that a block exports by name are not its outputs.
    shown = step.outputs[: getattr(getattr(step, "body", None), "main", None)]
    return printable(step.scope), printable(step.kind), ", ".join(map(_show, shown))


def _show(value: ValueType) -> str:
    return str(value) if value.known else "?"


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()
