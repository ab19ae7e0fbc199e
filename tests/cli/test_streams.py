"""All commands alike: where results, errors and notices go, and the exit codes of wrong arguments."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO

import pytest

from archspec.cli.parser import COMMANDS, make_parser
from tests.cli.command_line import Run, runner

GOOD = "input: [3, 8, 8]\nparams: {w: 4}\nstages: [{conv: w}]\nvariants: {wide: {w: 8}}\n"
BROKEN = "input: [3, 8, 8]\nstages: [{conv: 4}, rleu]\n"
# How each command that takes a SPEC is called with one; {out} is a file that it writes.
CALLS = {
    "show": "show {spec} --graph",
    "summarize": "summarize {spec}",
    "draw": "draw {spec} -o {out}.mmd",
    "plot": "plot {spec} -o {out}.svg",
    "lint": "lint {spec}",
    "valid-sizes": "valid-sizes {spec}",
    "audit": "audit {spec}",
    "memory": "memory {spec}",
    "latency": "latency {spec}",
    "build": "build {spec}",
    "smoke": "smoke {spec} --device cpu",
    "learn": "learn {spec} --data digits",
    "gradient-flow": "gradient-flow {spec}",
    "diff": "diff {spec} resnet18",
    "export": "export {spec}",
}
WITHOUT_SPEC = {"new", "list", "explain", "calibrate", "app", "lsp", "schema", "completion"}
WITHOUT_FORMAT = {"draw", "plot", "new", "app", "lsp", "schema", "completion"}


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.yaml").write_text(GOOD)
    (tmp_path / "broken.yaml").write_text(BROKEN)
    (tmp_path / "latin.yaml").write_bytes("name: é\n".encode("latin-1"))
    (tmp_path / "folder").mkdir()
    return runner(capsys)


def call(command: str, spec: str = "net.yaml", out: str = "out") -> list[str]:
    return CALLS[command].format(spec=spec, out=out).split()


def test_every_command_is_in_the_table() -> None:
    assert set(CALLS) | WITHOUT_SPEC == set(COMMANDS)


@pytest.mark.parametrize("command", CALLS)
@pytest.mark.parametrize(
    ("spec", "options", "code"),
    [
        ("missing.yaml", [], "FIL001"),
        ("no-such-net", [], "FIL001"),
        ("latin.yaml", [], "FIL004"),
        ("net.yaml:huge", [], "FIL005"),
        ("net.yaml", ["--variant", "huge"], "FIL005"),
        ("net.yaml", ["--set", "w"], "SPC002"),
        ("net.yaml", ["--set", "w=[1,"], "SPC011"),
        ("net.yaml", ["--set", "v=1"], "SPC001"),
        ("net.yaml", ["--set", "w=many"], "SPC005"),
        ("net.yaml", ["--input", "3x"], "SPC002"),
        ("net.yaml", ["--input", "image=3x8x8"], "SPC001"),
    ],
)
def test_what_cannot_be_used_exits_with_2_and_prints_no_result(
    run: Run, command: str, spec: str, options: list[str], code: str
) -> None:
    rc, out, err = run(*call(command, spec), *options)
    assert rc == 2
    result, errors = (out, err) if command != "lint" else (err, out)
    assert result == ""
    assert code in errors
    assert not list(Path().glob("out.*"))


@pytest.mark.parametrize("command", CALLS)
def test_a_folder_in_place_of_a_spec_is_a_wrong_argument(run: Run, command: str) -> None:
    rc, out, err = run(*call(command, "folder"))
    assert rc == 2
    assert ("FIL001" in out and err == "") if command == "lint" else ("FIL002" in err and out == "")


@pytest.mark.parametrize("command", CALLS)
def test_findings_are_the_result_of_lint_and_an_error_elsewhere(run: Run, command: str) -> None:
    rc, out, err = run(*call(command, "broken.yaml"))
    assert rc == 1
    found, other = (out, err) if command == "lint" else (err, out)
    assert "broken.yaml:2:21: SPC005" in found
    assert "^^^^" in found
    assert "SPC005" not in other


@pytest.mark.parametrize("command", sorted(set(CALLS) - WITHOUT_FORMAT))
def test_json_reports_errors_as_its_result(run: Run, command: str) -> None:
    rc, out, err = run(*call(command, "broken.yaml"), "--format", "json")
    assert (rc, err) == (1, "")
    assert json.loads(out)["diagnostics"][0]["code"] == "SPC005"
    rc, out, err = run(*call(command, "net.yaml"), "--variant", "huge", "--format", "json")
    assert (rc, err) == (2, "")
    assert json.loads(out)["diagnostics"][0]["code"] == "FIL005"


@pytest.mark.parametrize("form", ["csv", "markdown"])
def test_other_formats_report_errors_as_text(run: Run, form: str) -> None:
    for words in (["summarize", "missing.yaml"], ["audit", "broken.yaml"], ["diff", "broken.yaml", "net.yaml"]):
        if form == "csv" and words[0] != "summarize":
            continue
        rc, _, err = run(*words, "--format", form)
        assert rc == (2 if "missing.yaml" in words else 1)
        assert "FIL001" in err or "SPC005" in err


@pytest.mark.parametrize("command", COMMANDS)
def test_a_wrong_option_is_a_usage_error(run: Run, command: str) -> None:
    words = call(command) if command in CALLS else [command]
    for wrong in (["--no-such-option"], ["--format", "nonsense"]):
        rc, out, err = run(*words, *wrong)
        assert (rc, out) == (2, "")
        assert "archspec" in err


@pytest.mark.parametrize(
    "words",
    [
        "draw net.yaml -o {}.mmd",
        "plot net.yaml -o {}.svg",
        "memory net.yaml -o {}.svg",
        "diff net.yaml resnet18 -o {}.svg",
        "gradient-flow net.yaml -o {}.svg",
        "learn net.yaml --data digits -o {}.svg",
        "export net.yaml -o {}.py",
        "build net.yaml --save {}.safetensors",
        "calibrate -o {}.yaml",
        "new {}",
    ],
)
def test_an_output_that_cannot_be_written_is_reported_before_the_work(run: Run, words: str) -> None:
    for name in ("missing/file", "folder/taken", "net.yaml/file"):
        suffix = words.format("").rpartition(" ")[2] or ".yaml"
        if name == "folder/taken":
            Path(name + suffix).mkdir(exist_ok=True)
        rc, out, err = run(*words.format(name).split())
        assert (rc, out, err.count("\n")) == (2, "", 1), err
        assert name in err
    assert not list(Path().glob("**/*.part"))
    *before, _ = words.split()
    assert run(*before, "")[:2] == (2, "")  # an empty name is none


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_the_right_to_write_is_reported(run: Run) -> None:
    Path("folder").chmod(0o555)
    rc, out, err = run("draw", "net.yaml", "-o", "folder/net.svg")
    assert (rc, out) == (2, "")
    assert "permission denied" in err


@pytest.mark.parametrize(
    ("words", "file"),
    [
        ("draw net.yaml -o out.mmd", "out.mmd"),
        ("plot net.yaml -o out.svg", "out.svg"),
        ("memory net.yaml -o out.svg", "out.svg"),
        ("diff net.yaml resnet18 -o out.dot", "out.dot"),
        pytest.param("export net.yaml -o out.py", "out.py", marks=pytest.mark.torch),
        ("export net.yaml -o out.json --format json", "out.json"),
        pytest.param("build net.yaml --save out.safetensors", "out.safetensors", marks=pytest.mark.torch),
        ("new out", "out.yaml"),
        ("lint fixable.yaml --fix", "fixable.yaml"),
    ],
)
def test_every_write_says_so_on_standard_error_unless_quiet(run: Run, words: str, file: str) -> None:
    def prepare() -> None:
        Path("fixable.yaml").write_text("input: [3, 8, 8]\nstages:\n  - conv: 4\n  # archspec: ignore[CNV006] none\n")
        Path("out.yaml").unlink(missing_ok=True)

    prepare()
    rc, out, err = run(*words.split())
    assert rc == 0
    assert err.splitlines() == [f"wrote {file}"]
    assert "wrote" not in out
    prepare()
    result = run(*words.split(), "--quiet")
    assert result[::2] == (0, "")
    prepare()
    assert run("-q", *words.split()) == result


def test_quiet_lint_prints_findings_alone(run: Run) -> None:
    assert run("lint", "net.yaml") == (0, "1 spec checked, nothing found\n", "")
    assert run("lint", "net.yaml", "-q") == (0, "", "")
    assert run("lint", "broken.yaml", "-q") == run("lint", "broken.yaml")


def test_no_findings_get_into_an_exported_file(tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text(BROKEN)
    with (tmp_path / "net.py").open("w") as output:
        done = subprocess.run(
            [sys.executable, "-m", "archspec", "export", "broken.yaml"],
            cwd=tmp_path,
            stdout=output,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert done.returncode == 1
    assert (tmp_path / "net.py").read_text() == ""
    assert "SPC005" in done.stderr


@pytest.mark.parametrize("command", CALLS)
def test_a_dash_is_standard_input(run: Run, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    with open("broken.yaml", encoding="utf-8") as stream:
        monkeypatch.setattr("sys.stdin", stream)
        rc, out, err = run(*call(command, "-"))
    assert rc == 1
    assert "<stdin>:2:21: SPC005" in (out if command == "lint" else err)


@pytest.mark.parametrize("command", CALLS)
def test_closed_standard_input_is_a_wrong_argument(run: Run, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    monkeypatch.setattr("sys.stdin", None)  # what Python sets where it is closed: `archspec lint - <&-`
    rc, out, err = run(*call(command, "-"))
    assert rc == 2
    assert "FIL003" in (out if command == "lint" else err)


def test_standard_input_is_read_once(run: Run) -> None:
    for words in (["learn", "-", "-", "--data", "digits"], ["diff", "-", "-"]):
        rc, out, err = run(*words)
        assert (rc, out) == (2, "")
        assert "standard input is read once" in err


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a device of Linux")
def test_a_full_disk_is_no_bug() -> None:
    with open("/dev/full", "w") as full:
        done = _process(["list"], stdout=full)
    assert done.returncode == 2
    assert done.stderr == "archspec: cannot write the output: no space left on device\n"


@pytest.mark.skipif(sys.platform == "win32", reason="file descriptors of POSIX")
def test_closed_standard_output_and_error_discard_what_is_printed() -> None:
    assert _process(["lint", "small_resnet"], before=lambda: os.close(1)).stderr == ""
    assert _process(["lint", "small_resnet"], before=lambda: os.close(1)).returncode == 0
    assert _process(["summarize", "no-such-net"], before=lambda: os.close(2)).returncode == 2


def _process(
    words: list[str], stdout: int | IO[str] = subprocess.PIPE, before: Callable[[], None] | None = None
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "archspec", *words]
    return subprocess.run(command, stdout=stdout, stderr=subprocess.PIPE, text=True, preexec_fn=before)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_has_examples_that_parse(run: Run, command: str) -> None:
    rc, out, _ = run(command, "--help")
    assert rc == 0
    _, _, listed = out.partition("\nexamples:\n")
    examples = [line.strip() for line in listed.splitlines()]
    assert examples
    for example in examples:
        assert example.startswith(f"archspec {command}")
        words = shlex.split(example, comments=True)[1:]
        for redirection in (">", "<"):
            words = words[: words.index(redirection)] if redirection in words else words
        assert make_parser(words).parse_args(words).command == command
