"""A design without its shortcuts: held against networkx, against designs that never had any, and refused by line."""

from __future__ import annotations

from collections.abc import Iterator

import networkx as nx
import pytest
import torch
from msgspec.structs import replace

import archspec
from archspec.backends.torch.build import module_of
from archspec.errors import ShortcutRemovalError
from archspec.ir.as_json import to_json
from archspec.ir.dump import dump
from archspec.ir.flat import flatten
from archspec.ir.graph import RESIDUAL_MERGE, Graph, Node
from archspec.ir.types import ValueType
from tests import designs
from tests.designs import graph_of

TAKEN = ("cifar_preact_resnet", "cifar_resnet", "convnext", "custom_block", "mobilenet_v2", "preact_resnet",
         "residual_mlp", "resnet", "resnet50d", "se_resnet50", "small_resnet", "vit")  # fmt: skip
REFUSED = {
    "densenet": "concat",
    "highway": "gate",
    "highway_conv": "gate",
    "hrnet": "add",
    "unet": "concat",
}


def main_path(graph: Graph) -> Iterator[str]:
    """The paths of the ops that lead to an output once the edges of shortcuts are cut, by networkx."""
    flat = flatten(graph)
    edges: nx.DiGraph[int] = nx.DiGraph()
    edges.add_nodes_from(range(len(flat.nodes)))
    for placed in flat.nodes:
        merge = placed.kind == "add" and placed.node.origin.inserted == RESIDUAL_MERGE
        for value in placed.inputs[:1] if merge else placed.inputs:
            if value is not None and flat.producers[value] >= 0:
                edges.add_edge(flat.producers[value], placed.index)
    ends = {flat.producers[value] for value in flat.outputs}
    needed = ends.union(*(nx.ancestors(edges, end) for end in ends))
    for placed in flat.nodes:
        if placed.index in needed and not (placed.kind == "add" and placed.node.origin.inserted == RESIDUAL_MERGE):
            yield placed.path


@pytest.mark.parametrize("name", TAKEN)
def test_what_is_left_is_what_leads_to_the_output(name: str) -> None:
    graph = designs.graph(name)
    before = dump(graph)
    plain = archspec.without_shortcuts(graph)
    assert [placed.path for placed in plain.nodes()] == list(main_path(graph))
    assert dump(graph) == before
    parameters = {key: tensor.shape for key, tensor in module_of(graph, device="meta").state_dict().items()}
    kept = {key: tensor.shape for key, tensor in module_of(plain, device="meta").state_dict().items()}
    assert kept == {
        key: shape for key, shape in parameters.items() if "downsample" not in key and "shortcut" not in key
    }
    assert to_json(plain)
    assert archspec.summarize(plain).params == sum(t.numel() for t in module_of(plain, device="meta").parameters())


@pytest.mark.parametrize("variant", ["resnet20", "resnet20_b"])
def test_equals_the_twin_that_was_written_without(variant: str) -> None:
    plain = archspec.without_shortcuts(designs.graph("cifar_resnet", variant))
    written = designs.graph("cifar_resnet", "plain20")
    ours, theirs = (module_of(graph, seed=3).eval() for graph in (plain, written))
    theirs.load_state_dict(ours.state_dict(), strict=True)
    images = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        assert torch.equal(ours(images), theirs(images))
    assert [row.path for row in archspec.summarize(plain).rows] == [
        row.path for row in archspec.summarize(written).rows
    ]
    assert archspec.summarize(plain).total == archspec.summarize(written).total


@pytest.mark.parametrize(("name", "merge"), REFUSED.items())
def test_refused(name: str, merge: str) -> None:
    with pytest.raises(ShortcutRemovalError, match=rf"specs/{name}\.yaml:\d+:\d+: the {merge} at ") as raised:
        archspec.without_shortcuts(designs.graph(name))
    assert raised.value.merges[0].merge == merge


@pytest.mark.parametrize("name", ["googlenet", "squeezenet"])
def test_nothing_to_take_out(name: str) -> None:
    with pytest.raises(ShortcutRemovalError, match="no residual whose merge is add"):
        archspec.without_shortcuts(designs.graph(name))


def test_a_residual_of_add_next_to_a_branch_of_concat() -> None:
    plain = archspec.without_shortcuts(
        graph_of("""
input: [4, 8, 8]
stages:
  - conv: {name: a, channels: 4, kernel: 1}
  - conv: {name: b, from: input, channels: 4, kernel: 1}
  - concat: [a, b]
  - residual: [{conv: {name: c, channels: 8, kernel: 3}}]
""")
    )
    assert [placed.path.rpartition(".")[2] for placed in plain.nodes()][-1] == "c"


def test_the_refusal_names_the_line_of_each_merge() -> None:
    with pytest.raises(ShortcutRemovalError) as raised:
        archspec.without_shortcuts(
            graph_of("""
input: [4, 8, 8]
stages:
  - residual: [{conv: {channels: 4, kernel: 3}}]
  - residual:
      merge: concat
      body: [{conv: {channels: 4, kernel: 3}}]
  - relu: {name: early}
  - conv: {channels: 8, kernel: 3}
  - add: [early, prev]
""")
        )
    assert [(merge.span.line, merge.merge) for merge in raised.value.merges] == [(6, "concat"), (10, "add")]


