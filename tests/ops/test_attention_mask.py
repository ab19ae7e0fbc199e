"""The mask of attention: its kind, its shapes, and the findings about a wrong one."""

from __future__ import annotations

import pytest

import archspec

TEXT = """inputs:
  x: {{shape: [6, 32], kind: tokens}}
  y: {{shape: [5, 32], kind: tokens}}
  m: {{shape: {}, kind: {}}}
stages:
  - attention: {{heads: 4, from: {{q: x, k: y, mask: m}}}}
"""


def first_finding(shape: list[int], kind: str) -> archspec.Diagnostic:
    with pytest.raises(archspec.SpecError) as caught:
        archspec.lower(archspec.loads(TEXT.format(shape, kind)))
    return caught.value.diagnostics[0]


@pytest.mark.parametrize("shape", [[5], [6, 5], [4, 6, 5]])
def test_shapes_of_a_mask(shape: list[int]) -> None:
    assert archspec.lower(archspec.loads(TEXT.format(shape, "mask"))).output_types[0].shape == (6, 32)


@pytest.mark.parametrize("kind", ["map", "tokens"])
def test_numbers_are_refused_for_what_they_are(kind: str) -> None:
    """Their shape would do."""
    found = first_finding([6, 5], kind)
    assert (found.code, found.message) == ("SHP010", f"attention needs booleans as its mask, but mask is {kind} [6×5]")
    assert "`kind: mask`" in found.hint
    assert all("channels" not in cause.message for cause in found.causes)


@pytest.mark.parametrize("shape", [[6], [5, 6], [6, 6, 5], [1, 4, 6, 5]])
def test_booleans_of_another_shape_are_refused_for_their_shape(shape: list[int]) -> None:
    found = first_finding(shape, "mask")
    shown = "×".join(map(str, shape))
    assert (found.code, found.message) == ("SHP001", f"the mask [{shown}] does not fit 6 queries and 5 keys in 4 heads")
    assert found.hint == "its shape is [5], [6, 5] or [4, 6, 5]"
