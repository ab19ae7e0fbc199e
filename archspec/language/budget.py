"""What a network may cost: `budget: {params: 25M, macs: 4G}`."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Annotated, Any

from msgspec import Struct
from pydantic import BeforeValidator, InstanceOf

from archspec.diagnostics import Span
from archspec.language.nodes import Model, wrong
from archspec.source import Scalar

FACTORS = {"": 1, "k": 10**3, "K": 10**3, "M": 10**6, "G": 10**9, "B": 10**9, "T": 10**12}
PATTERN = r"[0-9]{1,19}(\.[0-9]{1,19})? ?[kKMGBT]?"
HINT = "write a count such as 25M or 4.1G (k, M, G and T are powers of 1,000)"


class Quantity(Struct, frozen=True):
    """A count with the way it is written and its place."""

    count: int
    text: str
    span: Span


def _quantity(tree: Any) -> Any:
    if not isinstance(tree, Scalar) or isinstance(tree.value, bool):
        raise wrong(tree, "a count", hint=HINT)
    count = _counted(tree)
    if count is None or count < 1:
        raise wrong(tree, "a count of at least 1", hint=HINT)
    return Quantity(count, tree.text, tree.span)


def _counted(tree: Scalar) -> int | None:
    """The number that is meant, exactly; None where the text means none."""
    if isinstance(tree.value, int):
        return tree.value
    if isinstance(tree.value, float):
        return int(tree.value) if 1 <= tree.value < float("inf") else None
    if re.fullmatch(PATTERN, tree.text) is None:
        return None
    number, suffix = (tree.text[:-1], tree.text[-1]) if tree.text[-1] in FACTORS else (tree.text, "")
    return int(Fraction(number.strip()) * FACTORS[suffix])


class Budget(Model):
    """The most parameters and multiply-accumulates that a network is meant to have; lint tells what exceeds them."""

    params: Annotated[InstanceOf[Quantity] | None, BeforeValidator(_quantity)] = None
    macs: Annotated[InstanceOf[Quantity] | None, BeforeValidator(_quantity)] = None
