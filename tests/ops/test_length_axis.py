"""`axis: length` is the axis of positions of tokens and of a map with one, as `valid-sizes` names it."""

from __future__ import annotations

import pytest

import archspec
from archspec.ir.dump import dump

LAYERS = (
    "slice: {axis: AXIS, start: 2, stop: 7}",
    "slice: {axis: AXIS, index: 1}",
    "split: {axis: AXIS, parts: 3}\n  - concat: {axis: AXIS, from: ['s[0]', 's[2]']}",
    "concat: {axis: AXIS, from: [input, prev]}",
    "softmax: AXIS",
    "mean: AXIS",
    "max: {axis: AXIS, keep: true}",
    "sum: AXIS",
    "l2_normalize: AXIS",
)


def text(layer: str, axis: str, permuted: bool) -> str:
    before = "  - permute: [1, 0]\n" if permuted else ""
    named = layer.replace("AXIS, parts", "AXIS, name: s, parts").replace("AXIS", axis)
    if permuted:
        named = named.replace("[input, prev]", "[first, prev]")
        before = before.replace("permute: [1, 0]", "permute: {name: first, axes: [1, 0]}")
    return f"input: [6, 12]\nstages:\n{before}  - {named}\n"


@pytest.mark.torch
@pytest.mark.parametrize("permuted", [False, True], ids=["[C, L]", "[L, C]"])
@pytest.mark.parametrize("layer", LAYERS)
def test_length_is_the_axis_of_the_positions_of_a_map_with_one(layer: str, permuted: bool) -> None:
    word, number = (
        archspec.lower(archspec.loads(text(layer, axis, permuted))) for axis in ("length", str(1 - permuted))
    )
    assert [value.shape for value in word.output_types] == [value.shape for value in number.output_types]
    assert dump(word).replace("axis=length", f"axis={1 - permuted}") == dump(number)
    assert archspec.to_python(word).count("dim=1") == archspec.to_python(number).count("dim=1")


def test_a_picture_has_no_length() -> None:
    with pytest.raises(archspec.SpecError, match=r"axis: length needs tokens \[L, C\] or a map \[C, L\]"):
        archspec.lower(archspec.loads("input: [6, 12, 12]\nstages: [softmax: length]\n"))
