"""The shapes of inputs, and what is said of a size that is left open."""

from __future__ import annotations

import pytest

from archspec import SpecError, loads, lower
from archspec.diagnostics import Diagnostic


def finding_of(declaration: str) -> Diagnostic:
    """Return the one finding for an input with an open size."""
    with pytest.raises(SpecError) as caught:
        lower(loads(f"inputs: {{x: {declaration}}}\nstages: [relu]\n"))
    (found,) = caught.value.diagnostics
    assert found.code == "SPC002"
    return found


@pytest.mark.parametrize(
    ("declaration", "shape"),
    [
        ("[null, 3, 224, 224]", "[3, 224, 224]"),
        ("[n, 64]", "[64]"),
        ("{shape: [n, 16, 64], kind: tokens}", "[16, 64]"),
        ("{shape: [batch, 64], kind: vector}", "[64]"),
        ("{shape: [-1, 3, 224, 224], kind: map}", "[3, 224, 224]"),
        ("{shape: [null, 10], kind: ids}", "[10]"),
    ],
)
def test_an_open_size_before_those_of_a_sample_is_the_batch(declaration: str, shape: str) -> None:
    found = finding_of(declaration)
    assert found.message == "an input's shape has no batch"
    assert found.fix is not None
    assert found.fix.edits[0].replacement == shape


@pytest.mark.parametrize(
    "declaration",
    [
        "{shape: [n, 64], kind: tokens}",
        "{shape: [null, 64], kind: map}",
        "{shape: [n], kind: vector}",
        "{shape: [n, 10, 10, 10], kind: vector}",
        "[3, null, null]",
    ],
)
def test_an_open_size_of_a_sample_is_no_batch(declaration: str) -> None:
    found = finding_of(declaration)
    assert found.message == "every size of an input is a number"
    assert found.fix is None
