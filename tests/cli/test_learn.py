"""archspec learn: arguments, words, JSON, tables, curves and exit codes."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from archspec.charts.learning import binned, learning_chart
from archspec.cli import learn_command
from archspec.cli.learn_text import render_table, render_text, sparkline
from archspec.cli.main import main
from archspec.diagnostics import Span
from archspec.runtime.collector import Interrupted
from archspec.runtime.learn.report import Evaluation, LearnReport

SPEC = "input: [1, 8, 8]\nstages:\n  - flatten\nhead:\n  - linear: 10\n"
REPORT = LearnReport(
    "net", "", "digits", True, "cpu", "a CPU", 32, 4, "adamw", 0.003, 0,
    parameters=650, examples=1_437, held_out=360, losses=(4.0, 2.0, 1.0, 1.0), metric="accuracy",
    evaluations=(Evaluation(0, 0.1), Evaluation(2, 0.5), Evaluation(4, 0.9)), trained_value=0.95, baseline=0.1,
    baseline_is="chance", seconds=1.25,
)  # fmt: skip
FAILED = replace(REPORT, ok=False, losses=(4.0,), evaluations=(Evaluation(0, 0.1),), trained_value=None, seconds=None,
                 error="the loss of step 2 is nan", error_kind="not_finite", stage="step 2 of 4", layer="a.b",
                 span=Span("net.yaml", 7, 5, 7, 9))  # fmt: skip


@pytest.fixture
def spec(tmp_path: Path) -> str:
    (tmp_path / "net.yaml").write_text(SPEC)
    return str(tmp_path / "net.yaml")


@pytest.mark.slow
def test_two_seeds_in_processes_with_their_curves(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, spec: str
) -> None:
    words = ["learn", spec, "--data", "digits", "--device", "cpu", "--steps", "25", "--seed", "0,1", "--format", "json"]
    assert main([*words, "-o", str(tmp_path / "curve.svg")]) == 0
    printed = capsys.readouterr()
    report = json.loads(printed.out)
    assert (report["ok"], report["learned"], [run["seed"] for run in report["runs"]]) == (True, True, [0, 1])
    for run in report["runs"]:
        assert (len(run["losses"]), run["error"], run["metric"], run["line"]) == (25, None, "accuracy", None)
        assert run["value"] == run["evaluations"][-1]["value"] > 0.3
    assert printed.err == f"wrote {tmp_path / 'curve.svg'}\n"
    assert b"seed 1" in (tmp_path / "curve.svg").read_bytes()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--data", "digits", "--steps", "0"], "steps is a number from 1"),
        (["--data", "digits", "--seed", "one"], "--seed takes a number or several"),
        (["--data", "digits", "--device", "tpu"], "there is no device 'tpu'"),
        (["--data", "digits", "-o", "curve.txt"], "the suffix says the format"),
        (["--data", "text"], "text needs an input of 2 to 4096 ids"),
        ([], "--data"),
    ],
)
def test_wrong_arguments(capsys: pytest.CaptureFixture[str], spec: str, words: list[str], message: str) -> None:
    assert main(["learn", spec, *words, "--format", "json"]) == 2
    assert message in json.loads(capsys.readouterr().out)["error"]


def test_a_wrong_spec(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(SPEC.replace("linear", "liner"))
    assert main(["learn", str(tmp_path / "net.yaml"), "--data", "digits"]) == 1
    assert "liner" in capsys.readouterr().err


def test_exit_codes() -> None:
    poor = replace(REPORT, evaluations=(Evaluation(4, 0.1),))
    assert [learn_command._exit_code(runs) for runs in ([REPORT], [REPORT, poor], [FAILED])] == [0, 1, 1]
    assert learn_command._exit_code([replace(FAILED, error_kind="device")]) == 2
    assert learn_command._exit_code([REPORT, replace(FAILED, error_kind="interrupted")]) == 130


def test_words() -> None:
    message = render_text(REPORT)
    assert message.startswith("has learned: net on digits, 4 steps of 32, adamw 0.003, seed 0, on cpu (a CPU)\n")
    assert "loss  █▃▁▁  4.000 → 1.000" in message
    assert re.search(r"^ +2 +3\.0000 +0\.5000$", message, re.MULTILINE)  # the mean of the two steps
    assert "baseline    0.1000: chance" in message
    assert "seen 0.0891 times" in message
    assert render_text(replace(REPORT, baseline=0.95)).startswith("has not learned: ")


def test_words_of_a_failure() -> None:
    message = render_text(FAILED)
    assert message.startswith("failed: net on digits")
    assert "step 2 of 4 in a.b (net.yaml:7:5): the loss of step 2 is nan" in message
    assert "held out    " not in message


def test_a_table() -> None:
    lines = render_table([REPORT, replace(FAILED, seed=1)]).splitlines()
    assert lines[3:5] == [
        "──────  ────  ──────────  ──────  ──────────  ────────  ────────  ───────",
        "net        0         yes  1.0000      0.9500    0.9000    0.1000      1.2",
    ]
    assert lines[-1] == "net, seed 1: step 2 of 4 in a.b (net.yaml:7:5): the loss of step 2 is nan"


def test_fewer_bits_are_better() -> None:
    text = replace(REPORT, metric="bits per character", baseline=3.5)
    assert replace(text, evaluations=(Evaluation(4, 2.5),)).learned
    assert not replace(text, evaluations=(Evaluation(4, 3.6),)).learned


def test_binned() -> None:
    assert binned([5.0, 3.0, 1.0], 10) == [(1.0, 5.0), (2.0, 3.0), (3.0, 1.0)]
    assert binned([5.0, 3.0, 2.0, 0.0], 2) == [(1.5, 4.0), (3.5, 1.0)]
    assert binned([], 3) == []
    assert (sparkline([]), sparkline([2.0, 2.0]), sparkline([0.0, 7.0, 1.0])) == ("", "▁▁", "▁█▂")


def test_a_picture_says_what_was_measured_and_is_always_the_same() -> None:
    named = replace(REPORT, name="<a&b>")
    checks = [run.to_dict() for run in (named, replace(named, seed=1), replace(REPORT, name="other"))]
    drawn = learning_chart(checks)
    assert drawn == learning_chart(checks)
    words = {element.text for element in ElementTree.fromstring(drawn).iter() if element.tag.endswith("text")}
    assert {"<a&b>, seed 0", "<a&b>, seed 1", "other, seed 0", "chance", "step"} <= words
    assert "accuracy on 360 examples held out" in words
    assert learning_chart([FAILED.to_dict()], "png").startswith(b"\x89PNG")


@pytest.mark.torch
def test_ctrl_c_prints_what_is_known(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], spec: str
) -> None:
    def interrupted(*_: object) -> LearnReport:
        raise Interrupted(replace(FAILED, error="interrupted", error_kind="interrupted"))

    monkeypatch.setattr("archspec.runtime.learn.learn_run.run", interrupted)
    assert main(["learn", spec, "--data", "digits"]) == 130
    assert "interrupted" in capsys.readouterr().out
