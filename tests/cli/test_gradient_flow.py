"""archspec gradient-flow: words, JSON, the chart, refusals and exit codes."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

import archspec
from archspec.analysis.gradient_flow import FlowLayer, FlowMoment, FlowRun, GradientFlow
from archspec.charts import gradient_flow as charts
from archspec.cli.gradient_flow_text import render_text
from archspec.cli.main import main
from archspec.dependencies import install_command
from archspec.diagnostics import Span
from tests.designs import graph_of
from tests.runtime.tiny_specs import AFTER_POOLING, IMAGES, line_of

WORDS = ["--batch", "4", "--steps", "2", "--seed", "5", "--without-shortcuts"]
LAYER = FlowLayer("a", "conv", 1, False, "a.weight", Span("net.yaml", 3, 5, 3, 9))
RUN = FlowRun(True, 12, (LAYER, replace(LAYER, path="b", depth=2)), (FlowMoment(0, 1.0, (6.0, 2.0), (1.0, 0.0)),))
FLOW = GradientFlow("net", "", "cpu", "he", 0, 4, 3, 0.01, (RUN, replace(RUN, shortcuts=False, stopped=1)))


@pytest.fixture
def spec(tmp_path: Path) -> str:
    (tmp_path / "net.yaml").write_text(IMAGES)
    return str(tmp_path / "net.yaml")


@pytest.mark.torch
def test_json_has_what_python_gives(spec: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gradient-flow", spec, *WORDS, "--format", "json"]) == 0
    printed = capsys.readouterr()
    report = json.loads(printed.out)
    flow = archspec.gradient_flow(spec, batch=4, steps=2, seed=5, without_shortcuts=True)
    assert report == json.loads(json.dumps(flow.to_dict()))
    assert printed.err == ""
    assert [run["shortcuts"] for run in report["runs"]] == [True, False]
    start, end = report["runs"][0]["moments"]
    assert (start["step"], end["step"], len(report["runs"][0]["losses"])) == (0, 2, 2)
    first, *_, last = start["layers"]
    assert (first["op"], first["line"], first["depth"]) == ("conv", line_of(IMAGES, "conv"), 1)
    assert last["op"] == "linear"
    assert start["ratio"] == pytest.approx(first["gradient"] / start["layers"][1]["gradient"])


@pytest.mark.torch
def test_words(spec: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gradient-flow", spec, *WORDS]) == 0
    out = capsys.readouterr().out
    assert "without shortcuts   " in out
    assert "after 2 steps" in out
    flow = archspec.gradient_flow(spec, batch=4, steps=2, seed=5, without_shortcuts=True)
    for run in flow.runs:
        for moment in run.moments:
            for figure in (run.ratio(moment), *moment.gradients, *moment.activations):
                assert f"{figure:.4g}" in out


def test_words_of_a_deep_network_leave_out_layers_between() -> None:
    layers = tuple(replace(LAYER, path=f"layer{n}", depth=n + 1) for n in range(100))
    run = replace(RUN, layers=layers, moments=(FlowMoment(0, None, (None,) * 100, (1.0,) * 100),))
    lines = render_text(replace(FLOW, runs=(run,))).splitlines()
    assert "76 layers between are left out" in lines[-1]
    assert lines[-2].split() == ["100", "layer99", "?", "1"]
    assert "loss not finite; gradient of layer0 to that of layer99: unknown" in lines[3]


def test_words_say_where_training_ended() -> None:
    assert "the loss is not finite after 1 step, so" in render_text(FLOW)


@pytest.mark.torch
@pytest.mark.parametrize("form", ["svg", "png"])
def test_the_chart_is_a_file(spec: str, tmp_path: Path, form: str) -> None:
    file = tmp_path / f"flow.{form}"
    assert main(["gradient-flow", spec, "--batch", "4", "-o", str(file)]) == 0
    flow = archspec.gradient_flow(spec, batch=4)
    assert file.read_bytes() == archspec.plot_gradient_flow(flow, form)
    assert {path.name for path in tmp_path.iterdir()} == {"net.yaml", file.name}


@pytest.mark.torch
def test_what_the_chart_says() -> None:
    flow = archspec.gradient_flow(graph_of(IMAGES), batch=4, steps=2, without_shortcuts=True)
    texts = [item.text for item in ElementTree.fromstring(archspec.plot_gradient_flow(flow)).iter() if item.text]
    assert "net: gradient flow, init default, seed 0, batch 4" in texts
    assert {"at the start", "after 2 steps of SGD"} < set(texts)
    for run in flow.runs:
        for moment in run.moments:
            name = "with its shortcuts" if run.shortcuts else "without"
            assert f"{name}: first to last {run.ratio(moment):.3g}" in texts


def test_the_chart_has_one_curve_for_each_network_and_leaves_gaps(monkeypatch: Any) -> None:
    figures: list[Any] = []

    def saved(figure: Any, _format: str) -> bytes:
        figures.append(figure)
        return b""

    monkeypatch.setattr(charts, "save_figure", saved)
    longer = replace(RUN, moments=(*RUN.moments, replace(RUN.moments[0], step=3)))
    archspec.plot_gradient_flow(replace(FLOW, runs=(longer, FLOW.runs[1])))
    (panels,) = figures
    gradients, later, outputs, _ = panels.axes
    curves = [list(line.get_ydata()) for line in gradients.get_lines() if len(line.get_ydata())]
    assert curves == [[6.0, 2.0], [6.0, 2.0]]
    (line, *_) = outputs.get_lines()
    assert [str(float(value)) for value in line.get_ydata()] == ["1.0", "nan"]
    assert "without: loss not finite after 1 step" in [text.get_text() for text in later.get_legend().get_texts()]


@pytest.mark.torch
def test_refuses_a_design_whose_shortcuts_stay(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gradient-flow", "unet", "--without-shortcuts", "--format", "json"]) == 2
    error = json.loads(capsys.readouterr().out)["error"]
    assert "the concat at up1." in error
    assert "specs/unet.yaml:" in error


@pytest.mark.torch
def test_of_such_a_design_the_flow_itself_is_measured(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(IMAGES.replace("- residual:", "- residual:\n      merge: concat\n      body:")
                                       .replace("\n      - ", "\n        - "))  # fmt: skip
    assert main(["gradient-flow", str(tmp_path / "net.yaml"), "--batch", "2"]) == 0
    assert "with its shortcuts" in capsys.readouterr().out


@pytest.mark.torch
@pytest.mark.parametrize("form", ["text", "json"])
def test_a_design_that_does_not_run(tmp_path: Path, capsys: pytest.CaptureFixture[str], form: str) -> None:
    (tmp_path / "net.yaml").write_text(AFTER_POOLING)
    assert main(["gradient-flow", str(tmp_path / "net.yaml"), "--batch", "1", "--format", form]) == 1
    out, err = capsys.readouterr()
    if form == "json":
        report = json.loads(out)
        assert report["line"] == line_of(AFTER_POOLING, "batch_norm")
        assert report["layer"]
        assert "more than 1 value" in report["error"]
    else:
        assert f"net.yaml:{line_of(AFTER_POOLING, 'batch_norm')}:" in err
        assert (out, err.count("\n")) == ("", 1)


@pytest.mark.torch
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--steps", "-1"], "steps is a number from 0"),
        (["--device", "tpu"], "there is no device 'tpu'"),
        (["--device", "cuda:99"], "cuda:99 is not there"),
        (["--init", "best"], "invalid choice"),
        (["-o", "flow.pdf"], "the suffix says the format"),
    ],
)
def test_wrong_arguments(capsys: pytest.CaptureFixture[str], words: list[str], message: str) -> None:
    assert main(["gradient-flow", "small_resnet", *words, "--format", "json"]) == 2
    assert message in json.loads(capsys.readouterr().out)["error"]


def test_without_matplotlib(spec: str, tmp_path: Path, monkeypatch: Any, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("archspec.dependencies.find_spec", lambda name: None if name == "matplotlib" else name)
    assert main(["gradient-flow", spec, "-o", str(tmp_path / "flow.svg")]) == 2
    assert capsys.readouterr().err.strip() == f"archspec: charts need matplotlib: {install_command('plot')}"
    assert not (tmp_path / "flow.svg").exists()


def test_without_torch(spec: str, monkeypatch: Any, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("archspec.dependencies.find_spec", lambda _: None)
    assert main(["gradient-flow", spec]) == 2
    assert capsys.readouterr().err.strip() == f"archspec: gradient flow needs torch: {install_command('torch')}"


@pytest.mark.torch
def test_progress_is_shown_on_a_terminal(spec: str, monkeypatch: Any, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("archspec.cli.progress.is_terminal", lambda _: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("FORCE_COLOR", "1")  # rich takes what captures its output for a terminal
    assert main(["gradient-flow", spec, "--batch", "2", "--steps", "1", "--format", "json"]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out)["steps"] == 1
    assert "the end" in printed.err or "step 1 of 1" in printed.err or "the start" in printed.err


@pytest.mark.torch
def test_progress_is_reported(spec: str) -> None:
    from archspec.runtime.gradient_flow.compare import compare
    from archspec.runtime.gradient_flow.request import FlowRequest

    report: list[tuple[str, str]] = []
    request = FlowRequest(without_shortcuts=True, steps=1, batch=2)
    compare(graph_of(IMAGES), request, lambda stage, layer: report.append((stage, layer)))
    stages = list(dict.fromkeys(stage for stage, _ in report))
    assert stages[:5] == ["building", "the start", "step 1 of 1", "the end", "building, without shortcuts"]
    assert any(layer for stage, layer in report if stage == "the start")
