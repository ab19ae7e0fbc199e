"""What the HTML page is made of: its data against the Graph; a browser looks at the rest (tests/browser)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from msgspec.structs import replace

import archspec
from archspec.language.files import gallery_names
from archspec.views.page.receptive_fields import page_receptive_fields
from archspec.views.page.tree import page_data
from archspec.views.view import view_of
from tests import designs
from tests.narrow import text


def every_box(tree: dict[str, Any], number: int = -1, prefix: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    for box in tree["bodies"][number]["boxes"]:
        path = ".".join(part for part in (prefix, box.get("path", "")) if part)
        if "inside" in box:
            yield from every_box(tree, box["inside"], path)
        else:
            yield path, box


@pytest.mark.parametrize("name", gallery_names())
def test_its_boxes_are_the_ops_and_add_up(name: str) -> None:
    graph = designs.graph(name)
    tree = page_data(graph)
    ops = list(every_box(tree))
    assert [path for path, _ in ops] == [placed.path for placed in graph.nodes()]
    summary = archspec.summarize(graph)
    assert sum(box["params"] for box in tree["bodies"][-1]["boxes"]) == summary.params
    assert sum(box["macs"] for _, box in ops) == summary.macs


@pytest.mark.parametrize("name", gallery_names())
def test_every_connection_joins_boxes_and_edges(name: str) -> None:
    for body in page_data(designs.graph(name))["bodies"]:
        count = len(body["boxes"])
        assert all(edge["from"] < count for edge in body["edges"])
        assert all(edge["from"] < edge["to"] for edge in body["edges"])
        assert {edge["to"] for edge in body["edges"]} >= set(range(count)) - {
            number for number, box in enumerate(body["boxes"]) if box["about"] == "parameter"
        }


def test_a_thousand_blocks_are_a_small_page() -> None:
    page = archspec.draw(designs.graph("cifar_resnet", depth=1202), format="html")
    assert len(page) < 300_000


def test_nothing_is_fetched_and_no_name_ends_the_data() -> None:
    graph = designs.graph("small_resnet")
    name = "</script><script>alert(1)</script>${data}$title"
    page = text(archspec.draw(replace(graph, name=name), format="html"))
    assert "default-src 'none'" in page
    assert not re.search(r"(src|href)\s*=", page)
    assert [found for found in re.findall(r"https?://[^\"']*", page) if found != "http://www.w3.org/2000/svg"] == []
    assert page.count("</script>") == 2
    (data,) = re.findall(r'<script id="data" type="application/json">(.*?)</script>', page)
    assert json.loads(data)["bodies"]


@pytest.mark.parametrize("name", ["resnet50", "unet", "googlenet", "vit_b_16"])
def test_every_op_sees_what_the_picture_at_op_level_says(name: str) -> None:
    graph = designs.graph(name)
    found = page_receptive_fields(graph)
    shown = [found["fields"][number] for number in found["seen"]]
    boxes = [node for node in view_of(graph, "op").nodes if node.role == "layers"]
    assert shown == [[node.receptive_field, node.reach] for node in boxes]
    assert len({text for text, _ in shown}) > 1
    assert '<option value="receptive-field">' in archspec.draw(graph, format="html", color="receptive-field")
