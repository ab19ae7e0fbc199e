"""Draw the README's picture: a network block by block, its skip connections around it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import graphviz
import pygraphviz

import archspec
from archspec.ir.graph import Call, Graph, Step
from archspec.ir.types import show_shape


def main() -> None:
    """Write small_resnet.svg beside this file."""
    graph = archspec.lower(archspec.load("small_resnet"))
    drawing = graphviz.Digraph(
        graph_attr={"rankdir": "LR", "ranksep": "0.2", "nodesep": "0.1", "bgcolor": "transparent"}
    )
    drawing.attr(
        "node", shape="box", style="rounded,filled", fillcolor="#eef3fb", color="#5b7db1", fontname="Helvetica"
    )
    drawing.attr("edge", color="#5b6770", fontname="Helvetica", fontsize="10")
    drawing.node("input", f"input\n{show_shape(graph.inputs[0][1].shape)}", fillcolor="#ffffff")
    before = "input"
    for name, label, step in _boxes(graph):
        drawing.node(name, f"{label}\n{show_shape(step.outputs[0].shape)}")
        drawing.edge(before, name, weight="10")
        _skip(drawing, before, name, step)
        before = name
    drawn = pygraphviz.AGraph(drawing.source).draw(format="svg", prog="dot")
    (Path(__file__).parent / "small_resnet.svg").write_bytes(drawn)


def _boxes(graph: Graph) -> Iterator[tuple[str, str, Step]]:
    """One box for each block, one for every other row of the table."""
    for section in graph.sections:
        steps = graph.body.steps[section.first : section.last]
        if all(isinstance(step, Call) for step in steps):
            yield from ((step.scope, f"{step.scope}\n{step.kind}", step) for step in steps)
        else:
            yield section.name, section.name, steps[-1]


def _skip(drawing: graphviz.Digraph, source: str, name: str, step: Step) -> None:
    """The shortcut of a residual block, dashed where the compiler put a projection in."""
    if not isinstance(step, Call) or not any(inner.kind == "add" for inner in step.body.steps):
        return
    if step.body.decisions:
        label = "projection\n" + step.body.decisions[0].reason.replace(", ", "\n")
        drawing.edge(source, name, label=label, style="dashed", weight="0", color="#b3541e", fontcolor="#b3541e")
    else:
        drawing.edge(source, name, label="identity", weight="0", color="#2e7d4f", fontcolor="#2e7d4f")


if __name__ == "__main__":
    main()
