"""Connections between far boxes: notes in place of lines, so that a layout ends in time; nothing is left out."""

from __future__ import annotations

import argparse
import re
from functools import cache
from inspect import signature
from pathlib import Path

import pytest
from msgspec.structs import replace

import archspec
from archspec.cli.time_limit_option import add_time_limit
from archspec.language.files import gallery_names
from archspec.views import layout
from archspec.views.comparison.draw import draw_diff
from archspec.views.draw import draw
from archspec.views.far_edges import FEW, MOST_COST, MOST_COST_LABELLED, edge_spans, find_far_edges
from archspec.views.model import MANY, View
from archspec.views.view import view_of
from tests import designs
from tests.narrow import image, text

SWIN = Path(__file__).with_name("windowed_swin.yaml")


@cache
def swin(depth: int = 30) -> archspec.Graph:
    """Return a Swin whose 64 windows a block read one mask: 2,642 ops, with lines as long as the picture."""
    return archspec.lower(SWIN, depths=[2, 2, depth, 2])


def dense(count: int) -> archspec.Graph:
    """Return a network in which each layer reads all layers before it by their names."""
    lines = ["name: dense", "input: [3, 32, 32]", "stages:", "  - conv: {name: l0, channels: 8}"]
    for number in range(1, count):
        if number > 1:
            lines.append(f"  - concat: [{', '.join(f'l{earlier}' for earlier in range(number))}]")
        lines += ["  - norm", "  - act", f"  - conv: {{name: l{number}, channels: 8}}"]
    return designs.graph_of("\n".join(lines) + "\n")


def cost_of(view: View) -> int:
    """Return the cost of the lines that are drawn; removing lines does not add ranks."""
    far = find_far_edges(view)
    return edge_spans(replace(view, edges=tuple(edge for edge in view.edges if edge not in far))).cost(10**9)


def test_a_swin_of_2_600_ops_has_no_lines_across_the_picture() -> None:
    view = view_of(swin(), "op")
    assert len(view.nodes) > 2_600
    spans = edge_spans(view)
    assert spans.cost(10**9) > 20 * MOST_COST
    assert cost_of(view) <= MOST_COST + FEW**2 * len(view.nodes)
    far = find_far_edges(view)
    assert sum(edge.source == "input:mask" for edge in far) == 2 * 64 + 2 * 16 + 30 * 4 + 2
    assert len(far) < 290  # apart from the mask's only shortcuts around 64 or 16 windows
    dot = text(archspec.draw(swin(), level="op", format="dot"))
    # A connection at each note: one for each of the five boxes that are read, and one for each that reads.
    assert dot.count(" -> ") == len(view.edges) + len({edge.source for edge in far})


@pytest.mark.parametrize("count", [8, 12, 20, 60, 150])
def test_a_layer_that_reads_all_before_it(count: int) -> None:
    view = view_of(dense(count), "op")
    most = MOST_COST_LABELLED if len(view.nodes) <= MANY else MOST_COST
    assert cost_of(view) <= most + FEW**2 * len(view.nodes)
    assert bool(find_far_edges(view)) == (edge_spans(view).cost(10**9) > most) == (count > 8)


def test_every_connection_is_a_line_or_is_named_at_both_ends() -> None:
    graph = dense(14)
    view = view_of(graph, "op")
    far = find_far_edges(view)
    dot = text(archspec.draw(graph, level="op", format="dot"))
    titles = {node.id: node.title for node in view.nodes}
    for edge in view.edges:
        line = f'"{edge.source}" -> "{edge.target}" ['
        assert (line in dot) == (edge not in far)
    for edge in far:
        leaving = re.search(rf'tooltip="{titles[edge.source]}: {edge.kind} to ([^"]*)"', dot)
        entering = re.search(rf'tooltip="{titles[edge.target]}: {edge.kind} from ([^"]*)"', dot)
        assert leaving is not None
        assert entering is not None
        assert titles[edge.target] in leaving[1].split(", ")
        assert titles[edge.source] in entering[1].split(", ")
    assert 'label=" ← l0, l1, l2 and ' in dot


def test_a_picture_with_notes_is_drawn() -> None:
    svg = image(archspec.draw(dense(12), level="op"))
    assert "← l0, l1" in svg.decode()


@pytest.mark.parametrize("level", ["stage", "block", "op"])
def test_the_gallery_has_no_notes(level: str) -> None:
    for name in gallery_names():
        assert not find_far_edges(view_of(designs.graph(name), level)), name


def test_the_cost_is_counted_in_one_pass() -> None:
    """A line is counted at its ends, however many ranks it passes."""
    spans = edge_spans(view_of(dense(8), "op"))
    passing: dict[int, int] = {}
    for edge in spans.edges:
        for rank in range(spans.ranks[edge.source] + 1, spans.ranks[edge.target]):
            passing[rank] = passing.get(rank, 0) + 1
    assert spans.cost(10**9) == sum(lines**2 for lines in passing.values())


def test_drawing_has_a_time_limit_unless_another_is_given() -> None:
    limits = [signature(function).parameters["time_limit"].default for function in (archspec.draw, archspec.draw_diff)]
    limits += [signature(function).parameters["time_limit"].default for function in (draw, draw_diff)]
    assert set(limits) == {layout.TIME_LIMIT}
    parser = argparse.ArgumentParser()
    add_time_limit(parser)
    assert parser.parse_args([]).time_limit == layout.TIME_LIMIT
    assert parser.parse_args(["--time-limit", "inf"]).time_limit == float("inf")


def test_the_error_says_what_to_do_instead() -> None:
    with pytest.raises(archspec.PictureError) as raised:
        archspec.draw(designs.graph("cifar_resnet", depth=602), level="op", time_limit=0.05)
    for remedy in ("level", "stage", "open", "html", "time limit"):
        assert remedy in str(raised.value)


@pytest.mark.slow
def test_it_is_drawn() -> None:
    svg = image(archspec.draw(swin(), level="op", time_limit=600))  # a busy machine is no defect
    assert svg.startswith(b"<?xml")
