"""The workbench that is committed is what its source builds to."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

FRONTEND = Path(__file__).parents[2] / "app" / "frontend"
BUILT = FRONTEND.parent / "explorer" / "workbench.js"
NO_NODE = "the app's frontend is checked with node and npm: install both (the packages nodejs and npm)"


@pytest.mark.slow
def test_the_built_file_is_current(tmp_path: Path) -> None:
    if shutil.which("npm") is None or shutil.which("node") is None:
        pytest.fail(NO_NODE)
    copy = tmp_path / "frontend"
    shutil.copytree(FRONTEND, copy, ignore=shutil.ignore_patterns("node_modules"))
    _run(copy, "npm", "ci", "--no-audit", "--no-fund", "--silent")
    _run(copy, "npm", "run", "--silent", "check")
    _run(copy, "node", "build.mjs", str(tmp_path / "workbench.js"))
    built = (tmp_path / "workbench.js").read_text(encoding="utf-8")
    assert built == BUILT.read_text(encoding="utf-8"), (
        "run `npm ci && npm run build` in app/frontend and commit the file"
    )


def _run(where: Path, *command: str) -> None:
    done = subprocess.run(command, cwd=where, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_asks_for_nothing_and_evaluates_nothing() -> None:
    text = BUILT.read_text(encoding="utf-8")
    for word in ("fetch(", "XMLHttpRequest", "WebSocket(", "eval(", "new Function", "document.write"):
        assert word not in text, word
