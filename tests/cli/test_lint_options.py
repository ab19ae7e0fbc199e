"""The options of archspec lint, and what it exits with."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from archspec.cli import lint_parallel
from archspec.cli.lint_job import LintJob, LintOutcome, run_job
from tests.cli.command_line import Run, runner

ERROR = "input: [3, 8, 8]\nstem: [{conv: 8}, rleu]\n"
WARNING = "input: [3, 8, 8]\nstem: [{conv: 8}, batch_norm, {group_norm: 4}]\n"
BOTH = "input: [3, 8, 8]\nstem: [{conv: 8}, batch_norm, {group_norm: 4}]\noutptus: {}\n"
INFO = "input: [3, 8, 8]\nstem: [{conv_transpose: {channels: 8, kernel: 3, stride: 2}}, relu]\n"
CLEAN = "input: [3, 8, 8]\nstem: [{conv: 8}, relu]\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with a spec of each kind, to be in."""
    for name, text in (("error", ERROR), ("warning", WARNING), ("both", BOTH), ("info", INFO), ("clean", CLEAN)):
        (tmp_path / f"{name}.yaml").write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    return runner(capsys, "lint")


def codes(out: str) -> list[str]:
    return [d["code"] for d in json.loads(out)["diagnostics"]]


@pytest.mark.parametrize(
    ("spec", "level", "expected"),
    [
        ("error", None, 1), ("error", "error", 1), ("error", "warning", 1), ("error", "info", 1),
        ("warning", None, 1), ("warning", "error", 0), ("warning", "warning", 1), ("warning", "info", 1),
        ("info", None, 0), ("info", "error", 0), ("info", "warning", 0), ("info", "info", 1),
        ("clean", None, 0), ("clean", "info", 0),
    ],
)  # fmt: skip
def test_fail_level(here: Path, run: Run, spec: str, level: str | None, expected: int) -> None:
    words = [f"{spec}.yaml", *(["--fail-level", level] if level else [])]
    assert run(*words)[0] == expected
    assert run(*words, "--exit-zero")[0] == 0


def test_exit_zero_hides_neither_findings_nor_files_that_cannot_be_read(here: Path, run: Run) -> None:
    code, out, _ = run("error.yaml", "--exit-zero")
    assert code == 0
    assert "SPC005" in out
    assert run("no.yaml", "--exit-zero")[0] == 2
    assert run("no.yaml", "--ignore", "FIL,SPC,ALL")[0] == 2


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], ["NRM005", "SPC001"]),
        (["--select", "NRM"], ["NRM005"]),
        (["--select", "nrm005,SPC"], ["NRM005", "SPC001"]),
        (["--select", "NRM", "--select", "SPC"], ["NRM005", "SPC001"]),
        (["--ignore", "NRM"], ["SPC001"]),
        (["--ignore", "NRM,SPC001"], []),
        (["--select", "ALL", "--ignore", "NRM"], ["SPC001"]),
        (["--ignore", "ALL"], []),
        (["--select", "NRM005", "--ignore", "NRM"], ["NRM005"]),
        (["--select", "NRM", "--ignore", "NRM005"], []),
        (["--select", "CNV", "--extend-select", "NRM"], ["NRM005"]),
    ],
)
def test_select_and_ignore(here: Path, run: Run, words: list[str], expected: list[str]) -> None:
    code, out, _ = run("both.yaml", "--format", "json", *words)
    assert codes(out) == expected
    assert code == (1 if expected else 0)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--select", "CNX"], "--select: there is no rule CNX; did you mean CNV?"),
        (["--ignore", "NRM05"], "--ignore: there is no rule NRM05; did you mean NRM005?"),
        (["--extend-select", "RES001,QQQQ"], "--extend-select: there is no rule QQQQ"),
        (["--select", ""], "--select: it names no rule"),
        (["--select", ","], "--select: it names no rule"),
        (["--statistics", "--format", "sarif"], "--statistics is printed as full, concise, json, not as sarif"),
        (["--stdin-filename", "x.yaml"], "--stdin-filename names standard input"),
        (["--watch", "-"], "--watch cannot watch standard input"),
        (["--watch", "--fix"], "--watch only looks"),
        (["--jobs", "-1"], "--jobs is a number"),
        (["--config", "x.toml", "--isolated"], "--config and --isolated exclude each other"),
    ],
)
def test_wrong_options_say_what_is_wrong(here: Path, run: Run, words: list[str], message: str) -> None:
    code, out, err = run(*words, "clean.yaml")
    assert (code, out) == (2, "")
    assert message in err
    if "--format" not in words:
        code, out, err = run("--format", "json", *words, "clean.yaml")
        assert (code, err) == (2, "")
        assert message in json.loads(out)["error"]


