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


def test_a_python_is_found_by_its_version() -> None:
    found = subprocess.run([ROOT / ".ci" / "find_python", VERSION], capture_output=True, text=True)
    if found.returncode == 0:  # an environment may be of an interpreter that is not on the path
        asked = [found.stdout.strip(), "-c", "import sys; print(*sys.version_info[:2], sep='.')"]
        assert subprocess.run(asked, capture_output=True, text=True).stdout == f"{VERSION}\n"
    missing = subprocess.run([ROOT / ".ci" / "find_python", "2.99"], capture_output=True, text=True)
    assert (missing.returncode, missing.stdout, missing.stderr) == (1, "", "")
