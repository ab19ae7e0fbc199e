"""PyPI's other `archspec` beside this one, over it and under it: one line that says what to do, and no traceback."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import archspec

PACKAGE = Path(archspec.__file__).parent
ENTRY_POINT = PACKAGE.parent / "archspec_nn.py"

# The scripts that pip writes for `archspec = "archspec.cli:main"` of the other project, and for ours.
THEIR_SCRIPT = "import sys; from archspec.cli import main; sys.exit(main())"
THEIR_MODULE = "import runpy; runpy.run_module('archspec', run_name='__main__')"
OUR_SCRIPT = "import sys; from archspec_nn import main; sys.exit(main())"


def install_ours(site: Path) -> None:
    shutil.copytree(PACKAGE, site / "archspec", dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ENTRY_POINT, site)


def install_theirs(site: Path) -> None:
    """Write files of the names that the other project has; it replaces those of ours, as pip does."""
    package = site / "archspec"
    for folder in ("cpu", "json", "vendor"):
        (package / folder).mkdir(parents=True, exist_ok=True)
    (package / "__init__.py").write_text('"""Init file to avoid namespace packages"""\n\n__version__ = "0.2.7"\n')
    (package / "__main__.py").write_text("import sys\n\nfrom .cli import main\n\nsys.exit(main())\n")
    (package / "cpu/__init__.py").write_text('def host():\n    return "zen4"\n')
    (package / "cli.py").write_text('def main(argv=None):\n    print("theirs")\n    return 0\n')


def run(script: str, *sites: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, sites))}
    command = [sys.executable, "-c", script, "explain", "SPC009"]
    return subprocess.run(command, env=environment, cwd=sites[0], capture_output=True, text=True, check=False)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "site").mkdir()
    return tmp_path / "site"


@pytest.mark.parametrize("script", [THEIR_SCRIPT, THEIR_MODULE, OUR_SCRIPT])
def test_theirs_over_ours(site: Path, script: str) -> None:
    install_ours(site)
    install_theirs(site)
    done = run(script, site)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("archspec: the project `archspec` of PyPI has replaced files of this one")
    assert str(site / "archspec") in done.stderr
    assert "`pip uninstall archspec archspec-nn`" in done.stderr


def test_ours_over_theirs_works_with_a_warning(site: Path) -> None:
    install_theirs(site)
    install_ours(site)
    done = run(OUR_SCRIPT, site)
    assert done.returncode == 0
    assert "missing-key" in done.stdout
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("archspec: warning: the project `archspec` of PyPI has files in the same place")
    assert run("from archspec.cpu import host; print(host())", site).stdout == "zen4\n"


def test_theirs_before_ours_on_the_path(site: Path, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    install_theirs(theirs)
    install_ours(site)
    done = run(OUR_SCRIPT, theirs, site)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert f"another project's package ({theirs / 'archspec/__init__.py'}), which hides archspec-nn" in done.stderr


def test_ours_before_theirs_on_the_path_is_as_if_alone(site: Path, tmp_path: Path) -> None:
    install_theirs(tmp_path / "theirs")
    install_ours(site)
    done = run(OUR_SCRIPT, site, tmp_path / "theirs")
    assert (done.returncode, done.stderr) == (0, "")