def test_what_cannot_be_read_as_a_spec_is_reported_under_any_selection(here: Path, run: Run) -> None:
    Path("broken.yaml").write_text("input: [3, 8\nstem: {")
    assert run("broken.yaml", "--select", "CNV")[0] == 1
    assert run("broken.yaml", "--ignore", "ALL")[0] == 1


def test_statistics(here: Path, run: Run) -> None:
    Path("twice.yaml").write_text(ERROR.replace("rleu", "rleu, sigmiod"))
    code, out, _ = run("twice.yaml", "both.yaml", "--statistics")
    assert code == 1
    assert out == (
        "2  SPC005  error    unresolved-name\n1  NRM005  warning  consecutive-norms\n1  SPC001  error    unknown-key\n"
    )
    out = run("twice.yaml", "both.yaml", "--statistics", "--format", "json")[1]
    assert [(row["code"], row["count"]) for row in json.loads(out)["statistics"]] == [
        ("SPC005", 2),
        ("NRM005", 1),
        ("SPC001", 1),
    ]
    assert run("clean.yaml", "--statistics")[:2] == (0, "1 spec checked, nothing found\n")


def test_no_variants(here: Path, run: Run) -> None:
    text = "input: [8, 8, 8]\nparams: {groups: 2}\nstem: [{conv: {channels: 8, groups: groups}}]\n"
    Path("v.yaml").write_text(text + "variants:\n  odd: {groups: 3}\n")
    assert run("v.yaml")[0] == 1
    assert run("v.yaml", "--no-variants")[0] == 0
    assert run("v.yaml", "--variant", "odd")[0] == 1
    assert run("v.yaml", "--no-variants", "--set", "groups=3")[0] == 1


def test_a_directory_is_searched_without_what_belongs_to_others(here: Path, run: Run) -> None:
    for folder in (".hidden", "node_modules/x", "sub/deep", "venv"):
        (here / folder).mkdir(parents=True)
        (here / folder / "spec.yaml").write_text(ERROR)
    out = run(".", "--format", "json")[1]
    files = {d["file"] for d in json.loads(out)["diagnostics"]}
    assert files == {"both.yaml", "error.yaml", "info.yaml", "sub/deep/spec.yaml", "warning.yaml"}


def test_each_spec_is_checked_once(here: Path, run: Run) -> None:
    out = run("error.yaml", ".", "error.yaml")[1]
    assert out.count("error.yaml:2:19: SPC005") == 1
    assert out.rstrip().endswith("in 5 specs")


def stdin(text: str, *words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "archspec", "lint", *words]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False, cwd=cwd, encoding="utf-8")


