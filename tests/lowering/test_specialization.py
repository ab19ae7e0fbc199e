"""A body that is specialised to other shapes is the body that lowering gives for them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from archspec import loads
from archspec.ir.dump import dump
from archspec.language.files import gallery
from archspec.language.load import Spec, load
from archspec.lowering import LoweringResult, lower_partial, specialization

FILES = sorted(gallery().glob("*.yaml"))


def lower_both_ways(spec: Spec, monkeypatch: pytest.MonkeyPatch) -> tuple[LoweringResult, LoweringResult, int]:
    """A spec lowered with specialised bodies and without, and how many were specialised."""
    specialize, made = specialization._specialize, []

    def counting(*arguments: Any) -> Any:
        lowered = specialize(*arguments)
        made.extend([lowered] if lowered is not None else [])
        return lowered

    with monkeypatch.context() as patch:
        patch.setattr(specialization, "_specialize", counting)
        specialised = lower_partial(spec)
        patch.setattr(specialization, "_specialize", lambda *_: None)
        whole = lower_partial(spec)
    return specialised, whole, len(made)


def require_same(spec: Spec, monkeypatch: pytest.MonkeyPatch) -> int:
    specialised, whole, made = lower_both_ways(spec, monkeypatch)
    assert specialised.diagnostics == whole.diagnostics
    assert (specialised.graph is None) == (whole.graph is None)
    if specialised.graph is not None and whole.graph is not None:
        assert dump(specialised.graph) == dump(whole.graph)
    return made


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_the_gallery(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = load(str(file))
    for variant in (None, *spec.variants):
        require_same(load(str(file), variant) if variant else spec, monkeypatch)


def test_every_dense_layer_but_the_first_is_specialised(monkeypatch: pytest.MonkeyPatch) -> None:
    _, _, made = lower_both_ways(load("densenet201"), monkeypatch)
    assert made >= 97


HEAD = "input: [4, 16, 16]\nblocks:\n  unit:\n"
USES = "stages: [unit, {conv: 8}, unit, {conv: {channels: 8, stride: 2}}, unit, {conv: 5}, unit]\n"


@pytest.mark.parametrize(
    ("block", "made"),
    [
        ("    body: [conv: 8, relu]", 3),
        ("    body:\n      - residual: [conv: 8, relu]", 3),  # the projections inside alone
        ("    body:\n      - residual: {body: [conv: 8], merge: concat}", 3),
        ("    body:\n      - residual: {body: [norm, relu]}", 3),
        # The projection is given the channels of the body, here those of the input; those inside alone.
        ("    body:\n      - residual: {body: [max_pool: 2], merge: concat, shortcut: projection}", 3),
        ("    body:\n      - conv: in_channels * 2", 0),
        ("    let: {wide: 2 * in_channels}\n    body:\n      - conv: wide", 0),
        ("    body:\n      - {relu: {when: 'in_shape[1] > 8'}}\n      - conv: 8", 0),
        ("    body:\n      - conv: {channels: 8, init: {weight: zeros}}", 0),
        ("    body:\n      - conv: {channels: 8, groups: 4}", 2),  # refused for 5 channels
        ("    body:\n      - {conv: {name: a, channels: 8}}\n      - {conv: {channels: 8, share: a}}", 0),
    ],
)
def test_what_depends_on_the_shape_is_lowered_again(block: str, made: int, monkeypatch: pytest.MonkeyPatch) -> None:
    assert require_same(loads(f"{HEAD}{block}\n{USES}"), monkeypatch) == made
