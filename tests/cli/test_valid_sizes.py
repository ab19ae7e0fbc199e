"""archspec valid-sizes: the words, exit codes, and JSON from which a program decides of any sizes by itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import product
from typing import Any

import pytest

import archspec
from archspec.cli.main import main
from tests import designs

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*words: str) -> tuple[int, str]:
        code = main(["valid-sizes", *words])
        return code, "".join(capsys.readouterr())

    return call


def test_text(run: Run) -> None:
    code, out = run("unet", "--set", "base=4")
    assert code == 0
    assert out.split("\n") == [
        "unet   input 3×256×256   conditional",
        "",
        "  height and width must be multiples of 16, at least 16",
        "",
    ]


def test_sizes_that_do_not_work(run: Run) -> None:
    code, out = run("unet", "--set", "base=4", "--input", "3x300x256")
    assert code == 1
    assert "must be multiples of 16, at least 16; nearest to 300: 288, 304" in out
    code, out = run("unet", "--set", "base=0")
    assert code != 0
    assert "base" in out


def test_what_the_module_takes_and_what_could_be_declared(run: Run) -> None:
    code, out = run("vit:vit_b_32", "--set", "depth=1")
    assert code == 0
    assert "hang together: height from 224 to 255 with width from 224 to 255" in out
    assert "built for another size, it could be:\n  height and width must be at least 32" in out


def is_valid(data: dict[str, Any], *sizes: int) -> bool:
    """Membership from the JSON alone, as docs/commands.md describes it."""
    given = {axis["variable"]: n for axis, n in zip(data["axes"], sizes, strict=True)}
    alone = all(given[axis["variable"]] == n for axis, n in zip(data["axes"], sizes, strict=True)) and all(
        any(
            run["from"] <= n and (run["to"] is None or n <= run["to"]) and n % run["period"] in run["remainders"]
            for run in axis["sizes"]
        )
        for axis, n in zip(data["axes"], sizes, strict=True)
    )
    return alone and all(_holds(c, given) for joint in data["together"] for c in joint["conditions"])


def _holds(condition: dict[str, Any], sizes: dict[str, int]) -> bool:
    left, right = (_value(condition[side], sizes) for side in ("left", "right"))
    relation = condition["relation"]
    return left == right if relation == "==" else left >= right if relation == ">=" else left % right == 0


def _value(dim: dict[str, Any], sizes: dict[str, int]) -> int:
    total = int(dim["constant"])
    for factors in dim["products"]:
        part = 1
        for f in factors:
            turns, rest = divmod(sizes[f["variable"]], len(f["table"]))
            part *= f["table"][rest] + f["growth"] * turns
        total += part
    return total


@pytest.mark.parametrize("name", ["unet", "densenet", "vit", "resnet18", "highway_conv"])
def test_json_decides_of_any_sizes(run: Run, name: str) -> None:
    code, out = run(name, "--format", "json")
    data = json.loads(out)
    assert code == 0
    found = archspec.valid_sizes(designs.graph(name))
    assert data["verdict"] == found.verdict
    assert data["bounded"] is False
    seen = [1, 7, 8, 16, 29, 31, 32, 224, 225, 239, 240, 256, 448, 784]
    for sizes in product(seen, seen):
        assert is_valid(data, *sizes) == found.contains(*sizes), sizes
