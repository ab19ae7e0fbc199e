"""The HTML page in a real Chromium: open, fold, search, hover, keys, pan and zoom, names that are only text."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest
from msgspec.structs import replace
from playwright.sync_api import Page, expect

import archspec
from archspec.language.files import gallery_names
from archspec.lowering import lower_partial
from archspec.views.view import view_of
from tests import designs
from tests.browser.conftest import Opened
from tests.narrow import present

RECTANGLES = """
(selector) => [...document.querySelectorAll(selector)].map((one) => {
  const {x, y, width, height} = one.getBoundingClientRect();
  return [x, y, x + width, y + height];
})
"""
INSIDE = """
() => [...document.querySelectorAll("#canvas .words")].filter((words) => {
  const [text, box] = [words.getBoundingClientRect(), words.parentNode.querySelector(".face").getBoundingClientRect()];
  return text.left < box.left || text.right > box.right || text.top < box.top || text.bottom > box.bottom;
}).map((words) => words.textContent)
"""


def paths(page: Page) -> list[str]:
    return list(page.evaluate("() => [...document.querySelectorAll('.box')].map((box) => box.dataset.path)"))


def box(page: Page, path: str) -> Any:
    """The innermost box of a path, brought into view by zooming out as a person would."""
    found = page.locator(f'.box[data-path="{path}"]').last
    for _ in range(20):
        middle = present(found.bounding_box())
        if 130 < middle["y"] < 780 - middle["height"] or middle["height"] > 780:
            break
        page.click("#out")
    return found


def apart(rectangles: list[list[float]]) -> bool:
    """Whether no two rectangles overlap; half a pixel is the rounding of a zoomed picture."""
    return not any(
        a[0] + 0.5 < b[2] and b[0] + 0.5 < a[2] and a[1] + 0.5 < b[3] and b[1] + 0.5 < a[3]
        for a, b in combinations(rectangles, 2)
    )


def test_boxes_open_and_fold_by_click(opened: Opened) -> None:
    page = opened("resnet50", level="stage")
    assert paths(page) == ["input", "stem", "layer1", "layer2", "layer3", "layer4", "head", "output"]
    box(page, "layer2").click()
    assert [path for path in paths(page) if path.startswith("layer2")] == ["layer2", "layer2.0", "layer2.1…3"]
    box(page, "layer2.0").click()
    assert "layer2.0.conv1" in paths(page)
    assert box(page, "layer2.0").get_attribute("aria-expanded") == "true"
    box(page, "layer2.1…3").click()
    assert [path for path in paths(page) if path in ("layer2.1", "layer2.2", "layer2.3")] != []
    page.locator('.box[data-path="layer2"] > .title').click()
    assert paths(page) == ["input", "stem", "layer1", "layer2", "layer3", "layer4", "head", "output"]


def test_the_clicked_box_stays_where_it_is(opened: Opened) -> None:
    page = opened("resnet50", level="stage")
    before = box(page, "layer2").bounding_box()
    box(page, "layer2").click()
    after = box(page, "layer2").bounding_box()
    assert abs(before["y"] - after["y"]) < 2
    assert abs(before["x"] - after["x"]) < 2


@pytest.mark.parametrize("name", ["small_resnet", "unet", "guest_net", "highway_conv", "vit_b_16", "densenet121"])
def test_all_opened_are_the_ops_of_the_graph(opened: Opened, name: str) -> None:
    page = opened(name, level="op")
    graph = designs.graph(name)
    shown = page.evaluate("() => [...document.querySelectorAll('.box:not(.opened)')].map((box) => box.dataset.path)")
    ends = len(graph.inputs), len(shown) - len(graph.output_types)
    assert sorted(shown[slice(*ends)]) == sorted(placed.path for placed in graph.nodes())


def test_what_is_to_be_open_is_open(opened: Opened) -> None:
    page = opened("resnet50", level="stage", open=["layer3.2"])
    assert "layer3.2.conv1" in paths(page)
    assert "layer2.0" not in paths(page)


def test_the_level_opens_and_folds(opened: Opened) -> None:
    page = opened("resnet50", level="stage")
    page.select_option("#level", "block")
    assert {"layer1.0", "layer1.1…2", "conv1"} <= set(paths(page))
    assert "layer1.0.conv1" not in paths(page)
    page.select_option("#level", "stage")
    assert len(paths(page)) == 8


def test_search_opens_what_it_finds(opened: Opened) -> None:
    page = opened("resnet50", level="stage")
    page.keyboard.press("/")
    page.keyboard.type("layer3.4.conv2")
    expect(page.locator("#count")).to_have_text("1 found")
    page.keyboard.press("Enter")
    expect(page.locator("#count")).to_have_text("1 of 1: layer3.4.conv2")
    found = page.locator(".box.found")
    expect(found).to_have_attribute("data-path", "layer3.4.conv2")
    expect(found).to_be_in_viewport()
    page.fill("#search", "max_pool")
    page.keyboard.press("Enter")
    expect(page.locator(".box.found")).to_have_attribute("data-path", "stem")
    page.keyboard.press("Enter")
    expect(page.locator(".box.found")).to_have_attribute("data-path", "3")
    page.fill("#search", "nothing like it")
    page.keyboard.press("Enter")
    expect(page.locator("#count")).to_have_text("0 found")
    page.keyboard.press("Escape")
    expect(page.locator("#count")).to_have_text("")


def test_hover_shows_cost_and_origin(opened: Opened) -> None:
    page = opened("resnet50", level="block", open=["layer1.0"])
    box(page, "layer1.0.conv2").hover()
    tip = page.locator("#tip")
    expect(tip).to_be_visible()
    expect(tip).to_contain_text("layer1.0.conv2")
    expect(tip).to_contain_text("36,864 params, 115,605,504 MACs")
    expect(tip).to_contain_text("bottleneck.yaml:")
    expect(tip).to_contain_text("sees 19×19")
    box(page, "layer1.1…2").hover()
    expect(tip).to_contain_text("140,800 params")
    expect(tip).to_contain_text("shortcut: identity")
    expect(tip).to_contain_text("sees 35×35")
    page.locator("h1").hover()
    expect(tip).to_be_hidden()


def test_the_same_block_sees_more_further_down(opened: Opened) -> None:
    graph = designs.graph("resnet50")
    fields = {node.id: node.receptive_field for node in view_of(graph, "op").nodes}
    page = opened(graph, level="op", color="receptive-field")
    for path in ("layer1.0.conv2", "layer3.1.conv2", "layer3.5.conv2", "layer4.2.conv3"):
        expect(page.locator(f'.box[data-path="{path}"]').last).to_contain_text(f"sees {fields[path]}")
    assert fields["layer4.2.conv3"] == "427×427"
    fill = "(path) => [...document.querySelectorAll(`[data-path='${path}'] .face`)].at(-1).style.fill"
    assert page.evaluate(fill, "layer1.0.conv2") != page.evaluate(fill, "layer4.2.conv3")


def test_keys_alone(opened: Opened) -> None:
    page = opened("resnet50", level="stage")
    page.locator(".box").first.focus()
    for _ in range(2):
        page.keyboard.press("ArrowDown")
    focused = "() => document.activeElement.dataset.path"
    assert page.evaluate(focused) == "layer1"
    expect(page.locator("#tip")).to_contain_text("layer1")
    page.keyboard.press("Enter")
    assert "layer1.0" in paths(page)
    assert page.evaluate(focused) == "layer1"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    assert "layer1.0.conv1" in paths(page)
    page.keyboard.press("ArrowLeft")
    assert "layer1.0.conv1" not in paths(page)
    page.keyboard.press("ArrowLeft")
    assert page.evaluate(focused) == "layer1"
    page.keyboard.press("Space")
    assert len(paths(page)) == 8
    page.keyboard.press("Tab")
    assert page.evaluate(focused) == "layer2"


def test_pan_and_zoom(opened: Opened) -> None:
    page = opened("resnet50", level="stage")
    start = box(page, "layer1").bounding_box()
    page.mouse.move(40, 400)
    page.mouse.down()
    page.mouse.move(140, 460, steps=5)
    page.mouse.up()
    moved = box(page, "layer1").bounding_box()
    assert (round(moved["x"] - start["x"]), round(moved["y"] - start["y"])) == (100, 60)
    page.mouse.wheel(0, -300)
    wheeled = box(page, "layer1").bounding_box()
    assert wheeled["width"] > moved["width"] * 1.3
    page.click("#fit")
    assert box(page, "layer1").bounding_box() == start
    page.click("#out")
    assert box(page, "layer1").bounding_box()["width"] < start["width"]
    page.click("#in")
    page.keyboard.press("0")
    assert box(page, "layer1").bounding_box() == start


def test_dragging_a_box_does_not_open_it(opened: Opened) -> None:
    page = opened("resnet50", level="stage")
    at = box(page, "layer1").bounding_box()
    page.mouse.move(at["x"] + 20, at["y"] + 10)
    page.mouse.down()
    page.mouse.move(at["x"] + 120, at["y"] + 40, steps=5)
    page.mouse.up()
    assert len(paths(page)) == 8


@pytest.mark.parametrize("name", gallery_names())
@pytest.mark.parametrize("level", ["stage", "block"])
def test_nothing_overlaps(opened: Opened, name: str, level: str) -> None:
    """Measured by the browser: boxes apart, labels apart, text within its box, no label under a box."""
    page = opened(name, level=level, color="macs")
    faces = page.evaluate(RECTANGLES, "#canvas .face")
    labels = page.evaluate(RECTANGLES, "#canvas .label text")
    assert apart(faces)
    assert apart(labels)
    assert all(apart([face, label]) for face in faces for label in labels)
    assert page.evaluate(INSIDE) == []


def test_colours_and_broken_designs(opened: Opened) -> None:
    text = (
        "name: b\ninput: [3, 32, 32]\nstages:\n  - conv: {name: a, channels: 16}\n"
        "  - residual:\n      body: [{conv: {name: c, channels: 16, stride: 2}}]\n      shortcut: identity\n  - relu\n"
    )
    graph, found, _ = lower_partial(archspec.loads(text))
    page = opened(graph, level="op", diagnostics=found)
    failed = page.locator(".box.failed:not(.opened)")
    expect(failed).to_have_count(1)
    expect(failed).to_contain_text("fails: RES002")
    expect(failed).to_contain_text("16×16×16 and 16×32×32")
    red = page.locator('path.edge[stroke="#c62828"]')
    expect(red).to_have_count(2)
    assert page.locator(".box.unknown").count() >= 2


def test_names_are_only_text(opened: Opened) -> None:
    name = '</script><img src=x onerror="console.error(1)">'
    graph = designs.graph("small_resnet")
    step = replace(graph.body.steps[0], scope=name)
    sections = (replace(graph.sections[0], name=name), *graph.sections[1:])
    body = replace(graph.body, steps=(step, *graph.body.steps[1:]))
    page = opened(replace(graph, name=name, body=body, sections=sections), level="op")
    assert page.locator("img").count() == 0
    assert name in page.locator("h1").inner_text()
    assert name in paths(page)


def test_a_thousand_blocks_are_folded_searched_and_opened(opened: Opened) -> None:
    graph = designs.graph("cifar_resnet", depth=1202)
    page = opened(graph, level="block")
    assert len(paths(page)) < 30
    page.fill("#search", "layer3.150.conv2")
    page.keyboard.press("Enter")
    expect(page.locator(".box.found")).to_have_attribute("data-path", "layer3.150.conv2")
    assert sum(1 for _ in view_of(graph, "block").nodes) < 30
