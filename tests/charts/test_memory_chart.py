"""The chart of a training step's memory: its line is the timeline, its peak named, its bytes always the same."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest
from msgspec.structs import replace

import archspec
from archspec.charts.memory import memory_chart
from archspec.charts.style import settings
from archspec.cli.main import main
from archspec.dependencies import install_command
from tests import designs
from tests.charts.curves import points

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def found() -> archspec.Memory:
    return archspec.memory(designs.graph("resnet18"), batch=8, optimizer="adamw")


def texts_of(svg: bytes) -> set[str]:
    return {element.text or "" for element in ElementTree.fromstring(svg).iter(f"{SVG}text")}


def test_the_line_is_the_timeline(found: archspec.Memory) -> None:
    with settings():
        axes = memory_chart(found).axes[0]
    steps, always, peak = axes.lines
    assert [round(size * 2**20) for _, size in points(steps)] == [moment.bytes for moment in found.timeline]
    assert round(points(always)[0][1] * 2**20) == found.parameters + found.buffers + found.optimizer_state
    assert found.timeline[round(points(peak)[0][0])].bytes == found.peak


def test_it_names_the_peak_and_the_phases(found: archspec.Memory) -> None:
    texts = texts_of(archspec.plot_memory(found))
    assert {"forward", "backward", "MiB"} <= texts
    assert any(text.startswith("peak ") and text.endswith(f"{found.peak_phase} of {found.peak_path}") for text in texts)
    assert "resnet:resnet18: memory of a training step, batch 8, float32, adamw, gpu" in texts


def test_names_are_escaped_and_the_bytes_stay_the_same(found: archspec.Memory) -> None:
    odd = replace(found, name="<b>&amp; $x$ \x1b", variant="")
    title = ElementTree.fromstring(archspec.plot_memory(odd)).findtext(f"{SVG}title") or ""
    assert title.startswith("<b>&amp; $x$ \ufffd: memory")
    assert archspec.plot_memory(odd) == archspec.plot_memory(odd)
    assert archspec.plot_memory(found, "png").startswith(b"\x89PNG")


def test_what_is_not_known_is_refused(found: archspec.Memory) -> None:
    with pytest.raises(TypeError, match="takes what archspec"):
        archspec.plot_memory("resnet18")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="format is one of svg, png"):
        archspec.plot_memory(found, "gif")


def test_the_command_writes_it(tmp_path: Any, capsys: Any, monkeypatch: Any) -> None:
    words = ["memory", "guest_net", "--batch", "2", "--dtype", "bfloat16"]
    assert main([*words, "-o", str(tmp_path / "chart.svg")]) == 0
    assert "the peak is" in capsys.readouterr().out
    graph = designs.graph("guest_net")
    expected = archspec.memory(graph, batch=2, optimizer="momentum", dtype="bfloat16")
    assert (tmp_path / "chart.svg").read_bytes() == archspec.plot_memory(expected)
    assert main([*words, "-o", "chart.gif"]) == 2
    assert "the suffix says the format" in capsys.readouterr().err
    monkeypatch.setattr("archspec.dependencies.find_spec", lambda name: None)
    assert main([*words, "-o", str(tmp_path / "other.svg")]) == 2
    assert f"charts need matplotlib: {install_command('plot')}" in capsys.readouterr().err