def test_stdin_filename_names_the_findings_finds_includes_and_configuration(here: Path) -> None:
    models = here / "models"
    models.mkdir()
    (models / "base.yaml").write_text("input: [8, 8, 8]\nparams: {g: 1}\nstem: [{conv: {channels: 8, groups: g}}]\n")
    done = stdin("extends: ./base.yaml\nparams: {g: 3}\n", "-", "--stdin-filename", "models/new.yaml", cwd=here)
    assert done.returncode == 1
    assert "CNV001" in done.stdout
    fine = stdin("extends: ./base.yaml\nparams: {g: 2}\n", "-", "--stdin-filename", "models/new.yaml", cwd=here)
    assert (fine.returncode, fine.stdout) == (0, "1 spec checked, nothing found\n")
    done = stdin(ERROR, "-", "--stdin-filename", "models/new.yaml", cwd=here)
    assert done.stdout.startswith("models/new.yaml:2:19: SPC005")
    assert "^^^^" in done.stdout
    (models / "archspec.toml").write_text('ignore = ["SPC005"]\n')
    assert stdin(ERROR, "-", "--stdin-filename", "models/new.yaml", cwd=here).returncode == 0
    assert stdin(ERROR, "-", cwd=here).returncode == 1


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_processes_give_the_same_in_the_same_order(here: Path, method: str) -> None:
    jobs = [LintJob(name) for name in ("error.yaml", "clean.yaml", "both.yaml", "no.yaml", "info.yaml", "warning.yaml")]
    script = f"""
import sys
from archspec.cli import lint_parallel
from archspec.cli.lint_job import LintJob
if __name__ == "__main__":
    for outcome in lint_parallel._in_processes([LintJob(name) for name in sys.argv[1:]], 2, {method!r}):
        print(outcome.name, *outcome.diagnostics, sep="|")
"""
    (here / "script.py").write_text(script)
    command = [sys.executable, "script.py", *(job.name for job in jobs)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    alone = [run_job(job) for job in jobs]
    assert done.stdout.splitlines() == ["|".join(map(str, (o.name, *o.diagnostics))) for o in alone]
    assert done.stderr == ""


def test_processes_are_used_where_they_pay(monkeypatch: pytest.MonkeyPatch) -> None:
    started = []

    def in_processes(jobs: list[LintJob], count: int, method: str) -> list[LintOutcome]:
        started.append(count)
        return [run_job(job) for job in jobs]

    monkeypatch.setattr(lint_parallel, "_in_processes", in_processes)
    monkeypatch.setattr(lint_parallel, "processors", lambda: 4)
    monkeypatch.setattr(lint_parallel, "start_method", lambda: "fork")
    few, many = [LintJob("small_resnet")] * 3, [LintJob("small_resnet")] * 20
    assert len(lint_parallel.lint_all(few)) == 3
    assert started == []
    assert len(lint_parallel.lint_all(many)) == 20
    assert started == [4]
    lint_parallel.lint_all(few, 2)
    lint_parallel.lint_all(few, 16)
    lint_parallel.lint_all(many, 1)
    assert started == [4, 2, 3]


def test_a_worker_that_crashes_never_looks_clean(here: Path) -> None:
    script = """
import sys
import archspec.cli.lint_job
from archspec.cli.main import main
def fail(*_):
    raise ZeroDivisionError("ours")
archspec.linter.engine.lint_spec = fail
sys.exit(main(["lint", ".", "-j", "2"]))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 101
    assert "archspec has a bug: ZeroDivisionError: ours" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_crash_says_how_to_report_it(here: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("ours")

    monkeypatch.setattr("archspec.linter.engine.lint_spec", fail)
    for words in ([], ["--exit-zero"]):
        code, out, err = run("clean.yaml", *words)
        assert (code, out) == (101, "")
        assert err.startswith("archspec has a bug: ZeroDivisionError: ours at test_lint_options.py:")
        assert "ARCHSPEC_DEBUG=1" in err
        assert "Traceback" not in err
    monkeypatch.setenv("ARCHSPEC_DEBUG", "1")
    assert "Traceback (most recent call last)" in run("clean.yaml")[2]
    code, out, _ = run("clean.yaml", "--format", "json")
    assert code == 101
    assert "ZeroDivisionError" in json.loads(out)["error"]


def test_a_reader_that_leaves_early_is_not_taken_for_clean(here: Path) -> None:
    many = "input: [3, 8, 8]\nstem:\n" + "  - rleu\n" * 500
    Path("many.yaml").write_text(many)
    command = f"{sys.executable} -m archspec lint many.yaml --format json | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "141"
    assert done.stderr == ""


def terminal_output(*words: str, **environment: str) -> str:
    """What lint prints on a terminal."""
    master, slave = pty.openpty()
    clean = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "FORCE_COLOR", "TERM")}
    command = [sys.executable, "-m", "archspec", "lint", *words]
    with subprocess.Popen(command, stdout=slave, env={**clean, "TERM": "xterm", **environment}) as process:
        process.wait(timeout=60)
        os.close(slave)
        out = b""
        while True:
            try:
                part = os.read(master, 65536)
            except OSError:
                break
            if not part:
                break
            out += part
    os.close(master)
    return out.decode()


def test_colour_only_on_a_terminal_and_as_the_environment_says(
    here: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "\x1b[1;31mSPC005" in terminal_output("error.yaml")
    assert "\x1b" not in terminal_output("error.yaml", NO_COLOR="1")
    assert "\x1b" not in terminal_output("error.yaml", TERM="dumb")
    assert "\x1b" not in terminal_output("error.yaml", "--format", "json")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    assert "\x1b" not in run("error.yaml")[1]
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[1;31mSPC005" in run("error.yaml")[1]
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in run("error.yaml")[1]
