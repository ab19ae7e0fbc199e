"""Reports on shortcuts that the compiler inserts, keeps, drops and refuses."""

from __future__ import annotations

import pytest
from torch import nn

import archspec
from tests.lowering.residual_specs import CONV3, GATE, STRIDED, residual, spec_of


def test_inserted_projections_are_reported_with_reason_and_price() -> None:
    body = "{conv: {name: c, channels: 12, kernel: 3, stride: [2, 1], bias: false}}"
    summary = archspec.summarize(archspec.lower(spec_of(residual(body, "{projection: {name: p}}"))))
    (found,) = summary.inserted
    priced = nn.Sequential(nn.Conv2d(8, 12, 1, bias=False), nn.BatchNorm2d(12))
    assert (found.kind, found.path, found.block) == ("inserted", "p", "projection")
    assert found.reason == "channels 8 → 12, stride 2×1"
    assert found.cost.params == sum(p.numel() for p in priced.parameters())
    assert found.cost.buffers == sum(b.numel() for b in priced.buffers())
    assert found.cost.macs == 8 * 12 * 5 * 7
    assert summary.dropped == ()
    written = {"path": "p", "block": "projection", "reason": found.reason, "params": 120, "macs": 3360}
    assert written.items() <= summary.to_dict()["inserted"][0].items()


def test_a_projection_without_a_name_is_reported_by_its_position() -> None:
    (found,) = archspec.summarize(archspec.lower(spec_of(residual(STRIDED)))).inserted
    assert (found.path, found.reason) == ("1", "channels 8 → 12, stride 2")


def test_a_kept_projection_says_that_it_always_stays() -> None:
    spec = spec_of(residual(CONV3, "{projection: {name: p, always: true}}"))
    (found,) = archspec.summarize(archspec.lower(spec)).inserted
    assert (found.reason, found.cost.params) == ("always", 8 * 8 + 16)


def test_a_dropped_shortcut_is_reported() -> None:
    summary = archspec.summarize(archspec.lower(spec_of(residual(STRIDED, "identity_if_same"))))
    assert summary.inserted == ()
    assert [(d.kind, d.reason, d.cost.params) for d in summary.dropped] == [("dropped", "channels 8 → 12, stride 2", 0)]
    assert summary.to_dict()["dropped"][0]["reason"] == "channels 8 → 12, stride 2"


def test_each_repeat_of_a_stage_reports_only_its_own() -> None:
    summary = archspec.summarize(archspec.lower(spec_of("basic: {name: s, repeat: 3, channels: 16, stride: 2}")))
    assert [(d.path, d.reason) for d in summary.inserted] == [("s.0.downsample", "channels 8 → 16, stride 2")]


UNEQUAL = "{branches: {merge: concat, of: [[{max_pool: 2}], [{conv: {channels: 4, kernel: 3, stride: 3}}]]}}"
WRONG = {
    "identity, other channels": ("[8, 9, 7]", residual(CONV3.replace("8", "9"), "identity"), "RES001"),
    "identity, a stride": ("[8, 9, 7]", residual(STRIDED, "identity"), "RES002"),
    "a gate without a shortcut": ("[8, 9, 7]", residual(CONV3, "none", GATE), "SPC002"),
    "an unknown merge": ("[8, 9, 7]", residual(CONV3, merge="subtract"), "SPC002"),
    "concat, a stride": ("[8, 9, 7]", residual(STRIDED, merge="concat"), "RES002"),
    "an upsampling body": ("[8, 9, 7]", residual("{resize: {scale: 2}}", "projection"), "RES002"),
    "branches of other strides": ("[8, 3, 3]", residual(UNEQUAL, "projection"), "RES002"),
    "a shortcut that does not fit": ("[8, 9, 7]", residual(STRIDED, "[tanh]"), "RES002"),
    "fewer channels than zeros can fill": (
        "[8, 9, 7]",
        residual("{conv: {name: c, channels: 4}}", "pad_shortcut"),
        "SPC002",
    ),
    "no such block": ("[8, 9, 7]", residual(CONV3, "projektion"), "SPC005"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_what_does_not_fit_is_an_error_at_its_place(kind: str) -> None:
    shape, layers, code = WRONG[kind]
    with pytest.raises(archspec.SpecError) as raised:
        archspec.lower(spec_of(layers, shape))
    (found,) = raised.value.diagnostics
    assert (found.code, found.span.line) == (code, 5)
