"""Views against hand-made expectations: what is one box, what is folded, and which edges skip."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import networkx
import pytest

import archspec
from archspec.errors import OpenPathError
from archspec.ir.flat import flatten
from archspec.views.groups import openable
from archspec.views.model import View
from archspec.views.view import view_of
from tests import designs


def view(name: str, level: str = "block", opened: tuple[str, ...] = (), **parameters: Any) -> View:
    return view_of(designs.graph(name, **parameters), level, opened=opened)


def boxes(drawn: View) -> list[tuple[str, int]]:
    return [(node.id, node.count) for node in drawn.nodes if node.role == "layers"]


def skips(drawn: View, *kinds: str) -> list[tuple[str, str]]:
    return [(edge.source, edge.target) for edge in drawn.edges if edge.skips and edge.kind in kinds]


def test_resnet50_folds_what_is_the_same_in_each_stage() -> None:
    drawn = view("resnet50")
    assert boxes(drawn) == [
        ("conv1", 1),
        ("layer1.0", 1),
        ("layer1.1", 2),
        ("layer2.0", 1),
        ("layer2.1", 3),
        ("layer3.0", 1),
        ("layer3.1", 5),
        ("layer4.0", 1),
        ("layer4.1", 2),
        ("8", 1),
    ]
    stem, fold = drawn.nodes[1], drawn.nodes[7]
    assert (stem.title, stem.about) == ("stem", "conv, batch_norm, relu, max_pool")
    assert fold.paths == tuple(f"layer3.{number}" for number in range(1, 6))
    assert fold.title == "layer3.1…5"
    assert skips(drawn, "identity") == [(f"layer{n}.0", f"layer{n}.1") for n in range(1, 5)]
    assert skips(drawn, "projection") == [
        ("conv1", "layer1.0"),
        ("layer1.1", "layer2.0"),
        ("layer2.1", "layer3.0"),
        ("layer3.1", "layer4.0"),
    ]
    assert [e.badge for e in drawn.edges if e.kind == "projection"][:2] == [
        "channels 64 → 256",
        "channels 256 → 512, stride 2",
    ]


def test_resnet50_stages() -> None:
    drawn = view("resnet50", "stage")
    assert [node.about for node in drawn.nodes[2:6]] == [f"bottleneck ×{n}" for n in (3, 4, 6, 3)]
    assert all(edge.kind == "chain" for edge in drawn.edges)
    assert [edge.shape for edge in drawn.edges][:2] == ["3×224×224", "64×56×56"]


@pytest.mark.parametrize("level", ["stage", "block", "op"])
@pytest.mark.parametrize("name", ["resnet50", "densenet121", "unet", "vit_b_16", "guest_net"])
def test_the_boxes_add_up_to_the_network(name: str, level: str) -> None:
    graph = designs.graph(name)
    nodes = [node for node in view_of(graph, level).nodes if node.role == "layers"]
    total = archspec.summarize(graph)
    assert sum(node.params or 0 for node in nodes) == total.params
    assert sum(node.macs or 0 for node in nodes) == total.macs


def test_every_op_is_a_box_at_op_level() -> None:
    graph = designs.graph("resnet50")
    drawn = view_of(graph, "op")
    assert [node.id for node in drawn.nodes if node.role == "layers"] == [placed.path for placed in graph.nodes()]
    assert ("layer1.0.9", "layer1.1.add") in skips(drawn, "identity")
    assert [e for e in skips(drawn, "projection") if e[0].startswith("layer1.0") or e[1].startswith("layer1.0")] == [
        ("3", "layer1.0.downsample.0"),
        ("layer1.0.downsample.0", "layer1.0.downsample.1"),
        ("layer1.0.downsample.1", "layer1.0.add"),
    ]


def test_unet_has_four_long_skips() -> None:
    expected = [("down3", "up1"), ("down2", "up2"), ("down1", "up3"), ("inc.double_conv", "up4")]
    drawn = view("unet")
    assert skips(drawn, "long-range") == expected
    assert [edge.shape for edge in drawn.edges if edge.skips] == ["512×32×32", "256×64×64", "128×128×128", "64×256×256"]
    assert len(boxes(drawn)) == 10


def test_a_dense_block_is_one_growth_node() -> None:
    drawn = view("densenet121")
    dense = [node for node in drawn.nodes if node.about.startswith("dense_block")]
    assert [node.about.split("\n")[1] for node in dense] == [
        f"dense_layer ×{count}, each +32 channels" for count in (6, 12, 24, 16)
    ]
    assert [target for _, target in skips(drawn, "concat")] == [node.id for node in dense]


def test_gates_pads_and_vit() -> None:
    assert boxes(view("highway"))[1] == ("layers.0", 8)
    assert skips(view("highway"), "gate") == [("stem", "layers.0")]
    assert skips(view("cifar_resnet"), "pad") == [("layer1.0", "layer2.0"), ("layer2.1", "layer3.0")]
    assert boxes(view("vit_b_16"))[1] == ("encoder.layers.encoder_layer_0", 12)


REPEATED = """\
name: repeated
input: [8, 16, 16]
stages:
  - basic: {name: a, channels: 8, repeat: 3}
  - basic: {name: b, channels: 16, repeat: 3}
