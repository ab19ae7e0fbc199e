"""Pictures of the gallery: valid, the same each time, labels apart; hostile names and broken designs."""

from __future__ import annotations

import json
import re
import sys
import xml.etree.ElementTree as ElementTree
from itertools import combinations
from pathlib import Path

import networkx
import pytest

import archspec
from archspec.analysis.summary import Level
from archspec.errors import PictureError
from archspec.language.files import gallery_names
from archspec.lowering import lower_partial
from archspec.views import layout
from archspec.views.draw import Figure, PictureFormat, TextFormat
from archspec.views.mermaid import render_mermaid
from archspec.views.quoting import quote_dot
from archspec.views.text_width import text_width
from archspec.views.view import view_of
from tests import designs
from tests.narrow import image, text
from tests.views.svg_geometry import SVG, inside, outline, overlap, titles, way, words

WEIGHT = re.compile(r"weight=(\d+)")
LEVELS: tuple[Level, ...] = ("stage", "block", "op")


@pytest.mark.parametrize("level", ["stage", "block"])
@pytest.mark.parametrize("name", gallery_names())
def test_no_edge_goes_through_a_box(name: str, level: Level) -> None:
    root = ElementTree.fromstring(archspec.draw(designs.graph(name), level=level))
    boxes = [(g.get("id"), outline(g)) for g in root.iter(f"{SVG}g") if g.get("class") == "node"]
    for edge in root.iter(f"{SVG}g"):
        if edge.get("class") == "edge":
            ends = (edge.findtext(f"{SVG}title") or "").split("->")
            others = [box for id_, box in boxes if id_ not in ends]
            for x, y in way(edge):
                assert not any(b[0] + 1 < x < b[2] - 1 and b[1] + 1 < y < b[3] - 1 for b in others), ends


@pytest.mark.parametrize("name", gallery_names())
def test_no_chain_goes_through_a_heading(name: str) -> None:
    root = ElementTree.fromstring(archspec.draw(designs.graph(name)))
    frames = [g for g in root.iter(f"{SVG}g") if g.get("class") == "cluster" and list(g.iter(f"{SVG}text"))]
    headings = []
    for frame in frames:
        text = next(frame.iter(f"{SVG}text"))
        left, y = outline(frame)[0] + 8, float(text.get("y", "0"))
        width = text_width(text.text or "") * float(text.get("font-size", "11"))
        headings.append((left, y - 8, left + width, y))
    chain = [
        g for g in root.iter(f"{SVG}g") if g.get("class") == "edge" and "#5b6770" in ElementTree.tostring(g).decode()
    ]
    assert chain
    for edge in chain:
        for x, y in way(edge, 60):
            assert not any(h[0] < x < h[2] and h[1] < y < h[3] for h in headings)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", gallery_names())
def test_the_gallery(name: str, level: Level) -> None:
    graph = designs.graph(name)
    svg = archspec.draw(graph, level=level)
    assert isinstance(svg, bytes)
    root = ElementTree.fromstring(svg)
    view = view_of(graph, level)
    groups = [group for group in root.iter(f"{SVG}g") if group.get("class") == "node"]
    assert {group.get("id") for group in groups} == {node.id for node in view.nodes}
    assert {node.id for node in view.nodes} <= set(titles(svg))
    drawn = [outline(group) for group in groups]
    assert not any(overlap(a, b) for a, b in combinations(drawn, 2))
    for group, box in zip(groups, drawn, strict=True):
        assert all(inside(line, box) for line in words(group, 1.0)), group.get("id")
    labels = [
        line
        for group in root.iter(f"{SVG}g")
        if group.get("class") == "edge" and list(group.iter(f"{SVG}text"))
        for line in words(group)
    ]
    assert not any(overlap(a, b) for a, b in combinations(labels, 2))
    assert not any(overlap(a, b) for a in drawn for b in labels)
    read = networkx.node_link_graph(json.loads(archspec.draw(graph, level=level, format="json")), edges="edges")
    assert networkx.is_directed_acyclic_graph(read)
    assert list(read) == [node.id for node in view.nodes]
    assert sum(1 for _ in read.edges) == len(view.edges)
    assert isinstance(read, networkx.DiGraph)
    assert networkx.is_weakly_connected(read)


