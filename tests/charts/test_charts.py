"""Charts: what they show is what the summary and torch say, and they are the same bytes wherever they are drawn."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import combinations
from typing import Any, Literal
from xml.etree import ElementTree

import pytest
import torch
from matplotlib.patches import Rectangle
from torch import nn

from tests import designs
from tests.charts.curves import points

import tests.parity.torchvision_stub  # noqa: F401  isort: skip  (before torchvision)
import matplotlib
import torchvision
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

import archspec
from archspec.charts.cost import cost_chart
from archspec.charts.depth import bands, highest, receptive_field_chart
from archspec.charts.style import label, settings
from archspec.errors import ChartError
from archspec.language.files import gallery_names

SVG = "{http://www.w3.org/2000/svg}"
ODD = """
name: "two <b>&amp; $x$ \\x1b"
inputs: {image: [3, 64, 64], depth: [1, 64, 64], t: {shape: [8], kind: vector}}
stages:
  - conv: {name: a, from: image, channels: 8, kernel: [3, 7]}
  - conv: {name: b, from: depth, channels: 8, kernel: 5}
  - add: [a, b]
  - conv: {name: a_stage_whose_name_is_so_long_that_nothing_has_room_for_it, channels: 8, kernel: [1, 9]}
"""


def texts_of(svg: bytes) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def test_bars_are_the_summarys_rows() -> None:
    graph = designs.graph("googlenet")
    with settings():
        figure = cost_chart(graph)
    summary = archspec.summarize(graph)
    widths = [[int(bar.get_width()) for bar in axes.patches if isinstance(bar, Rectangle)] for axes in figure.axes]
    assert widths[0] == [row.cost.params for row in summary.rows]
    assert widths[1] == [row.cost.macs for row in summary.rows]
    assert widths[2] == [row.cost.output_bytes for row in summary.rows]
    assert [text.get_text() for text in figure.axes[0].get_yticklabels()] == [row.path for row in summary.rows]


def test_activations_are_what_torchvisions_modules_hand_on() -> None:
    """Every leaf's output, and the sum that ends each of the eight blocks, which has no module of its own."""
    sizes: list[int] = []

    def keep(module: nn.Module, given: Any, output: torch.Tensor) -> None:
        sizes.append(output.numel() * 4)

    with torch.device("meta"):
        model = torchvision.models.resnet18()
        for module in model.modules():
            if not list(module.children()) or isinstance(module, torchvision.models.resnet.BasicBlock):
                module.register_forward_hook(keep)
        model(torch.empty(1, 3, 224, 224))
    assert archspec.summarize(designs.graph("resnet18")).total.output_bytes == sum(sizes)


def test_the_cost_chart_shows_figures_and_shares() -> None:
    texts = texts_of(archspec.plot(designs.graph("resnet50")))
    assert {"parameters   25.6 M", "MACs   4.09 G", "layer4", "15.0 M   58.6 %", "1.46 G   35.8 %"} <= set(texts)


def test_the_receptive_field_chart_ends_where_the_map_does() -> None:
    texts = texts_of(archspec.plot(designs.graph("resnet50"), kind="receptive-field"))
    assert {"427", "input 224", "sees everything →", "layer1", "layer4"} <= set(texts)
    assert "204" in texts_of(archspec.plot(designs.graph("unet"), kind="receptive-field"))
    assert "sees everything" in texts_of(archspec.plot(designs.graph("vit_b_32"), kind="receptive-field"))


def test_axes_and_inputs_that_differ_have_curves_of_their_own() -> None:
    svg = archspec.plot(archspec.lower(archspec.loads(ODD)), kind="receptive-field")
    assert {"image height 3", "image width 15", "depth height 5", "depth width 13"} <= set(texts_of(svg))


def test_where_other_branches_see_less_there_are_dots() -> None:
    with settings():
        figure = receptive_field_chart(designs.graph("googlenet"))
    dots, line = figure.axes[0].lines[:2]
    assert len(points(dots)) > 0
    above = dict(points(line))
    assert all(size < above[depth] for depth, size in points(dots))


@pytest.mark.parametrize("kind", ["cost", "receptive-field"])
def test_names_are_escaped_and_nothing_in_them_is_mathematics(kind: Literal["cost", "receptive-field"]) -> None:
    graph = archspec.lower(archspec.loads(ODD))
    root = ElementTree.fromstring(archspec.plot(graph, kind=kind))
    title = root.findtext(f"{SVG}title") or ""
    assert title.startswith("two <b>&amp; $x$ �: ")
    assert title in texts_of(archspec.plot(graph, kind=kind))
    assert archspec.plot(graph, kind=kind, format="png").startswith(b"\x89PNG")