"""


def test_what_differs_is_not_folded() -> None:
    drawn = view_of(archspec.lower(archspec.loads(REPEATED)))
    assert boxes(drawn) == [("a.0", 3), ("b.0", 1), ("b.1", 2)]


def test_what_is_read_from_further_on_is_not_folded_away() -> None:
    text = """\
name: reader
input: [8, 16, 16]
stages:
  - basic: {name: a, channels: 8}
  - basic: {name: b, channels: 8}
  - basic: {name: c, channels: 8}
  - basic: {name: d, channels: 8}
  - add: [b, prev]
"""
    drawn = view_of(archspec.lower(archspec.loads(text)))
    assert [count for _, count in boxes(drawn)] == [2, 2, 1]
    assert ("a", boxes(drawn)[-1][0]) in skips(drawn, "long-range")


def test_an_opened_block_is_drawn_op_by_op_among_folded_ones() -> None:
    drawn = view("resnet50", opened=("layer3.2",))
    at = [id_ for id_, _ in boxes(drawn)]
    opened = [id_ for id_ in at if id_.startswith("layer3.2.")]
    names = ["conv1", "bn1", "2", "conv2", "bn2", "5", "conv3", "bn3", "add", "8"]
    assert opened == [f"layer3.2.{name}" for name in names]
    assert [box for box in boxes(drawn) if box[0].startswith("layer3") and box[0] not in opened] == [
        ("layer3.0", 1),
        ("layer3.1", 1),
        ("layer3.3", 3),
    ]
    assert ("layer3.1", "layer3.2.add") in skips(drawn, "identity")
    (add,) = [node for node in drawn.nodes if node.id == "layer3.2.add"]
    assert add.clusters == ("layer3", "layer3.2")


def test_opening_opens_what_is_around() -> None:
    drawn = view("vit_b_16", "stage", ("encoder.layers.encoder_layer_3.self_attention",))
    ids = [id_ for id_, _ in boxes(drawn)]
    assert ids[:3] == ["stem", "encoder.layers.encoder_layer_0", "encoder.layers.encoder_layer_3.ln_1"]
    assert ids[-2:] == ["encoder.layers.encoder_layer_4", "head"]
    assert any(id_.startswith("encoder.layers.encoder_layer_3.self_attention.") for id_ in ids)
    total = archspec.summarize(designs.graph("vit_b_16"))
    assert sum(node.params or 0 for node in drawn.nodes) == total.params


def test_everything_opened_is_the_op_level() -> None:
    for name in ("small_resnet", "unet", "guest_net", "highway_conv", "densenet121"):
        graph = designs.graph(name)
        ops = view_of(graph, "op")
        for level in ("stage", "block"):
            opened = view_of(graph, level, opened=tuple(openable(graph)))
            assert boxes(opened) == boxes(ops)
            assert {(e.source, e.target, e.kind) for e in opened.edges} == {
                (e.source, e.target, e.kind) for e in ops.edges
            }


@pytest.mark.parametrize("name", ["resnet50", "densenet121", "unet", "guest_net", "highway_conv", "vit_b_16"])
@pytest.mark.parametrize("level", ["stage", "block"])
def test_the_view_is_the_quotient_of_the_ops(name: str, level: str) -> None:
    """networkx's quotient of the ops by the boxes has the same connections."""
    graph = designs.graph(name)
    flat, drawn = flatten(graph), view_of(graph, level)
    box_of = {}
    for node in drawn.nodes:
        sections = [section for section in graph.sections if level == "stage" and section.name == node.id]
        steps = [step for section in sections for step in graph.body.steps[section.first : section.last]]
        paths = [step.scope for step in steps] or node.paths
        inside = [op.index for op in flat.nodes if op.path in paths or op.path.startswith(_below(paths))]
        box_of.update(dict.fromkeys(inside, node.id))
    last = ""
    for op in flat.nodes:  # loose ops belong to the box of the first
        last = box_of.setdefault(op.index, last)
    reads = [(v, op.index) for op in flat.nodes for v in op.inputs if v is not None]
    ops = networkx.DiGraph((flat.producers[v], op) for v, op in reads if flat.producers[v] >= 0)
    boxes_of = [{op for op in ops if box_of[op] == box} for box in {box_of[op] for op in ops}]
    quotient = networkx.quotient_graph(ops, boxes_of, create_using=networkx.DiGraph)
    edges = {(box_of[min(source)], box_of[min(target)]) for source, target in quotient.edges}
    ends = {node.id for node in drawn.nodes if node.role != "layers"}
    assert {(e.source, e.target) for e in drawn.edges if {e.source, e.target}.isdisjoint(ends)} == edges