GATED = """
input: [4, 8, 8]
stages:
  - sequence:
      name: layer
      body: BODY
  - global_avg_pool
"""
GATES = {
    "a block of the library": "squeeze_excite: {name: se, hidden: 2}",
    "a residual": "residual: {name: se, merge: multiply, body: [{conv: {channels: 4, kernel: 1}}, sigmoid]}",
    "an op": "multiply: {from: [conv, weights], name: gated}",
}


@pytest.mark.parametrize("gate", GATES)
def test_gates_stay(gate: str) -> None:
    """What is added goes, what is multiplied stays: as in the same design without a residual around."""
    layers = "[{conv: {name: conv, channels: 4, kernel: 3}}, {sigmoid: {name: weights}}, {GATE}]"
    layers = layers.replace("GATE", GATES[gate])
    inside = f"[{{residual: {{body: {layers}}}}}]"
    plain = archspec.without_shortcuts(graph_of(GATED.replace("BODY", inside)))
    written = graph_of(GATED.replace("BODY", layers))
    assert [placed.step.kind for placed in plain.nodes()] == [placed.step.kind for placed in written.nodes()]
    assert "multiply" in {placed.step.kind for placed in plain.nodes()}
    ours, theirs = (module_of(graph, seed=3).eval() for graph in (plain, written))
    images = torch.randn(2, 4, 8, 8, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        assert torch.equal(ours(images), theirs(images))


def test_gates_alone_are_nothing_to_take_out() -> None:
    graph = graph_of("input: [4, 8, 8]\nstages:\n  - conv: 4\n  - squeeze_excite: {hidden: 2}\n")
    with pytest.raises(ShortcutRemovalError, match="no residual whose merge is add"):
        archspec.without_shortcuts(graph)


def test_what_only_shortcuts_inside_a_block_read_goes_outside_of_it_too() -> None:
    graph = graph_of("""
input: [4, 8, 8]
blocks:
  joined:
    inputs: {x: map, aside: map}
    body:
      - residual:
          body: [{conv: {name: main, from: x, channels: 4, kernel: 3}}]
          shortcut: [{conv: {name: inner, from: aside, channels: 4, kernel: 1}}]
stages:
  - conv: {name: outer, channels: 4, kernel: 1}
  - joined: {name: one, from: {x: input, aside: outer}}
  - joined: {name: two, from: {x: one, aside: outer}}
""")
    plain = archspec.without_shortcuts(graph)
    assert sorted(module_of(plain).state_dict()) == [
        "one.main.bias",
        "one.main.weight",
        "two.main.bias",
        "two.main.weight",
    ]
    assert module_of(plain)(torch.zeros(1, 4, 8, 8)).shape == (1, 4, 8, 8)
    assert len(module_of(graph).state_dict()) == 10


def test_a_shortcut_whose_tensors_are_shared_stays() -> None:
    with pytest.raises(ShortcutRemovalError, match=r"net\.yaml:8:.*shares the tensors of"):
        archspec.without_shortcuts(
            graph_of("""
input: [4, 8, 8]
stages:
  - sequence:
    - residual:
        body: [{conv: {channels: 4, kernel: 3}}]
        shortcut: [{conv: {name: proj, channels: 4, kernel: 1}}]
    - conv: {channels: 4, kernel: 1, share: proj}
""")
        )


def test_a_value_of_a_shortcut_that_is_read_elsewhere_stays() -> None:
    plain = archspec.without_shortcuts(
        graph_of("""
input: [4, 8, 8]
stages:
  - residual:
      name: both
      body: [{conv: {name: main, channels: 4, kernel: 3}}]
      shortcut: [{conv: {name: side, channels: 4, kernel: 1}}]
  - conv: {name: last, from: side, channels: 4, kernel: 1}
  - concat: {name: end, from: [both, last]}
""")
    )
    assert [placed.path.rpartition(".")[2] for placed in plain.nodes()] == ["main", "side", "last", "end"]


@pytest.mark.parametrize(
    ("gives", "message"),
    [
        (ValueType.map(4, 16, 16), "its main path gives 4×8×8, which the shortcut makes 4×16×16"),
        (ValueType("map", (4, 8, 8), 0, (8, 8)), "its shortcut alone knows what picture"),
    ],
)
def test_a_shortcut_that_gives_the_merge_its_type(gives: ValueType, message: str) -> None:
    graph = graph_of("input: [4, 8, 8]\nstages:\n  - residual: [{conv: {channels: 4, kernel: 3}}]\n")
    *steps, merge = graph.body.steps
    assert isinstance(merge, Node)
    widened = replace(graph, body=replace(graph.body, steps=(*steps, replace(merge, outputs=(gives,)))))
    with pytest.raises(ShortcutRemovalError, match=rf"net\.yaml:3:\d+: the add at .*: {message}"):
        archspec.without_shortcuts(widened)