SCRIPT = """
import hashlib, archspec
graph = archspec.lower(archspec.load("googlenet"))
for kind in ("cost", "receptive-field"):
    for form in ("svg", "png"):
        print(hashlib.sha256(archspec.plot(graph, kind=kind, format=form)).hexdigest())
"""


def test_the_same_bytes_under_any_settings_of_the_reader(tmp_path: Any) -> None:
    settings_file = tmp_path / "matplotlibrc"
    settings_file.write_text("font.size: 20\naxes.facecolor: black\nsvg.fonttype: path\nlines.linewidth: 9\n")

    def hashes(seed: str, **more: str) -> str:
        surroundings = {**os.environ, "PYTHONHASHSEED": seed, **more}
        return subprocess.run(
            [sys.executable, "-c", SCRIPT], env=surroundings, capture_output=True, text=True, check=True
        ).stdout

    first = hashes("1")
    assert len(set(first.split())) == 4
    assert hashes("2", MATPLOTLIBRC=str(settings_file)) == first


def test_the_readers_own_settings_stay() -> None:
    before = dict(matplotlib.rcParams)
    archspec.plot(designs.graph("small_resnet"))
    assert dict(matplotlib.rcParams) == before


def shown(figure: Figure, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Bbox]]:
    """Every text that is drawn in a figure, with its box."""
    drawn: dict[int, Text] = {}
    draw = Text.draw

    def keeping(text: Text, renderer: Any) -> None:
        if text.get_visible() and text.get_text():
            drawn[id(text)] = text
        draw(text, renderer)

    with monkeypatch.context() as patch:
        patch.setattr(Text, "draw", keeping)
        FigureCanvasAgg(figure).draw()
    return [(text.get_text(), Text.get_window_extent(text)) for text in drawn.values()]


QUICK = ("googlenet", "mobilenet_v2", "vit")


@pytest.mark.parametrize(
    "name", [n if n in QUICK else pytest.param(n, marks=pytest.mark.slow) for n in gallery_names()]
)
def test_no_text_covers_another_or_is_cut_off(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    graph = designs.graph(name)
    for chart in (cost_chart, receptive_field_chart):
        with settings():
            try:
                figure = chart(graph)
            except ChartError:
                continue
            boxes = shown(figure, monkeypatch)
        assert len(boxes) > 5
        whole = figure.bbox.padded(1)
        for text, box in boxes:
            assert whole.x0 <= box.x0 <= box.x1 <= whole.x1, text
            assert whole.y0 <= box.y0 <= box.y1 <= whole.y1, text
        for (one, here), (other, there) in combinations(boxes, 2):
            assert not here.padded(-1).overlaps(there.padded(-1)), (one, other)


def test_long_names_are_cut() -> None:
    assert label("x" * 99) == "x" * 35 + "…"


def test_highest_and_bands() -> None:
    assert highest([(0, 1), (2, 5), (2, 3), (1, 3)]) == [(0, 1), (1, 3), (2, 5)]
    assert bands(3, []) == [(0, 0)] * 3


def test_what_cannot_be_drawn_is_refused() -> None:
    graph = designs.graph("highway")
    with pytest.raises(ChartError, match="no input that is a map"):
        archspec.plot(graph, kind="receptive-field")
    with pytest.raises(ValueError, match="kind is one of cost, receptive-field, not 'cots'"):
        archspec.plot(graph, kind="cots")  # type: ignore[arg-type]  # what is tested
    with pytest.raises(ValueError, match="format is one of svg, png, not 'pdf'"):
        archspec.plot(graph, format="pdf")  # type: ignore[arg-type]  # what is tested


def test_more_stages_than_anyone_can_read_are_refused() -> None:
    layers = "".join(f"  - relu: {{name: r{n}}}\n" for n in range(401))
    graph = archspec.lower(archspec.loads(f"input: [3, 4, 4]\nstages:\n{layers}"))
    with pytest.raises(ChartError, match="401 stages are more than the 400 that a chart has room for: group them"):
        archspec.plot(graph)


def test_a_network_without_parameters_has_bars_of_nothing() -> None:
    layers = "[{relu: {name: a}}, {tanh: {name: b}}]"  # without names they would be called 0 and 1
    texts = texts_of(archspec.plot(archspec.lower(archspec.loads(f"input: [3, 4, 4]\nstages: {layers}\n"))))
    assert texts.count("0") == 4
    assert "192 B   50.0 %" in texts