def _below(paths: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"{path}." for path in paths)


def test_what_cannot_be_opened_is_reported() -> None:
    graph = designs.graph("resnet50")
    with pytest.raises(OpenPathError, match=r"nothing is called 'layer9.0'.*layer4.0"):
        archspec.draw(graph, open=["layer9.0"])
    with pytest.raises(OpenPathError, match="one op"):
        archspec.draw(graph, open="layer1.0.conv1")


def test_several_values_between_two_boxes_are_one_edge_with_their_shapes() -> None:
    text = """\
name: pair
input: [4, 16, 16]
blocks:
  two:
    body:
      - branches: {merge: none, of: [[conv: {channels: 8}], [conv: {channels: 4, stride: 2}]]}
  join:
    inputs: {x: [map]}
    body:
      - conv: {from: "x[0]", channels: 4, stride: 2}
      - add: [prev, "x[1]"]
stages:
  - two: {name: two}
  - join: {name: join}
"""
    drawn = view_of(archspec.lower(archspec.loads(text)))
    assert [e.shape for e in drawn.edges if e.source == "two"] == ["8×16×16, 4×8×8"]


def test_a_box_has_its_figures() -> None:
    (last,) = [node for node in view("resnet50", "stage").nodes if node.id == "layer4"]
    assert (last.params, last.receptive_field, last.reach) == (14_964_736, "427×427", 427)
    (stem,) = [node for node in view("resnet50", "stage").nodes if node.id == "stem"]
    assert stem.memory == 4 * (3 * 64 * 112 * 112 + 64 * 56 * 56)
    assert "resnet.yaml" in stem.origin


def test_a_level_or_a_graph_that_is_none() -> None:
    graph = designs.graph("small_resnet")
    with pytest.raises(ValueError, match="level is one of"):
        archspec.draw(graph, level="layer")  # type: ignore[call-overload]  # what is tested
    with pytest.raises(ValueError, match="format is one of"):
        archspec.draw(graph, format="gif")  # type: ignore[call-overload]  # what is tested
    with pytest.raises(ValueError, match="direction is one of"):
        archspec.draw(graph, direction="up")  # type: ignore[call-overload]  # what is tested
    with pytest.raises(TypeError, match="a view is of a Graph"):
        view_of("small_resnet", "block")  # type: ignore[arg-type]  # what is tested
