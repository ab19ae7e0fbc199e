"""archspec export: what it prints and writes, and how it fails."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

import archspec
from archspec.dependencies import install_command
from tests import designs
from tests.cli.command_line import Run, runner

BROKEN = "input: [3, 8, 8]\nstages:\n  - conv: {channels: 8, groups: 5}\n"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    return runner(capsys, "export")


@pytest.mark.torch
def test_python_is_exported_by_default(run: Run) -> None:
    code, out, err = run("resnet18")
    assert (code, err) == (0, "")
    assert out == archspec.to_python(designs.graph("resnet18"))


@pytest.mark.torch
def test_the_variant_parameters_and_input_are_worked_in(run: Run) -> None:
    _, out, _ = run("resnet", "--variant", "resnet18", "--set", "classes=7", "--input", "3x64x96")
    assert out.startswith('"""resnet:resnet18: a network written by archspec.\n\nInputs: input [N, 3, 64, 96].\n"""\n')
    assert "nn.Linear(512, 7)" in out


@pytest.mark.torch
@pytest.mark.parametrize(
    ("file", "start"), [("a.py", '"""'), ("a.json", "{"), ("a.yaml", "name: "), ("a.YML", "name: ")]
)
def test_the_suffix_says_what_is_wanted(run: Run, tmp_path: Path, file: str, start: str) -> None:
    assert run("small_resnet", "-o", file) == (0, "", f"wrote {file}\n")
    assert (tmp_path / file).read_text().startswith(start)


def test_what_is_asked_for_goes_before_the_suffix(run: Run, tmp_path: Path) -> None:
    run("small_resnet", "-o", "a.txt", "--to", "json")
    assert json.loads((tmp_path / "a.txt").read_text())["name"] == "small_resnet"


def test_the_flattened_spec_means_the_same(run: Run, tmp_path: Path) -> None:
    from archspec.ir.dump import dump

    run("resnet:resnext50_32x4d", "-o", "flat.yaml", "--set", "classes=5")
    assert "variants:" not in (tmp_path / "flat.yaml").read_text()
    wanted = dump(designs.graph("resnext50_32x4d", classes=5))
    assert dump(archspec.lower(archspec.load("flat.yaml"))).split("\n", 1)[1] == wanted.split("\n", 1)[1]


@pytest.mark.torch
def test_the_file_runs_where_there_is_no_archspec(run: Run, tmp_path: Path) -> None:
    run("small_resnet", "-o", "network.py")
    script = "import sys, torch, network\nprint(network.SmallResnet()(torch.zeros(2, 3, 32, 32)).shape)\n"
    script += "assert not any(name.startswith('archspec') for name in sys.modules)\n"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout == "torch.Size([2, 10])\n"


def test_a_broken_design_is_refused_and_no_file_is_left(run: Run, tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text(BROKEN)
    for form in ("python", "json", "spec"):
        code, out, err = run("broken.yaml", "--to", form, "-o", "out")
        assert code == 1
        assert "broken.yaml:3:" in out + err
        assert not (tmp_path / "out").exists()


@pytest.mark.torch
def test_a_file_is_replaced_through_links_with_its_permissions(run: Run, tmp_path: Path) -> None:
    target, link = tmp_path / "real.py", tmp_path / "link.py"
    target.write_text("old")
    target.chmod(0o640)
    link.symlink_to(target)
    assert run("small_resnet", "-o", "link.py")[0] == 0
    assert link.is_symlink()
    assert target.read_text().startswith('"""')
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.py", "real.py"]


@pytest.mark.torch
def test_a_new_file_has_the_permissions_of_any_new_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "other").touch()
    run("small_resnet", "-o", "new.py")
    assert (tmp_path / "new.py").stat().st_mode == (tmp_path / "other").stat().st_mode


@pytest.mark.torch
def test_a_full_disk_leaves_the_old_file_as_it_was(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.py").write_text("old")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    for file in ("a.py", "new.py"):
        code, _, err = run("small_resnet", "-o", file)
        assert (code, err) == (2, f"archspec: cannot write {file}: no space left on device\n")
    assert [path.name for path in tmp_path.iterdir()] == ["a.py"]
    assert (tmp_path / "a.py").read_text() == "old"


@pytest.mark.torch
def test_what_cannot_be_written_to_is_an_error(run: Run, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    assert run("small_resnet", "-o", "folder") == (2, "", "archspec: cannot write folder: is a directory\n")
    assert run("small_resnet", "-o", "no/a.py") == (
        2,
        "",
        "archspec: cannot write no/a.py: there is no directory no\n",
    )


def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "archspec", "export", "small_resnet", "-o", "/dev/stdout", "--to", "spec"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("name: small_resnet")


@pytest.mark.torch
def test_what_was_done_as_json(run: Run) -> None:
    _, out, _ = run("resnet18", "--format", "json", "-o", "a.py")
    assert json.loads(out) == {"name": "resnet", "variant": "resnet18", "to": "python", "file": "a.py"}
    _, out, _ = run("resnet18", "--format", "json", "--to", "spec")
    assert json.loads(out)["text"].startswith("name: resnet")
    code, out, _ = run("resnet18", "--format", "json", "-o", "no/a.py")
    assert (code, json.loads(out)) == (2, {"error": "cannot write no/a.py: there is no directory no"})


def test_a_dash_prints(run: Run) -> None:
    assert run("small_resnet", "-o", "-") == run("small_resnet")


def test_json_and_the_spec_need_no_torch(tmp_path: Path) -> None:
    script = "import sys\nfrom archspec.cli.main import main\n"
    script += (
        "assert main(['export', 'resnet18', '--to', 'json']) == main(['export', 'resnet18', '--to', 'spec']) == 0\n"
    )
    script += "assert 'torch' not in sys.modules\n"
    subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)


def test_without_torch_python_says_what_to_install(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archspec.dependencies.find_spec", lambda _name: None)
    code, out, err = run("small_resnet")
    assert (code, out) == (2, "")
    assert install_command("torch") in err


def test_a_spec_is_not_replaced_by_what_it_exports(run: Run, tmp_path: Path) -> None:
    text = "# mine\ninput: [3, 8, 8]\nstages: [{conv: 4}]\n"
    (tmp_path / "net.yaml").write_text(text)
    (tmp_path / "link.yaml").symlink_to("net.yaml")
    for file in ("net.yaml", "./net.yaml", "link.yaml"):
        code, out, err = run("net.yaml", "-o", file)
        assert (code, out) == (2, "")
        assert "is the spec itself" in err
    assert (tmp_path / "net.yaml").read_text() == text
