"""How deep each op lies, against networkx's longest paths; what it sees, against what is known of networks."""

from __future__ import annotations

import networkx
import pytest

import archspec
from archspec.analysis.op_depth import op_depths
from archspec.analysis.receptive_field import receptive_field
from archspec.ir.flat import flatten
from tests import designs

NETWORKS = ("resnet18", "googlenet", "densenet121", "unet", "hrnet_w18_small", "vit_b_32", "highway_conv")


@pytest.mark.parametrize("name", NETWORKS)
def test_depth_is_the_longest_path(name: str) -> None:
    flat = flatten(designs.graph(name))
    network: networkx.DiGraph[str] = networkx.DiGraph()
    network.add_node("input")
    for node in flat.nodes:
        for value in node.inputs:
            if value is not None:
                maker = flat.producers[value]
                network.add_edge("input" if maker < 0 else flat.nodes[maker].path, node.path)
    reached = networkx.descendants(network, "input")
    longest = {"input": 0}
    for path in networkx.topological_sort(network):
        if path in reached:
            longest[path] = 1 + max(longest[p] for p in network.predecessors(path) if p in longest)
    found = {item.path: item.depth for item in op_depths(designs.graph(name))}
    del longest["input"]
    assert found == {path: depth for path, depth in longest.items() if path in found}
    assert set(longest) - set(found) <= {"class_token"}, "a learned tensor reads nothing but the batch"


@pytest.mark.parametrize("name", NETWORKS)
def test_the_last_op_sees_what_the_network_does(name: str) -> None:
    graph = designs.graph(name)
    assert op_depths(graph)[-1].field == receptive_field(graph)


def test_what_torchvisions_resnet50_is_known_for() -> None:
    maps = [item for item in op_depths(designs.graph("resnet50")) if item.field.sizes is not None]
    assert maps[-1].field.sizes == (427, 427)
    assert [item.field.sizes for item in maps[:5]] == [(7, 7), (7, 7), (7, 7), (11, 11), (11, 11)]
    assert sorted({item.section for item in maps}) == [0, 1, 2, 3, 4]


def test_each_input_leads_to_its_own_ops() -> None:
    text = """
inputs: {left: [3, 16, 16], right: [3, 16, 16]}
stages:
  - conv: {name: a, from: left, channels: 4, kernel: 3}
  - conv: {name: b, from: right, channels: 4, kernel: 5}
  - add: [a, b]
"""
    graph = archspec.lower(archspec.loads(text))
    for source, (path, size) in enumerate((("a", 3), ("b", 5))):
        first, last = op_depths(graph, source)
        assert (first.path, first.depth, first.section, first.field.sizes) == (path, 1, source, (size, size))
        assert (last.depth, last.section, last.field.sizes) == (2, 2, (size, size))