@pytest.mark.parametrize("form", ["svg", "png", "pdf", "dot", "mmd", "html", "json"])
def test_the_same_each_time(form: PictureFormat | TextFormat) -> None:
    first, second = (archspec.draw(designs.graph("unet"), format=form) for _ in range(2))
    if form == "pdf":  # Cairo writes the time into it
        assert image(first).count(b"/CreationDate (D:19700101000000") == 1
    assert first == second
    starts = {"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF", "dot": b"digraph", "mmd": b"flowchart", "json": b"{"}
    starts["html"] = b"<!DOCTYPE html>"
    assert isinstance(first, bytes) == (form in ("svg", "png", "pdf"))
    assert (first if isinstance(first, bytes) else first.encode()).startswith(starts[form])


HOSTILE = (
    "<script>alert(1)</script>",
    'a"b]; x [label="gone',
    "a\\nb\\",
    "&lt;b&gt; & &amp;",
    "\x00\x1b[31m",
    "#quot;|--",
)


@pytest.mark.parametrize("name", HOSTILE)
def test_names_are_only_text(name: str) -> None:
    from msgspec.structs import replace

    graph = designs.graph("small_resnet")
    step = replace(graph.body.steps[0], scope=name)
    body = replace(graph.body, steps=(step, *graph.body.steps[1:]))
    sections = (replace(graph.sections[0], name=name), *graph.sections[1:])
    hostile = replace(
        graph, name=name, variant=name, body=body, sections=sections, inputs=((name, graph.inputs[0][1]),)
    )
    printable = "".join(c if c.isprintable() else "�" for c in name)
    for level in LEVELS:
        svg = image(archspec.draw(hostile, level=level, color="macs"))
        root = ElementTree.fromstring(svg)
        assert not list(root.iter(f"{SVG}script"))
        assert b"<script" not in svg
        assert printable in [text.text for text in root.iter(f"{SVG}text")]
        assert printable.replace("\\", "\\\\") in titles(svg)  # DOT's names have no escape for a backslash
        assert json.loads(archspec.draw(hostile, level=level, format="json"))["graph"]["name"] == name
        mermaid = text(archspec.draw(hostile, level=level, format="mmd"))
        assert "<script" not in mermaid
        for line in mermaid.splitlines():
            assert line.count('"') in (0, 2), line


def test_a_hostile_spec(tmp_path: Path) -> None:
    spec = archspec.loads(
        'name: "<script>x</script>"\nabout: "</svg><script>"\ninput: [3, 8, 8]\nstages: [{conv: 4}]\n'
    )
    svg = image(archspec.draw(archspec.lower(spec)))
    assert b"<script" not in svg
    assert "<script>x</script>" in titles(svg)


def test_a_u_net_is_a_u() -> None:
    root = ElementTree.fromstring(archspec.draw(designs.graph("unet")))
    boxes = {g.get("id"): outline(g) for g in root.iter(f"{SVG}g") if g.get("class") == "node"}
    down = ["input:input", "inc.double_conv", "down1", "down2", "down3", "down4"]
    up = ["up1", "up2", "up3", "up4", "outc.conv", "output:output"]
    assert [boxes[name][1] for name in down] == sorted(boxes[name][1] for name in down)
    assert [boxes[name][1] for name in up] == sorted((boxes[name][1] for name in up), reverse=True)
    for left, right in zip(["down3", "down2", "down1", "inc.double_conv"], up, strict=False):
        assert boxes[left][1] == boxes[right][1]
        assert boxes[left][2] < boxes[right][0]


