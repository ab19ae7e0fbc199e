"""What the pages show, apart from Streamlit: sizes held against lowering, comparisons against summaries."""

from __future__ import annotations

from dataclasses import replace

import pytest

import archspec
from explorer import comparison_model, gradient_flow_model, sizes_model, smoke_model, strips
from explorer.sizes_model import FAILS, LOSES, WORKS
from tests.designs import graph_of
from tests.narrow import sizes
from tests.runtime.tiny_specs import IMAGES

LOSING = """
input: [3, 32, 32]
stages:
  - conv: {channels: 4, kernel: 2, stride: 2, padding: 0}
  - conv: {channels: 4, kernel: 2, stride: 2, padding: 0}
"""
EDITED = IMAGES.replace("channels: 4", "channels: 8")


def lowers(spec: archspec.Spec, shape: tuple[int, ...]) -> bool:
    try:
        archspec.lower(archspec.with_input(spec, shape))
    except archspec.SpecError:
        return False
    return True


@pytest.mark.parametrize("name", ["unet", "googlenet"])
def test_a_strip_says_what_lowering_says(name: str) -> None:
    spec = archspec.load(name)
    graph = archspec.lower(spec)
    channels, _, width = sizes(graph.inputs[0][1])
    axis = archspec.valid_sizes(graph, pinned=False)["height"]
    cells = sizes_model.strip(axis, 20)[::7]
    assert [cell.state != FAILS for cell in cells] == [lowers(spec, (channels, cell.size, width)) for cell in cells]
    assert [cell.size for cell in sizes_model.strip(axis, 3)][:2] == [1, 2]


def test_a_verdict_in_words() -> None:
    sizes = archspec.valid_sizes(archspec.lower(archspec.loads(LOSING)))
    assert sizes_model.verdict(sizes, (32, 64)) == (WORKS, "32×64 works, and no pixel is left out")
    state, words = sizes_model.verdict(sizes, (32, 33))
    assert (state, words) == (LOSES, "32×33 works, but some layer leaves out the last pixels along width")
    assert sizes_model.verdict(sizes, (3, 33))[1] == "3×33 does not work: height 3, the nearest that works: 4"


def test_the_cost_at_the_declared_size_is_that_of_the_design() -> None:
    spec = archspec.load("small_resnet")
    graph = archspec.lower(spec)
    points = sizes_model.cost_curve(spec, graph, archspec.valid_sizes(graph, pinned=False), 4, "adamw", "float32")
    declared = tuple(graph.inputs[0][1].shape[1:])
    (here,) = (point for point in points if point.sizes == declared)
    summary = archspec.summarize(graph)
    assert (here.params, here.macs) == (summary.params, summary.macs)
    assert here.peak == archspec.memory(graph, batch=4, optimizer="adamw").peak
    assert [p.macs for p in points] == sorted(p.macs for p in points)
    assert len(points) > 3


def test_a_strip_is_read_aloud_and_names_are_escaped() -> None:
    cells = [sizes_model.SizeCell(1, FAILS), sizes_model.SizeCell(2, WORKS), sizes_model.SizeCell(3, WORKS)]
    assert strips.describe(cells) == "1 does not work, 2 to 3 works"
    drawn = strips._strip('<b>"x"</b>', cells, 2)
    assert '<b>"x"' not in drawn
    assert drawn.count("<i ") == 3
    assert drawn.count("asked") == 1


def test_what_is_compared_at_first() -> None:
    assert comparison_model.default_sides(("a", "b", "c"), "c", False) == (
        (comparison_model.HERE, "c"),
        (comparison_model.HERE, "a"),
    )
    assert comparison_model.default_sides(("a", "b"), "b", True) == (
        (comparison_model.OPENED, "b"),
        (comparison_model.HERE, "b"),
    )
    assert comparison_model.default_sides((), "", False) == ((comparison_model.OPENED, ""), (comparison_model.HERE, ""))


def test_totals_are_those_of_both_summaries() -> None:
    difference = archspec.diff(archspec.loads(IMAGES), archspec.loads(EDITED))
    before, after = (archspec.summarize(graph_of(text)) for text in (IMAGES, EDITED))
    name, old, new, delta = comparison_model.totals(difference)[0]
    assert (name, old, new) == ("Parameters", str(before.params), str(after.params))
    assert delta == f"+{after.params - before.params}"
    back = comparison_model.totals(difference.inverse)[0]
    assert back == ("Parameters", new, old, f"−{after.params - before.params}")


def test_a_stage_that_one_side_alone_has() -> None:
    longer = IMAGES.replace("head:", "  - conv: {name: more, channels: 4, kernel: 3, padding: 1}\nhead:")
    rows = comparison_model.stages(archspec.diff(archspec.loads(IMAGES), archspec.loads(longer)))
    assert [row["stage"] for row in rows if "(new)" in row["stage"]] == ["more (new)"]
    gone = comparison_model.stages(archspec.diff(archspec.loads(longer), archspec.loads(IMAGES)))
    assert [row["stage"] for row in gone if "(gone)" in row["stage"]] == ["more (gone)"]


def test_a_report_in_words() -> None:
    report = archspec.SmokeReport(
        name="net", variant="", ok=False, device="cpu", device_name=None, dtype="float32", batch=2, optimizer="sgd",
        steps=3, compile=False, channels_last=False, seed=0, forward_ms=1234.5, peak_bytes=3 * 2**20, finite=False,
        error="out of memory", error_kind="out_of_memory", stage="forward", layer="relu",
        span=archspec.Span("net.yaml", 6, 5, 6, 20), without_gradient=tuple("abc"),
    )  # fmt: skip
    assert smoke_model.failure(report) == "out of memory (stage forward, at layer relu, line 6)"
    assert smoke_model.lines_of("a\nb\nc\nd\ne\nf\ng", report) == ("     4  d\n     5  e\n→    6  f\n     7  g")
    assert smoke_model.lines_of("a\nb", report) == ""  # the line is of another text
    values = {name: value for name, value, _ in smoke_model.figures(report)}
    assert values["Forward pass"] == "1.23 s"
    assert values["Peak memory, measured"] == "3.00 MiB"
    assert ("parameters without a gradient", "a, b and 1 more") in smoke_model.checks(report, 2)
    assert smoke_model.row(report)["error"] == "out of memory"
    cancelled = replace(report, error_kind="cancelled")
    assert smoke_model.failure(cancelled) == "cancelled while it was at: forward"
    assert smoke_model.lines_of("a\nb\nc\nd\ne\nf\ng", cancelled) == ""


def test_the_settings_offered_are_those_of_a_run() -> None:
    from archspec.runtime.request import OPTIMIZERS
    from archspec.runtime.smoke.request import DTYPES

    assert (smoke_model.DTYPES, smoke_model.OPTIMIZERS) == (DTYPES, OPTIMIZERS)


def test_the_starts_offered_are_those_of_gradient_flow() -> None:
    from archspec.runtime.gradient_flow.request import INITS

    assert tuple(gradient_flow_model.INITS) == INITS
