"""What people do with the explorer, in a real browser."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

import archspec
from tests import designs
from tests.e2e.conftest import Opened
from tests.narrow import present

RESNET = archspec.load("resnet").text


def test_it_opens_on_resnet50_and_shows_what_it_costs(opened: Opened) -> None:
    app = opened()
    app.totals("25.6 M")
    app.totals("4.09 G")
    expect(app.row("layer4")).to_contain_text("2048×7×7")
    expect(app.problems).to_contain_text("None")
    expect(app.editor).to_contain_text("name: resnet")
    assert app.page.locator(".workbench g.node").count() == 12  # ten boxes, the input, the output
    assert "spec=resnet" in app.page.url


def test_another_variant_changes_everything(opened: Opened) -> None:
    app = opened()
    app.choose("Variant", "resnet18")
    app.totals("11.7 M")
    expect(app.row("layer4")).to_contain_text("512×7×7")
    expect(app.page).to_have_url(re.compile("variant=resnet18"))
    app.choose("Colour by", "MACs")
    expect(app.graph).to_contain_text("118 M MACs")  # of the stem, in the box that has its colour
    assert app.page.locator('.workbench g.node path[fill="#78aade"]').count() == 1  # the darkest is the most costly


def test_an_edit_changes_table_graph_and_totals(opened: Opened) -> None:
    app = opened()
    before = app.row("stem").inner_text()
    app.write(RESNET.replace("channels: 64,", "channels: 48,"))
    expect(app.graph).to_contain_text("48×56×56")
    expect(app.row("stem")).to_contain_text("48×56×56")
    assert app.row("stem").inner_text() != before
    app.totals("edited")
    app.editor.click()
    app.page.keyboard.press("Control+z")
    expect(app.row("stem")).to_contain_text("64×56×56")


def test_another_page_and_back_keeps_the_text_and_its_undo(opened: Opened) -> None:
    app = opened()
    app.write(RESNET.replace("classes: 1000", "classes: 10"))
    expect(app.row("head")).to_contain_text("10")
    app.totals("edited")
    app.go("Compare")
    app.page.get_by_text("classes 1000 → 10").first.wait_for()
    app.page.get_by_role("link", name="Explore", exact=True).click()
    app.settle()
    expect(app.editor).to_contain_text("classes: 10")
    app.editor.click()
    app.page.keyboard.press("Control+z")
    expect(app.row("head")).to_contain_text("1000")
    expect(app.editor).to_contain_text("classes: 1000")


def test_a_mismatch_is_marked_reported_and_fixed(opened: Opened) -> None:
    app = opened()
    app.write(RESNET.replace("shortcut: projection", "shortcut: projetion"))
    expect(app.problems).to_contain_text("Problems (1)")
    expect(app.page.locator(".workbench .cm-lint-marker-error")).to_have_count(1)
    expect(app.problems).to_contain_text("did you mean projection?")
    app.problems.get_by_role("button", name=re.compile("Apply the fix")).click()
    expect(app.problems).to_contain_text("None")
    expect(app.editor).to_contain_text("shortcut: projection")


def test_shapes_that_do_not_fit_are_red_and_say_both(opened: Opened) -> None:
    app = opened()
    app.write(RESNET.replace("shortcut: projection", "shortcut: identity"))
    expect(app.problems).to_contain_text("RES001")
    expect(app.problems).to_contain_text("64 → 256")
    assert app.page.locator('.workbench g.edge path[stroke="#c62828"]').count() >= 1
    assert app.page.locator(".workbench g.node").count() >= 8  # what is behind it is there, in grey
    app.page.locator(".workbench .cm-lint-marker-error").hover()
    expect(app.page.locator(".cm-tooltip-lint")).to_contain_text("an identity shortcut")


def test_graph_editor_and_table_are_linked_both_ways(opened: Opened) -> None:
    app = opened()
    app.box("layer2.0").dispatch_event("click")
    expect(app.page.locator(".workbench .cm-line.lit")).to_contain_text("name: layer2")
    expect(app.row("layer2")).to_have_class(re.compile("selected"))
    expect(app.inspector).to_contain_text("379,392")
    expect(app.page).to_have_url(re.compile("select=layer2.0"))
    app.line("name: layer3").click()
    expect(app.row("layer3")).to_have_class(re.compile("selected"))
    expect(app.page.locator(".workbench g.node.selected, .workbench g.node.beside").first).to_be_visible()
    app.row("layer4").click()
    expect(app.page.locator(".workbench .cm-line.lit")).to_contain_text("name: layer4")
    assert app.page.locator(".workbench g.node.beside").count() == 2


def test_an_address_shows_what_it_names(opened: Opened) -> None:
    app = opened("/?spec=resnet&variant=resnet50&level=block&select=layer4.0")
    expect(app.inspector).to_contain_text("layer4.0")
    expect(app.box("layer4.0")).to_be_in_viewport()
    expect(app.page.locator(".workbench .cm-line.lit")).to_contain_text("name: layer4")
    panel = present(app.page.locator(".workbench .panel").bounding_box())
    box = present(app.box("layer4.0").bounding_box())
    assert panel["y"] <= box["y"] <= panel["y"] + panel["height"]


def test_a_stage_opens_to_blocks_and_ops_and_folds_again(opened: Opened) -> None:
    app = opened("/?spec=resnet&variant=resnet50&level=stage")
    nodes = app.page.locator(".workbench g.node")
    expect(nodes).to_have_count(8)
    app.box("layer1").focus()
    app.page.keyboard.press("Enter")
    expect(app.box("layer1.0")).to_have_count(1)
    app.box("layer1.0").focus()
    app.page.keyboard.press("Enter")
    expect(app.box("layer1.0.conv1")).to_have_count(1)
    app.page.get_by_role("button", name="Fold layer1.0").click()
    expect(app.box("layer1.0.conv1")).to_have_count(0)
    app.page.get_by_text("op", exact=True).click()
    expect(nodes).to_have_count(sum(1 for _ in designs.graph("resnet50").nodes()) + 2)


def test_two_variants_are_compared(opened: Opened) -> None:
    app = opened()
    app.go("Compare")
    app.page.get_by_text(re.compile(r"depths .* → .*: \+18.99 M params.*layer3: repeat 6 → 23")).wait_for()
    expect(app.page.get_by_test_id("stMetricDelta").first).to_contain_text("+19.0 M")
    expect(app.page.get_by_role("row", name=re.compile("^layer4"))).to_contain_text("427×427 → 971×971")
    picture = app.page.get_by_role("img").first
    picture.wait_for()
    assert picture.evaluate("image => image.naturalWidth") > 300
    app.choose("Variant after", "resnet50")
    app.page.get_by_text("Nothing differs between the two").wait_for()


def test_the_valid_sizes_of_a_u_net_are_found(opened: Opened) -> None:
    app = opened("/?spec=unet")
    app.go("Input sizes and batch")
    app.page.get_by_text("height and width must be multiples of 16, at least 16").wait_for()
    height = app.page.get_by_role("spinbutton", name="height")
    height.fill("100")
    height.press("Enter")
    app.page.get_by_text("100×256 does not work: height 100, the nearest that works: 96 or 112").wait_for()
    height.fill("112")
    height.press("Enter")
    app.page.get_by_text("112×256 works, and no pixel is left out").wait_for()


def test_a_smoke_run_shows_its_progress_and_can_be_cancelled(opened: Opened) -> None:
    app = opened("/?spec=small_resnet")
    app.go("Smoke run")
    run = app.page.get_by_role("button", name="Run", exact=True)
    steps = app.page.get_by_role("spinbutton", name="Timed steps")
    steps.fill("25")
    run.click()
    app.page.get_by_text(re.compile("s of at most")).wait_for()
    run.click()  # the second waits for the first
    app.page.get_by_text("waits; 1 run is before it").wait_for()
    app.page.get_by_role("button", name="Cancel").last.click()
    app.page.get_by_text("it trains, and all numbers are finite").wait_for()
    expect(app.page.get_by_test_id("stMetric").first).to_contain_text("ms")
    expect(app.page.get_by_role("row", name=re.compile("small_resnet")).first).to_contain_text("cancelled")
    app.page.get_by_role("button", name="Cancel").wait_for(state="detached")
    steps.fill("200")
    run.click()
    app.page.get_by_text(re.compile("timing")).first.wait_for()
    app.page.get_by_role("button", name="Cancel").click()
    app.page.get_by_text(re.compile("Run 3 of small_resnet: cancelled while it was at: timing")).wait_for()


def test_exported_source_runs_with_torch_alone(opened: Opened, tmp_path: Path) -> None:
    app = opened("/?spec=small_resnet")
    app.go("Export")
    with app.page.expect_download() as download:
        app.page.get_by_role("button", name="Download the Python file").click()
    file = tmp_path / "network.py"
    download.value.save_as(file)
    script = "import torch, network; names = [n for n in vars(network)]; print('ok')"
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout == "ok\n", done.stderr
    assert "archspec" not in {
        line.split()[1].split(".")[0] for line in file.read_text().splitlines() if line.startswith(("import ", "from "))
    }


def test_a_spec_is_saved_to_the_folder_and_nowhere_else(opened: Opened, folder: Path) -> None:
    before = RESNET
    app = opened("/?spec=./mine.yaml")
    expect(app.editor).to_contain_text("name: mine")
    app.page.get_by_role("button", name="File").click()
    app.page.get_by_role("textbox", name="Save as").fill("other")
    app.page.get_by_role("button", name="Save to the folder").click()
    app.page.get_by_text("Saved.").wait_for()
    assert sorted(path.name for path in folder.iterdir()) == ["mine.yaml", "other.yaml"]
    assert archspec.load("resnet").text == before


def test_a_file_is_uploaded_and_made_a_spec_of_its_own(opened: Opened, tmp_path: Path) -> None:
    mine = tmp_path / "given.yaml"
    layers = "stages:\n  - conv: {channels: wide}\n"
    mine.write_text(f"name: given\ninput: [3, 8, 8]\nparams: {{wide: 4}}\n{layers}variants:\n  two: {{wide: 2}}\n")
    app = opened()
    app.page.get_by_role("button", name="File").click()
    app.page.locator("input[type=file]").set_input_files(mine)
    expect(app.editor).to_contain_text("name: given")
    expect(app.row("0")).to_contain_text("2×")
    app.page.get_by_role("button", name="New spec from this variant").click()
    expect(app.editor).to_contain_text("name: two")
    expect(app.editor).not_to_contain_text("variants")


@pytest.mark.parametrize("width", [800, 1280, 1920])
def test_it_can_be_used_at_every_width(opened: Opened, width: int) -> None:
    app = opened(width=width)
    assert app.page.evaluate("document.documentElement.scrollWidth") <= width
    for part in (app.graph, app.editor):
        place = present(part.bounding_box())
        assert place["x"] >= 0
        assert place["x"] + place["width"] <= width + 400 * (part is app.editor)
    assert present(app.graph.bounding_box())["width"] >= 300
