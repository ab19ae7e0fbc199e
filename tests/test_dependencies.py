"""What a missing package's message says to do: a command that works where archspec comes from."""

from __future__ import annotations

import ast
import json
import re
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import archspec
from archspec import dependencies
from archspec.dependencies import install_command, require

ROOT = Path(archspec.__file__).parents[1]
REQUIRES = ["numpy>=2", "torch<3,>=2.6; extra == 'torch'", 'streamlit>=1 ; extra == "app"', "torch<3; extra == 'all'"]


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[Any], None]:
    """A function that makes archspec a package in a site-packages that pip installed from a direct_url."""

    def install(direct_url: Any) -> None:
        monkeypatch.setattr(dependencies, "__file__", str(tmp_path / "site/archspec/dependencies.py"))
        monkeypatch.setattr(dependencies, "_metadata", lambda _file: json.dumps(direct_url) if direct_url else "")
        monkeypatch.setattr("importlib.metadata.requires", lambda _name: REQUIRES)
        monkeypatch.chdir(tmp_path)

    return install


def test_in_a_checkout(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(ROOT)
    assert install_command("torch,learn") == "pip install -e '.[torch,learn]'"
    monkeypatch.chdir(tmp_path)
    assert install_command("torch") == f"pip install -e '{ROOT}[torch]'"


def test_from_a_wheel(installed: Callable[[Any], None], tmp_path: Path) -> None:
    wheel = tmp_path / "my dist/archspec_nn-0.1.0-py3-none-any.whl"
    wheel.parent.mkdir()
    wheel.touch()
    installed({"url": wheel.as_uri(), "archive_info": {}})
    assert install_command("torch") == f"pip install '{wheel}[torch]'"
    wheel.unlink()  # then its packages have to be named
    assert install_command("torch") == "pip install 'torch<3,>=2.6'"


def test_from_a_folder_or_a_repository(installed: Callable[[Any], None], tmp_path: Path) -> None:
    (tmp_path / "clone").mkdir()
    installed({"url": (tmp_path / "clone").as_uri(), "dir_info": {"editable": True}})
    assert install_command("app") == f"pip install -e '{tmp_path}/clone[app]'"
    installed({"url": (tmp_path / "clone").as_uri(), "dir_info": {}})
    assert install_command("app") == f"pip install '{tmp_path}/clone[app]'"
    installed({"url": "https://host/repo.git", "vcs_info": {"vcs": "git", "commit_id": "abc"}})
    assert install_command("app") == "pip install 'archspec-nn[app] @ git+https://host/repo.git@abc'"
    installed({"url": "https://host/archspec_nn.whl", "archive_info": {}})
    assert install_command("app") == "pip install 'archspec-nn[app] @ https://host/archspec_nn.whl'"


def test_from_an_index_the_packages_are_named(installed: Callable[[Any], None]) -> None:
    installed(None)
    assert install_command("torch") == "pip install 'torch<3,>=2.6'"
    assert install_command("app,torch") == "pip install 'torch<3,>=2.6' 'streamlit>=1'"


def test_without_any_metadata(installed: Callable[[Any], None], monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib.metadata import PackageNotFoundError

    def unknown(name: str) -> list[str]:
        raise PackageNotFoundError(name)

    installed(None)
    monkeypatch.setattr("importlib.metadata.requires", unknown)
    monkeypatch.setattr(dependencies, "find_spec", lambda _name: None)
    with pytest.raises(archspec.MissingDependencyError, match=r"^an app needs Streamlit: pip install streamlit$"):
        require("an app needs", "Streamlit", extra="app")


def sources(*places: str) -> dict[Path, str]:
    """Return the texts of the repository's files below some places."""
    found = (path for place in places for path in (ROOT / place, *(ROOT / place).rglob("*")) if path.is_file())
    kept = (path for path in found if "__pycache__" not in path.parts)
    return {path: path.read_text(encoding="utf-8", errors="ignore") for path in kept}


def test_every_extra_that_a_message_names_exists() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    pattern = re.compile(r"""(?:extra=|install_command\()["']([a-z,]+)["']""")
    named = {name for text in sources("archspec", "app").values() for words in pattern.findall(text)
             for name in words.split(",")}  # fmt: skip
    assert named >= {"app", "learn", "lsp", "plot", "torch"}
    assert named - {"forbid"} <= set(extras)  # which is Pydantic's


def test_no_text_installs_a_package_that_is_not_published() -> None:
    texts = sources("archspec", "app", "docs", "README.md", "Makefile", "action.yml")
    wrong = [
        f"{path}: {line}"
        for path, text in texts.items()
        for line in text.splitlines()
        if re.search(r"pip install.*archspec-nn", line) and "un" not in line.partition("install")[0]
    ]
    assert wrong == []


CALLS: dict[str, Callable[[], object]] = {
    "build": lambda: archspec.build("no such design"),
    "smoke": lambda: archspec.smoke("no such design", steps=-1),
    "learn": lambda: archspec.learn("no such design", data="nothing", steps=-1),
    "gradient_flow": lambda: archspec.gradient_flow("no such design", steps=-1),
    "audit": lambda: archspec.audit("no such design"),
    "devices": archspec.devices,
    "calibrate": lambda: archspec.calibrate("tpu"),
    "to_python": lambda: archspec.to_python("no such design"),
}


@pytest.mark.parametrize("name", CALLS)
def test_torch_is_required_before_anything_else_is_checked(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dependencies, "find_spec", lambda _name: None)
    with pytest.raises(archspec.MissingDependencyError, match="torch"):
        CALLS[name]()


@pytest.mark.torch
def test_the_torch_extra_has_what_its_packages_import_without_requiring_it() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    provided = {re.split(r"[<>=]", item)[0] for item in project["optional-dependencies"]["torch"]}
    imported = set()
    for module in ("safetensors/torch.py", "torchinfo/torchinfo.py", "torchinfo/layer_info.py"):
        (path,) = (found for root in sys.path if (found := Path(root) / module).is_file())
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                names.append(node.module or "")
            imported |= {name.partition(".")[0] for name in names}
    assert {"numpy", "torch"} <= imported - sys.stdlib_module_names <= provided