def test_boxes_are_coloured_by_their_share_and_say_the_figure() -> None:
    graph = designs.graph("resnet50")
    svg = image(archspec.draw(graph, level="stage", color="params")).decode()
    fills = dict(re.findall(r'<g id="(layer\d)" class="node">.*?fill="(#\w{6})"', svg, re.DOTALL))
    assert len(fills) == 4
    assert [int(fills[f"layer{n}"][1:3], 16) for n in range(1, 5)] == sorted(
        (int(fill[1:3], 16) for fill in fills.values()), reverse=True
    )
    assert ">15.0 M params<" in svg
    colours: tuple[tuple[Figure, str], ...] = (
        ("macs", "1.46 G MACs"),
        ("memory", "MiB"),
        ("receptive-field", "sees 427×427"),
    )
    for color, expected in colours:
        assert expected in archspec.draw(graph, level="stage", format="dot", color=color)
        assert expected in archspec.draw(graph, level="stage", format="mmd", color=color)
    with pytest.raises(ValueError, match="color is one of"):
        archspec.draw(graph, color="speed")  # type: ignore[call-overload]  # what is tested


def test_quoting() -> None:
    assert quote_dot('a"b\\c\n') == '"a\\"b\\\\c\\n"'
    assert quote_dot("&lt;\x07") == '"&amp;lt;�"'


BROKEN = """\
name: broken
input: [3, 32, 32]
stem:
  - conv: {channels: 16, kernel: 3}
stages:
  - conv: {name: a, channels: 32, kernel: 3, groups: 5}
  - batch_norm
head:
  - global_avg_pool
  - linear: 10
"""


def test_a_broken_design_shows_what_fails_and_what_is_fine() -> None:
    graph, found, _ = lower_partial(archspec.loads(BROKEN))
    assert graph is not None
    view = view_of(graph, "op", found)
    states = {node.id: (node.state, node.codes) for node in view.nodes if node.role == "layers"}
    assert states["a"] == ("failed", ("CNV001",))
    assert [state for state, _ in states.values()] == ["fine", "failed", "unknown", "unknown", "unknown"]
    svg = image(archspec.draw(graph, level="op", diagnostics=found)).decode()
    assert "fails: CNV001" in svg
    assert "#c62828" in svg
    assert ":::failed" in render_mermaid(view)


RESIDUAL = """\
name: broken
input: [3, 32, 32]
stages:
  - conv: {name: before, channels: 16}
  - residual:
      body: [{conv: {name: halves, channels: 16, stride: 2}}, {relu: {name: last}}]
      shortcut: SHORTCUT
  - conv: {name: after, channels: 8}
"""


@pytest.mark.parametrize(
    ("shortcut", "neighbour"),
    [("identity", "before"), ("[{conv: {name: own, channels: 8, kernel: 1, stride: 2}}]", "own")],
)
def test_the_failing_edges_are_red_with_both_shapes(shortcut: str, neighbour: str) -> None:
    graph, found, _ = lower_partial(archspec.loads(RESIDUAL.replace("SHORTCUT", shortcut)))
    assert graph is not None
    view = view_of(graph, "op", found)
    (failed,) = [node for node in view.nodes if node.state == "failed"]
    shapes = ("16×16×16", "16×32×32" if neighbour == "before" else "8×16×16")
    assert failed.given == shapes
    assert failed.codes == tuple(d.code for d in found)
    assert [(e.source, e.shape) for e in view.edges if e.target == failed.id] == [
        ("last", shapes[0]),
        (neighbour, shapes[1]),
    ]
    dot = text(archspec.draw(graph, level="op", format="dot", diagnostics=found))
    red = [line for line in dot.splitlines() if " -> " in line and "#c62828" in line]
    assert [any(shape in line for line in red) for shape in shapes] == [True, True]
    assert len(red) == 2
    assert [node.state for node in view.nodes[-2:]] == ["unknown", "unknown"]
    block = text(archspec.draw(graph, level="block", format="mmd", diagnostics=found))
    assert " and ".join(shapes) in block
    assert (
        text(archspec.draw(graph, level="op", format="mmd", diagnostics=found)).count("stroke:#c62828,color:#c62828\n")
        == 3
    )


