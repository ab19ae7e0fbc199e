"""Graphs as text, compared with files; `UPDATE_GOLDEN=1` writes them again; review the difference."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from archspec import lower
from archspec.ir.dump import dump
from tests.backends.small_networks import FAMILIES

GOLDEN = Path(__file__).parent / "golden"
DUMPED = (
    "bottleneck",
    "cifar_resnet",
    "convnext",
    "densenet",
    "guest_net",
    "highway",
    "preact_resnet",
    "residual_mlp",
    "resnet",
    "unet",
    "vit",
)


@pytest.mark.parametrize("family", DUMPED)
def test_the_graph_is_the_one_in_the_file(family: str) -> None:
    file, text = GOLDEN / f"{family}.txt", dump(lower(FAMILIES[family].load()))
    if os.environ.get("UPDATE_GOLDEN") == "1":
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


def test_there_is_no_file_that_nothing_is_compared_with() -> None:
    assert sorted(path.stem for path in GOLDEN.iterdir()) == sorted(DUMPED)


@pytest.mark.parametrize("family", DUMPED)
def test_lowering_again_gives_the_same_text(family: str) -> None:
    assert dump(lower(FAMILIES[family].load())) == dump(lower(FAMILIES[family].load()))
