"""The pre-commit hooks and the GitHub action: valid by their hosts' own checks, and the commands they name work."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS = {step.get("name"): step for step in ACTION["runs"]["steps"]}
ERROR = "input: [3, 8, 8]\nstem: [{conv: 8}, rleu]\n"
CLEAN = "input: [3, 8, 8]\nstem: [{conv: 8}, relu]\n"


@pytest.fixture
def here(tmp_path: Path) -> Path:
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs/error.yaml").write_text(ERROR)
    (tmp_path / "specs/clean.yaml").write_text(CLEAN)
    return tmp_path


def environment(**more: str) -> dict[str, str]:
    """Ours, in which `archspec` and `python` are those of the tests."""
    return {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", **more}


def check(*words: str) -> None:
    done = subprocess.run([sys.executable, "-m", *words], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_hooks_are_valid() -> None:
    check("pre_commit", "validate-manifest", ".pre-commit-hooks.yaml")


def test_the_action_is_valid() -> None:
    check("check_jsonschema", "--builtin-schema", "vendor.github-actions", "action.yml")


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_the_command_of_a_hook(here: Path, hook: dict[str, Any]) -> None:
    command = [*shlex.split(hook["entry"]), *hook.get("args", [])]
    for files, code in ((["specs/clean.yaml"], 0), (["specs/clean.yaml", "specs/error.yaml"], 1)):
        done = subprocess.run(
            [*command, *files], capture_output=True, text=True, check=False, cwd=here, env=environment()
        )
        assert done.returncode == code, done.stdout + done.stderr
        assert ("SPC005" in done.stdout) is bool(code)


def lint_step(here: Path, paths: str, args: str) -> subprocess.CompletedProcess[str]:
    """Run the action's last step as the runner does: the script as a file of bash, inputs in its variables."""
    step, inputs = STEPS["Lint"], {"paths": paths, "args": args}
    values = {name: inputs[value.split(".")[1].strip(" }")] for name, value in step["env"].items()}
    (here / "step.sh").write_text(step["run"])
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "step.sh"]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=here, env=environment(**values), encoding="utf-8"
    )


@pytest.mark.parametrize(
    ("paths", "args", "code"),
    [
        (ACTION["inputs"]["paths"]["default"], ACTION["inputs"]["args"]["default"], 1),
        ("specs/clean.yaml\nspecs/error.yaml\n", "", 1),
        ("specs/clean.yaml", "", 0),
        ("specs", "--select NRM --fail-level error", 0),
        ("specs/*.yaml", "", 2),
        ("$(touch owned)", "", 2),
        ("specs; touch owned", "`touch owned`", 2),
    ],
)
def test_the_action_lints(here: Path, paths: str, args: str, code: int) -> None:
    done = lint_step(here, paths, args)
    assert done.returncode == code, done.stdout + done.stderr
    assert not (here / "owned").exists()
    if code == 1:
        assert "::error file=specs/error.yaml,line=2,endLine=2,col=19,endColumn=22," in done.stdout


def test_the_action_installs_the_version_that_it_is_of(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text('#!/bin/sh\nfor word in "$@"; do echo "$word"; done\n')
    python.chmod(0o755)
    place = f"{tmp_path}/an action"
    given = {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "GITHUB_ACTION_PATH": place}
    script = STEPS["Install archspec"]["run"]
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True, env=given)
    assert done.stdout.splitlines() == ["-m", "pip", "install", "--quiet", place]


def test_no_input_is_put_into_a_script() -> None:
    for step in STEPS.values():
        assert "${{" not in step.get("run", "")
