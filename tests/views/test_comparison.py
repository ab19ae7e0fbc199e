"""Two networks in one picture: what came, went, changed and moved is marked, the rest is pale, nothing overlaps."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from itertools import combinations
from pathlib import Path
from typing import Literal

import pytest

import archspec
from archspec.analysis.summary import LEVELS, Level
from archspec.cli import diff_command
from archspec.cli.main import main
from archspec.comparison.subsequence import longest_increasing_subsequence
from archspec.views.comparison.draw import FORMATS
from archspec.views.draw import PictureFormat
from archspec.views.view import view_of
from tests import designs
from tests.views.svg_geometry import SVG, inside, outline, overlap, titles, words

GREEN, RED, AMBER, PALE = "#d8f0df", "#fbdddd", "#ffedc2", "#fafbfc"
PAIRS = (
    ("resnet50", "resnet101"),
    ("resnet50", "resnet50d"),
    ("densenet121", "densenet169"),
    ("unet:unet_transposed", "unet:unet_bilinear"),
    ("unet:unet_bilinear", "unet:unet_original"),
    ("googlenet", "resnet50"),
    ("cifar_resnet:resnet20", "cifar_resnet:resnet20_b"),
    ("vit_b_16", "vit_l_16"),
    ("highway", "highway_conv"),
    ("hrnet", "googlenet"),
)
BASE = """name: base
input: [3, 32, 32]
stages:
  - conv: {name: a, channels: 8}
  - dropout: {name: n}
  - conv: {name: b, channels: 8}
  - relu: {name: f}
head:
  - global_avg_pool: {name: p}
  - linear: {name: l, features: 10}
