"""Linting, summarising and listing stay light: what a command must not import, it does not import."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("torch", "torchvision", "torchinfo", "safetensors", "numpy", "networkx", "graphviz", "pygraphviz", "rich",
         "streamlit", "jsonschema")  # fmt: skip
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
        ("summary", "resnet50", "--level", "op"),
        ("summary", "resnet50", "--format", "json"),
        ("show", "resnet50", "--graph"),
        ("list", "--format", "json"),
        ("explain", "SHP001"),
        ("schema",),
    ],
    ids=" ".join,
)
def test_no_command_but_build_imports_anything_heavy(words):
    assert run(*words)["imported"] == []


def test_only_the_ops_in_use_are_imported():
    used = run("lint", "resnet")["ops"]
    assert {"archspec.ops.conv", "archspec.ops.batch_norm"} <= set(used)
    assert {"archspec.ops.attention", "archspec.ops.embedding", "archspec.ops.sinusoidal"}.isdisjoint(used)


def test_importing_archspec_is_light_and_building_is_what_imports_torch():
    script = (
        "import sys, archspec\n"
        "assert 'torch' not in sys.modules\n"
        "archspec.summarize(archspec.lower(archspec.load('resnet50')))\n"
        "assert 'torch' not in sys.modules\n"
        "archspec.build('small_resnet', device='meta')\n"
        "assert 'torch' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
