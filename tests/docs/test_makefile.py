"""The Makefile: each target installs what it runs and says so, and nothing of the system."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
VERSION = f"{sys.version_info[0]}.{sys.version_info[1]}"
pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="needs make")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Return a folder like a fresh clone, in which nothing is installed."""
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def make(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    # Without the variables of a make that runs these tests.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "E2E"))}
    return subprocess.run(["make", *words], cwd=folder, env=environment, capture_output=True, text=True)


def test_run_installs_what_it_runs_and_says_how_much(clone: Path) -> None:
    plan = make(clone, "-n", "run").stdout
    assert "Installing archspec and torch into .venv: about " in plan
    assert "'.[torch]'" in plan
    assert not any(extra in plan for extra in ("[all]", "app", "torchvision"))


def test_test_adds_the_rest_and_installs_nothing_of_the_system(clone: Path) -> None:
    for words in (["E2E=1"], ["E2E=0"], [], ["CHROMIUM="]):
        plan = make(clone, "-n", "test", *words).stdout
        assert plan.index("'.[torch]'") < plan.index("'.[all]'") < plan.index("ruff check")
        commands = [line for line in plan.splitlines() if "echo" not in line]
        assert not any("apt" in line or ".ci/" in line for line in commands)


def test_what_is_installed_is_not_installed_again(clone: Path) -> None:
    (clone / ".venv").mkdir()
    for stamp in (".run", ".stamp", ".app"):
        (clone / ".venv" / stamp).touch()
    for target in ("run", "app", "test"):
        assert "pip" not in make(clone, "-n", target).stdout


def test_a_missing_chromium_is_reported_first_and_last(clone: Path) -> None:
    assert make(clone, "-n", "test", "CHROMIUM=").stdout.count("Chromium is not installed") == 2
    found = make(clone, "chromium", "CHROMIUM=")
    assert (found.returncode, "apt-get install chromium" in found.stdout) == (0, True)
    assert make(clone, "chromium", "CHROMIUM=/usr/bin/chromium").stdout == ""
    # Where it is required, nothing begins without it.
    required = make(clone, "test", "CHROMIUM=", "E2E=1")
    assert required.returncode == 2
    assert "Chromium is not installed" in required.stdout
    assert "pip" not in required.stdout


def test_the_core_has_an_environment_of_its_own_without_torch(clone: Path) -> None:
    plan = make(clone, "-n", "test-core", f"PYTHON={sys.executable}").stdout
    installed = plan[plan.index("--editable") :].splitlines()[0]
    assert f".venv-core/{VERSION}/bin/python -m pytest" in plan
    assert not any(extra in installed for extra in ("torch", "learn", "all"))


def find_python(version: str, first: Path) -> tuple[int, str, str]:
    """Return the exit code, stdout and stderr of .ci/find_python where a folder comes first on the path."""
    environment = os.environ | {"PATH": f"{first}{os.pathsep}{os.environ['PATH']}"}
    command = [str(ROOT / ".ci" / "find_python"), version]
    found = subprocess.run(command, env=environment, capture_output=True, text=True)
    return found.returncode, found.stdout, found.stderr


def write_script(path: Path, command: str) -> None:
    path.write_text(f"#!/bin/sh\n{command}\n")
    path.chmod(0o755)


def test_a_python_is_found_by_its_version(tmp_path: Path) -> None:
    python = tmp_path / f"python{VERSION}"
    python.symlink_to(sys.executable)
    assert find_python(VERSION, tmp_path) == (0, f"{python}\n", "")
    asked = [str(python), "-c", "import sys; print(*sys.version_info[:2], sep='.')"]
    assert subprocess.run(asked, capture_output=True, text=True).stdout == f"{VERSION}\n"


def test_a_python_is_found_through_pyenv_where_the_one_on_the_path_does_not_run(tmp_path: Path) -> None:
    write_script(tmp_path / f"python{VERSION}", "exit 127")
    write_script(tmp_path / "pyenv", f'test "$*" = "prefix {VERSION}" && echo "{tmp_path}/versions"')
    python = tmp_path / "versions" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    assert find_python(VERSION, tmp_path) == (0, f"{python}\n", "")


def test_a_missing_python_is_not_found(tmp_path: Path) -> None:
    assert find_python("2.99", tmp_path) == (1, "", "")
    # Nor is one of that name that has another version.
    (tmp_path / "python2.99").symlink_to(sys.executable)
    assert find_python("2.99", tmp_path) == (1, "", "")
