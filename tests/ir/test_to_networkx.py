"""The Graph as a networkx graph: the ops and reads of the flat graph, and what networkx computes from them."""

from __future__ import annotations

import networkx as nx
import pytest
from msgspec.structs import replace

import archspec
from archspec.analysis.op_depth import op_depths
from archspec.ir.flat import flatten
from tests import designs

NETWORKS = ("resnet50", "densenet121", "unet", "vit_b_16", "highway_conv")


@pytest.mark.parametrize("name", NETWORKS)
def test_ops_and_reads_are_those_of_the_flat_graph(name: str) -> None:
    graph = designs.graph(name)
    network, flat = graph.to_networkx(), flatten(graph)
    ops = [path for path, data in network.nodes(data=True) if data["role"] == "op"]
    assert ops == [node.path for node in flat.nodes]
    producers = [f"input:{port}" for port, _ in graph.inputs]
    sources = {value: (producers[number], 0) for number, value in enumerate(flat.inputs)}
    for node in flat.nodes:
        sources.update({value: (node.path, output) for output, value in enumerate(node.outputs)})
    for node in flat.nodes:
        data = network.nodes[node.path]
        assert (data["kind"], data["op"], data["types"]) == (node.kind, node.op, node.node.outputs)
        assert len(data["calls"]) == len(node.calls)
        reads = sorted((edge["port"], source, edge["output"], edge["value"]) for source, _, edge in
                       network.in_edges(node.path, data=True))  # fmt: skip
        wanted = [(port, *sources[value], flat.types[value]) for port, value in enumerate(node.inputs)
                  if value is not None]  # fmt: skip
        assert reads == wanted
    ends = [
        next(iter(network.predecessors(path))) for path, data in network.nodes(data=True) if data["role"] == "output"
    ]
    assert ends == [sources[value][0] for value in flat.outputs]


@pytest.mark.parametrize("name", ["resnet50", "unet"])
def test_networkx_finds_the_depth_and_the_bottleneck(name: str) -> None:
    graph = designs.graph(name)
    network = graph.to_networkx()
    assert nx.is_directed_acyclic_graph(network)
    ops = len(nx.dag_longest_path(network)) - 2  # without the input and the output
    assert ops == max(item.depth for item in op_depths(graph))
    last = flatten(graph).nodes[-1].path
    assert nx.has_path(network, nx.immediate_dominators(network, "input:input")[last], last)


def test_a_path_that_is_used_twice_gets_a_number() -> None:
    graph = archspec.lower(archspec.loads("input: [3, 8, 8]\nstages:\n  - relu\n  - relu\n"))
    first, second = graph.body.steps
    body = replace(graph.body, steps=(first, replace(second, scope=first.scope)))
    network = replace(graph, body=body).to_networkx()
    assert list(network) == ["input:input", first.scope, f"{first.scope}#2", "output:output"]
