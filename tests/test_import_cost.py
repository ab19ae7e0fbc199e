"""Linting, summarising and listing stay light: what a command must not import, it does not import."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("torch", "torchvision", "torchinfo", "safetensors", "numpy", "networkx", "graphviz", "pygraphviz", "rich",
         "streamlit", "jsonschema", "matplotlib")  # fmt: skip
SCRIPT = """
import sys
from archspec.cli.main import main
code = main({words!r})
print("imported:", *sorted(name for name in {heavy!r} if name in sys.modules))
print("ops:", *sorted(name for name in sys.modules if name.startswith("archspec.ops.")))
sys.exit(code)
"""


def run(*words: str) -> dict[str, list[str]]:
    """The heavy packages and the ops that a command imports."""
    script = SCRIPT.format(words=list(words), heavy=HEAVY)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, encoding="utf-8")
    *_, imported, ops = done.stdout.splitlines()
    return {"imported": imported.split()[1:], "ops": ops.split()[1:]}


@pytest.mark.parametrize(
    "words",
    [
        ("lint", "resnet"),
        ("lint", "unet", "vit", "densenet"),
        ("summarize", "resnet50", "--level", "op"),
        ("summarize", "resnet50", "--format", "json"),
        ("latency", "resnet50", "--training"),
        ("show", "resnet50", "--graph"),
        ("list", "--format", "json"),
        ("explain", "SHP001"),
        ("schema",),
        ("plot", "--help"),
    ],
    ids=" ".join,
)
def test_no_command_but_build_imports_anything_heavy(words: tuple[str, ...]) -> None:
    assert run(*words)["imported"] == []


def test_a_picture_needs_no_torch(tmp_path: Path) -> None:
    imported = run("draw", "resnet50", "-o", str(tmp_path / "net.svg"))["imported"]
    assert {"torch", "networkx", "streamlit", "rich"}.isdisjoint(imported)
    assert run("draw", "resnet50", "-o", str(tmp_path / "net.mmd"))["imported"] == []


def test_loading_a_spec_does_not_search_for_plugins_of_pydantic() -> None:
    script = "import sys, archspec; archspec.load('resnet50'); print('importlib.metadata' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False"]


def test_only_the_ops_in_use_are_imported() -> None:
    used = run("lint", "resnet")["ops"]
    assert {"archspec.ops.conv", "archspec.ops.batch_norm"} <= set(used)
    assert {"archspec.ops.attention", "archspec.ops.embedding", "archspec.ops.position_embedding"}.isdisjoint(used)


@pytest.mark.torch
def test_importing_archspec_is_light_and_building_is_what_imports_torch() -> None:
    script = (
        "import sys, archspec\n"
        "assert 'torch' not in sys.modules\n"
        "archspec.summarize(archspec.lower(archspec.load('resnet50')))\n"
        "assert 'torch' not in sys.modules\n"
        "archspec.build('small_resnet', device='meta')\n"
        "assert 'torch' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def imported(*words: str) -> set[str]:
    """Every module that a command has imported when it is done."""
    script = "import sys\nfrom archspec.cli.main import main\nmain({words!r})\nprint(*sorted(sys.modules))\n"
    done = subprocess.run(
        [sys.executable, "-c", script.format(words=list(words))], capture_output=True, text=True, check=True
    )
    return set(done.stdout.splitlines()[-1].split())


def test_what_needs_no_spec_imports_no_language() -> None:
    for words in (("--version",), ("--help",), ("nonsense",)):
        assert {"pydantic", "yaml", "archspec.language", "archspec.linter"}.isdisjoint(imported(*words)), words


def test_one_clean_spec_pays_for_no_processes_no_watching_and_one_format() -> None:
    modules = imported("lint", "small_resnet", "--isolated")
    not_needed = {"multiprocessing", "concurrent.futures", "tomllib", "xml.etree.ElementTree", "difflib"}
    assert not_needed.isdisjoint(modules)
    commands = {name for name in modules if name.startswith("archspec.cli.") and name.endswith("_command")}
    assert commands == {"archspec.cli.lint_command"}
    formats = {name for name in modules if name.startswith("archspec.cli.formats.")} - {"archspec.cli.formats.report"}
    assert formats == {"archspec.cli.formats.full", "archspec.cli.formats.concise"}
    assert {"archspec.cli.lint_watch", "archspec.cli.lint_fixes", "archspec.api"}.isdisjoint(modules)


@pytest.mark.torch
def test_the_public_names_are_loaded_on_first_use_and_listed() -> None:
    script = (
        "import archspec.lowering.builder, archspec.linter.engine, archspec\n"
        "assert callable(archspec.lint) and callable(archspec.lower)\n"
        "from archspec import *\n"
        "assert lint('small_resnet') == () and lower(load('small_resnet')).name == 'small_resnet'\n"
        "assert set(archspec.__all__) <= set(dir(archspec))\n"
        "values = [getattr(archspec, name) for name in archspec.__all__ if name != 'Design']  # which is a union\n"
        "assert all(value.__module__.startswith('archspec.') for value in values)\n"
        "try:\n    archspec.nothing\nexcept AttributeError as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "module 'archspec' has no attribute 'nothing'\n"


def test_a_clean_lint_needs_neither_synonyms_nor_difflib() -> None:
    code = (
        "import sys, archspec\n"
        "assert not [d for d in archspec.lint('resnet18') if d.is_error]\n"
        "assert {'difflib', 'archspec.language.synonyms'}.isdisjoint(sys.modules)\n"
        "assert archspec.lint('input: [3, 8, 8]\\nstages: [swish]')[0].hint == 'did you mean silu?'\n"
        "assert 'archspec.language.synonyms' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
