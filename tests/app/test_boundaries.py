"""The app stands on archspec's public names, and the wheel brings it along."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import archspec
from archspec.cli import app_command
from archspec.cli.main import main
from archspec.dependencies import install_command

APP = Path(__file__).parents[2] / "app"
FILES = sorted(path for path in APP.rglob("*.py") if "node_modules" not in path.parts)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_only_public_names_are_used(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert not (node.module or "").startswith("archspec"), f"{path}:{node.lineno}"
        if isinstance(node, ast.Import):
            assert not any(name.name.startswith("archspec.") for name in node.names)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "archspec":
            assert node.attr in archspec.__all__ or node.attr == "__file__", f"{path}:{node.lineno}: {node.attr}"


def test_the_command_starts_streamlit_with_its_settings() -> None:
    words = app_command.streamlit_arguments(8600, "localhost", True)
    assert Path(words[2]) == APP / "streamlit_app.py"
    assert (APP / ".streamlit" / "config.toml").is_file()
    assert "--server.address=localhost" in words


def test_wrong_arguments_are_reported(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["app", "--specs", str(tmp_path / "none")]) == 2
    assert "there is no such directory" in capsys.readouterr().err
    assert main(["app", "--port", "0"]) == 2
    assert "1 to 65535" in capsys.readouterr().err


def test_without_streamlit_it_says_what_to_install(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archspec.dependencies.find_spec", lambda name: None)
    assert main(["app"]) == 2
    assert install_command("app") in capsys.readouterr().err