"""


def drawn(before: str, after: str, level: Level = "op") -> dict[str, ElementTree.Element]:
    """The boxes of two texts by their ids."""
    svg = archspec.draw_diff(archspec.loads(before), archspec.loads(after), level=level)
    assert isinstance(svg, bytes)
    root = ElementTree.fromstring(svg)
    found = {g.get("id", ""): g for g in root.iter(f"{SVG}g") if g.get("class") == "node"}
    return {id_: group for id_, group in found.items() if id_ not in ("before", "after")}


def fill(group: ElementTree.Element) -> str:
    return next(group.iter(f"{SVG}path")).get("fill", "")


def dashed(group: ElementTree.Element) -> bool:
    return next(group.iter(f"{SVG}path")).get("stroke-dasharray") is not None


def lines(group: ElementTree.Element) -> list[str]:
    return [text.text or "" for text in group.iter(f"{SVG}text")]


def coloured(boxes: dict[str, ElementTree.Element]) -> dict[str, str]:
    return {id_: fill(group) for id_, group in boxes.items() if fill(group) != PALE or dashed(group)}


def test_added() -> None:
    boxes = drawn(BASE, BASE.replace("  - relu", "  - gelu: {name: d}\n  - relu"))
    assert coloured(boxes) == {"after:d": GREEN}
    assert lines(boxes["after:d"]) == ["d", "gelu", "+ added"]


def test_removed() -> None:
    boxes = drawn(BASE, BASE.replace("  - dropout: {name: n}\n", ""))
    assert coloured(boxes) == {"before:n": RED}
    assert lines(boxes["before:n"]) == ["n", "dropout", "− removed"]


def test_changed() -> None:
    boxes = drawn(BASE, BASE.replace("b, channels: 8", "b, channels: 8, kernel: 5"))
    assert coloured(boxes) == {"before:b": AMBER, "after:b": AMBER}
    params, macs = 8 * 8 * 16, 8 * 8 * 16 * 32 * 32
    assert lines(boxes["after:b"]) == ["b", "conv", "kernel 3 → 5", f"+{params:,} params, +{macs / 1e6:.3f} M MACs"]
    assert "changed: kernel 3 → 5" in next(iter(boxes["after:b"].iter(f"{SVG}a"))).get(
        "{http://www.w3.org/1999/xlink}title", ""
    )


def test_moved() -> None:
    boxes = drawn(BASE, BASE.replace("name: f", "name: g"))
    assert set(coloured(boxes)) == {"before:f", "after:g"}
    assert [dashed(boxes[name]) for name in ("before:f", "after:g", "before:a")] == [True, True, False]
    assert lines(boxes["after:g"]) == ["g", "relu", "moved from f"]
    assert lines(boxes["before:f"]) == ["f", "relu", "moved to g"]


def test_layers_that_only_count_on_have_not_moved() -> None:
    text = "input: [8, 32, 32]\nstages:\n  - tanh\n  - sigmoid\n  - relu\n"
    after = text.replace("  - sigmoid", "  - dropout\n  - sigmoid")
    found = archspec.diff(archspec.loads(text), archspec.loads(after))
    assert (len(found.moved), len(found.renumbered)) == (0, 2)
    assert coloured(drawn(text, after)) == {"after:1": GREEN}


def test_a_box_says_what_came_and_went_in_it() -> None:
    text = "input: [8, 32, 32]\nstages:\n  - residual: {name: s, body: [tanh: {name: t}, relu: {name: r}]}\n"
    boxes = drawn(text, text.replace("relu: {name: r}", "relu: {name: r}, gelu: {name: g}"), "block")
    assert coloured(boxes) == {"before:s.t": AMBER, "after:s.t": AMBER}
    assert lines(boxes["after:s.t"])[-1] == "+ s.g: gelu"


def test_a_box_of_several_layers_says_which_of_them_has_changed() -> None:
    boxes = drawn(BASE, BASE.replace("l, features: 10", "l, features: 12"), "block")
    (label,) = [lines(group) for id_, group in boxes.items() if id_.startswith("after:") and fill(group) == AMBER]
    assert label[-2] == "l: features 10 → 12"


def test_another_input_and_another_number_of_repeats() -> None:
    text = "input: [8, 32, 32]\nstages:\n  - conv: {name: a, channels: 8, repeat: 2}\n"
    boxes = drawn(text, text.replace("repeat: 2", "repeat: 3").replace("32, 32", "16, 16"))
    assert lines(boxes["after:input:input"])[-1] == "8×32×32 → 8×16×16"
    assert fill(boxes["before:input:input"]) == AMBER
    (green,) = [id_ for id_, colour in coloured(boxes).items() if colour == GREEN]
    assert "a: repeat 2 → 3" in lines(boxes[green])


@pytest.mark.parametrize("level", LEVELS)
def test_a_network_against_itself_is_pale(level: Level) -> None:
    for name in ("resnet18", "unet", "highway"):
        dot = archspec.draw_diff(name, name, level=level, format="dot")
        assert isinstance(dot, str)
        assert not any(colour in dot for colour in (GREEN, RED, AMBER, 'dashed"]'))
        assert 'label="no difference\\l"' in dot
        assert set(re.findall(r'fillcolor="(#\w{6})"', dot)) == {PALE, "#eef3fb"}  # the latter is Graphviz's default


@pytest.mark.parametrize(("before", "after"), PAIRS, ids="-".join)
@pytest.mark.parametrize("level", ["stage", "block"])
def test_pairs_of_the_gallery(level: Level, before: str, after: str) -> None:
    svg = archspec.draw_diff(before, after, level=level)
    assert isinstance(svg, bytes)
    root = ElementTree.fromstring(svg)
    groups = [g for g in root.iter(f"{SVG}g") if g.get("class") == "node" and g.get("id") not in ("before", "after")]
    views = [view_of(designs.graph(name), level) for name in (before, after)]
    ids = {f"{side}:{node.id}" for side, view in zip(("before", "after"), views, strict=True) for node in view.nodes}
    assert {group.get("id") for group in groups} == ids
    assert ids <= set(titles(svg))
    boxes = {group.get("id", ""): outline(group) for group in groups}
    for group in groups:
        assert all(inside(line, outline(group)) for line in words(group, 1.0)), group.get("id")
    labels = [
        line
        for group in root.iter(f"{SVG}g")
        if group.get("class") == "edge" and list(group.iter(f"{SVG}text"))
        for line in words(group)
    ]
    placed = [*boxes.values(), *labels]
    assert not any(overlap(a, b) for a, b in combinations(placed, 2))
    all_ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(all_ids) == len(set(all_ids))


def test_counterparts_stand_at_one_height_and_the_first_to_the_left() -> None:
    root = ElementTree.fromstring(archspec.draw_diff("resnet50", "resnet50d", level="op"))
    boxes = {
        g.get("id", ""): outline(g) for g in root.iter(f"{SVG}g") if g.get("class") == "node" and ":" in g.get("id", "")
    }
    for name in ("bn1", "layer1.0.conv1", "layer2.0.conv3", "layer4.2.conv3", "output:output"):
        one, other = boxes[f"before:{name}"], boxes[f"after:{name}"]
        assert one[1] == pytest.approx(other[1], abs=1)
        assert one[2] < other[0]


def test_of_very_many_some_are_levelled() -> None:
    for name, few in (("resnet50", False), ("resnet1001", True)):
        dot = archspec.draw_diff(name, name, level="op", format="dot")
        assert isinstance(dot, str)
        assert (dot.count("rank=same") < 100) is few
        assert (dot.count("rank=same") > 100) is not few


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_each_time(form: PictureFormat | Literal["dot"]) -> None:
    first, second = (archspec.draw_diff("resnet18", "resnet34", format=form) for _ in range(2))
    assert first == second
    data = first.encode() if isinstance(first, str) else first
    assert data.startswith({"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF", "dot": b"digraph"}[form])


HOSTILE = ("<script>alert(1)</script>", 'a"b]; x [label="gone', "&lt;b&gt; & &amp;", "a\\\\nb")


@pytest.mark.parametrize("name", HOSTILE)
def test_names_are_only_text(name: str) -> None:
    quoted = "'" + name.replace("'", "''") + "'"
    text = BASE.replace("name: base", f"name: {quoted}")
    after = text.replace("channels: 8}\n  - relu", "channels: 9}\n  - relu")
    svg = archspec.draw_diff(archspec.loads(text), archspec.loads(after))
    assert isinstance(svg, bytes)
    root = ElementTree.fromstring(svg)
    assert not list(root.iter(f"{SVG}script"))
    assert name in [text.text for text in root.iter(f"{SVG}text")]


def test_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "both.svg"
    words = ["diff", "resnet18", "resnet34", "--level", "stage", "-o", str(target)]
    assert main([*words, "--format", "markdown"]) == 0
    assert "layer1: repeat 2 → 3" in capsys.readouterr().out
    assert target.read_bytes() == archspec.draw_diff("resnet18", "resnet34", level="stage")
    assert main(["diff", "resnet18", "resnet34", "-o", str(tmp_path / "both.html")]) == 2
    assert "one of .svg, .png, .pdf, .dot" in capsys.readouterr().err
    assert main([*words[:-1], str(tmp_path / "none" / "both.svg")]) == 2
    assert diff_command.FORMATS == FORMATS
    with pytest.raises(ValueError, match="format is one of"):
        archspec.draw_diff("resnet18", "resnet34", format="html")  # type: ignore[call-overload]  # what is tested
    with pytest.raises(ValueError, match="level is one of"):
        archspec.draw_diff("resnet18", "resnet34", level="all")  # type: ignore[call-overload]  # what is tested


def test_a_longest_increasing_subsequence_series() -> None:
    from itertools import permutations

    for numbers in permutations(range(6)):
        found = longest_increasing_subsequence(list(numbers))
        values = [numbers[index] for index in found]
        assert found == sorted(found)
        assert values == sorted(values)
        longest = max(n for n in range(7) if any(list(c) == sorted(c) for c in combinations(numbers, n)))
        assert len(found) == longest
