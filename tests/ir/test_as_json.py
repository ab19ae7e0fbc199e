"""The Graph as JSON: whole, stable, and enough to say what the text dump says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

import archspec
from archspec import summarize
from archspec.language.files import gallery_names
from tests import designs
from tests.oracle.families import DESIGNS, family
from tests.oracle.raw_tree import write


def graphs() -> dict[str, archspec.Graph]:
    found = {name: designs.graph(name) for name in gallery_names()}
    return found | {name: archspec.lower(archspec.loads(write(family(name))[0])) for name in DESIGNS}


def tensors(data: dict[str, Any], number: int = 0, prefix: str = "") -> Iterator[tuple[str, tuple[int, ...]]]:
    """Every tensor of the network by its key, as a reader of the JSON finds it."""
    for step in data["bodies"][number]["steps"]:
        if "body" in step:
            yield from tensors(data, step["body"], f"{prefix}{step['path']}.")
        else:
            yield from ((prefix + tensor["key"], tuple(tensor["shape"])) for tensor in step["tensors"])


@pytest.mark.torch
@pytest.mark.parametrize("name", [*gallery_names(), *DESIGNS])
def test_it_says_what_the_module_is(name: str) -> None:
    spec = archspec.load(name) if name in gallery_names() else archspec.loads(write(family(name))[0])
    graph = archspec.lower(spec)
    data = json.loads(archspec.to_json(graph))
    assert archspec.to_json(archspec.lower(spec)) == archspec.to_json(graph)
    wanted = {key: tuple(tensor.shape) for key, tensor in archspec.build(spec, device="meta").state_dict().items()}
    assert dict(tensors(data)) == wanted
    last = data["bodies"][0]
    types = [*last["inputs"], *(item for step in last["steps"] for item in step["outputs"])]
    assert [types[value]["shape"] for value in last["outputs"]] == [list(item.shape) for item in graph.output_types]
    assert sum(section["last"] - section["first"] for section in data["sections"]) == len(last["steps"])


def test_values_are_numbered_and_read_after_they_are_made() -> None:
    for graph in graphs().values():
        for body in json.loads(archspec.to_json(graph))["bodies"]:
            count = len(body["inputs"])
            for step in body["steps"]:
                assert all(value is None or value < count for value in step["inputs"])
                assert step["values"] == list(range(count, count + len(step["outputs"])))
                count += len(step["outputs"])


def test_what_one_step_says() -> None:
    text = "input: [3, 8, 8]\nstages:\n  - conv: {name: c, channels: 4, init: {weight: {normal: {std: 1}}}}\n"
    data = json.loads(archspec.to_json(archspec.lower(archspec.loads(text, file="net.yaml"))))
    assert data["format"] == 1
    (step,) = data["bodies"][0]["steps"]
    assert (step["op"], step["path"], step["attributes"]["channels"]) == ("conv", "c", 4)
    assert step["tensors"][:1] == [{"name": "weight", "key": "c.weight", "shape": [4, 3, 3, 3], "role": "parameter"}]
    assert step["init"] == [{"tensor": "weight", "scheme": "normal", "arguments": {"std": 1.0}}]
    assert step["origin"] == {"file": "net.yaml", "line": 3, "column": 5, "inserted": ""}
    assert step["outputs"][0] == {
        "kind": "map", "shape": [4, 8, 8], "channel_axis": 0, "grid": None, "prefix": 0, "range": None
    }  # fmt: skip


def test_identical_blocks_stand_once_and_inserted_projections_say_why() -> None:
    graph = designs.graph("resnet50")
    data = json.loads(archspec.to_json(graph))
    assert len({id(placed.step.body) for placed in graph.walk() if hasattr(placed.step, "body")}) + 1 == len(
        data["bodies"]
    )
    projections = [step for body in data["bodies"] for step in body["steps"] if step.get("block") == "projection"]
    assert projections
    assert all(step["origin"]["inserted"] for step in projections)
    assert sum(len(body["decisions"]) for body in data["bodies"]) == len(summarize(graph).inserted)