def test_behind_a_failure_no_shortcut_is_called_an_identity() -> None:
    spec = RESIDUAL.replace("SHORTCUT", "identity") + "  - basic: {name: behind, channels: 64, stride: 2}\n"
    graph, found, _ = lower_partial(archspec.loads(spec))
    assert graph is not None
    mermaid = archspec.draw(graph, level="block", format="mmd", diagnostics=found)
    assert "identity" not in mermaid
    assert '==>|"shortcut"|' in mermaid
    assert "#2e7d4f" not in mermaid


def test_a_layer_that_failed_hangs_on_the_one_before_it() -> None:
    spec = "name: n\ninput: [3, 8, 8]\nstages: [{conv: 4}, {convv: {name: x}}, relu]\n"
    graph, found, _ = lower_partial(archspec.loads(spec))
    assert graph is not None
    for level in LEVELS:
        read = networkx.node_link_graph(
            json.loads(archspec.draw(graph, level=level, format="json", diagnostics=found)), edges="edges"
        )
        assert isinstance(read, networkx.DiGraph)
        assert networkx.is_weakly_connected(read)


def test_a_png_that_cannot_be_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "MOST_PIXELS", 100)
    with pytest.raises(PictureError, match="write svg or pdf"):
        archspec.draw(designs.graph("small_resnet"), format="png")


def test_without_pygraphviz_the_system_draws_or_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(PictureError, match="pip install pygraphviz"):
        archspec.draw(designs.graph("small_resnet"))


def test_above_300_boxes_there_are_no_clusters() -> None:
    small, large = (designs.graph("cifar_resnet", depth=n) for n in (20, 290))
    assert "subgraph" in archspec.draw(small, level="op", format="dot")
    assert "subgraph" not in archspec.draw(large, level="op", format="dot")
    dot = text(archspec.draw(large, level="op", format="dot"))
    assert "ortho" not in dot
    edges = [line for line in dot.splitlines() if " -> " in line]
    assert {weight for line in edges if "identity" in line for weight in WEIGHT.findall(line)} == {"0"}
    assert {weight for line in edges if ": chain" in line for weight in WEIGHT.findall(line)} == {"10"}
    labelled = [line for line in edges if " label=" in line]
    assert len(labelled) < 20
    assert [shape for shape in ("16×32×32", "32×16×16", "64×8×8") if not any(shape in line for line in labelled)] == []


@pytest.mark.slow
@pytest.mark.parametrize(("name", "boxes"), [("densenet264", 932), ("resnet1001", 3_340)])
def test_the_largest_of_the_gallery_op_by_op(name: str, boxes: int) -> None:
    graph = designs.graph(name)
    root = ElementTree.fromstring(archspec.draw(graph, level="op"))
    groups = [group for group in root.iter(f"{SVG}g") if group.get("class") == "node"]
    assert len(groups) == boxes == sum(1 for _ in graph.nodes()) + 2


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("cat > /dev/null; echo boom >&2; exit 3", "the system's dot failed: boom"),
        ("cat > /dev/null", "the system's dot gave nothing"),
    ],
)
def test_a_system_dot_that_fails_is_reported_in_its_words(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: str, expected: str
) -> None:
    dot = tmp_path / "dot"
    dot.write_text(f"#!/bin/sh\nPATH=/usr/bin:/bin\n{script}\n")
    dot.chmod(0o755)
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(archspec.PictureError, match=expected):
        layout.render("digraph {a}", "svg")


def test_without_both_packages_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("pygraphviz", "graphviz"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(archspec.PictureError, match="pip install pygraphviz"):
        layout.render("digraph {a}", "svg")
