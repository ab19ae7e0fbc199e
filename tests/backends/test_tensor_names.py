"""`init`, `keys` and `share` name tensors that attributes may remove: what lints clean can be built, for every op."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest

import archspec
from archspec.ir.op import Op
from archspec.ops import find_op, op_names, op_parameters
from tests.narrow import present

# What an op must be given besides its booleans, and an input that it takes where a map is none.
ARGUMENTS: dict[str, dict[str, Any]] = {
    "conv": {"channels": 4},
    "conv_transpose": {"channels": 4},
    "embedding": {"features": 4},
    "group_norm": {"groups": 2},
    "linear": {"features": 4, "axis": "channel"},
    "layer_norm": {"axis": "channel"},
    "rms_norm": {"axis": "channel"},
    "parameter": {"shape": [1, 4, 6, 6]},
}
INPUTS = {
    "embedding": "{shape: [3], kind: ids, range: 5}",
    "linear": "[4]",
    "position_embedding": "{shape: [3, 4], kind: tokens}",
}
NAMED: tuple[dict[str, int], ...] = ({}, {"weight": 1}, {"bias": 0}, {"weight": 1, "bias": 0}, {"nothing": 0})
OWNERS = [name for name in op_names() if present(find_op(name)).tensors is not Op.tensors]


def designs(op: str) -> Iterator[str]:
    """Yield specs that name tensors of an op in every way, with each of its booleans on, off and left out."""
    switches = [parameter for parameter in op_parameters(op) if parameter.type == "bool"]
    norm = [] if op in ("embedding", "position_embedding", "parameter") else ["batch_norm"]
    for values in product(*(dict.fromkeys((True, False, switch.default)) for switch in switches)):
        chosen = {switch.name: value for switch, value in zip(switches, values, strict=True)}
        for names, word, before_norm in product(NAMED, ("init", "keys", "share"), (False, True)[: 1 + len(norm)]):
            written: dict[str, Any] = {name: f"own_{name}" for name in names}
            if word != "keys":
                written = names if word == "init" else {name: f"first.{name}" for name in names}
            arguments = {**ARGUMENTS.get(op, {}), **chosen}
            source = {} if op == "parameter" else {"from": "input"}
            second = {op: {**arguments, "name": "second", **source, word: written}}
            layers: list[Any] = [{op: {**arguments, "name": "first"}}, second, *(norm if before_norm else [])]
            yield f"inputs: {{input: {INPUTS.get(op, '[4, 6, 6]')}}}\nstages: {json.dumps(layers)}\n"


@pytest.mark.torch
@pytest.mark.parametrize("op", OWNERS)
def test_what_lints_clean_builds(op: str) -> None:
    clean = 0
    for text in designs(op):
        if any(finding.is_error for finding in archspec.lint(text)):
            continue
        clean += 1
        try:
            built = archspec.build(archspec.loads(text))
            exported = archspec.to_python(archspec.loads(text))
        except Exception as error:  # any is a failure, of this text
            raise AssertionError(text) from error
        compile(exported, "<exported>", "exec")
        assert built.state_dict() or "_norm" in text
    assert clean


BIAS_OFF = "bias is off, as `auto` is just before a norm"


@pytest.mark.parametrize(
    ("layer", "place", "code", "message", "hint"),
    [
        ("conv: {channels: 8, keys: {weight: w, bias: b}}", "3:43", "SPC009", "conv has no tensor bias", BIAS_OFF),
        ("conv: {channels: 8, init: {bias: 0}}", "3:32", "SPC005", "conv has no tensor bias", BIAS_OFF),
        ("layer_norm: {axis: channel, affine: false, keys: {weight: w}}", "3:55", "SPC009", "tensor weight", "affine"),
        ("layer_norm: {axis: channel, affine: false, keys: {}}", "3:5", "SPC009", "no tensors", "leave keys out"),
        ("layer_norm: {axis: channel, keys: {weight: w}}", "3:40", "SPC009", "bias, weight", "name each of them"),
    ],
)
def test_a_tensor_that_an_attribute_removes_is_reported_at_its_key(
    layer: str, place: str, code: str, message: str, hint: str
) -> None:
    text = f"input: [8, 6, 6]\nstages:\n  - {layer}\n  - norm\n"
    (finding,) = (finding for finding in archspec.lint(text) if finding.is_error)
    assert (str(finding.span).partition(":")[2], finding.code) == (place, code)
    assert message in finding.message
    assert hint in finding.hint


@pytest.mark.torch
def test_a_bias_that_auto_removes_needs_no_key() -> None:
    model = archspec.build(archspec.loads("input: [3, 8, 8]\nstages: [conv: {channels: 8, keys: {weight: w}}, norm]\n"))
    assert list(model.state_dict())[:2] == ["w", "1.weight"]


def test_a_bias_that_auto_removes_cannot_be_shared() -> None:
    layers = "  - conv: {name: a, channels: 8}\n  - norm\n  - conv: {channels: 8, share: {bias: a.bias}}\n"
    text = f"input: [8, 6, 6]\nstages:\n{layers}"
    (finding,) = (finding for finding in archspec.lint(text) if finding.is_error)
    assert (finding.span.line, finding.code, finding.hint) == (5, "SPC005", "it has weight")


def test_a_repeated_layer_or_block_reports_it_once() -> None:
    text = (
        "input: [8, 6, 6]\nblocks:\n  own:\n    body: [conv: {channels: 8, keys: {weight: w, bias: b}}, norm]\n"
        "stages:\n  - own: {repeat: 3}\n  - own\n"
    )
    assert [(f.code, f.span.line) for f in archspec.lint(text) if f.is_error] == [("SPC009", 4)]
