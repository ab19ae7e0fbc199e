"""The most that a network may cost: `budget: {params: 25M, macs: 4G}`."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Annotated, Any

from msgspec import Struct
from pydantic import Field

from archspec.diagnostics import Span
from archspec.language.nodes import Model, Reader, unexpected
from archspec.source import Scalar

FACTORS = {"": 1, "k": 10**3, "K": 10**3, "M": 10**6, "G": 10**9, "B": 10**9, "T": 10**12}
# No more digits than an integer in YAML may have (limits.INTEGER_DIGITS).
PATTERN = r"[0-9]{1,19}(\.[0-9]{1,19})? ?[kKMGBT]?"
HINT = "write a count such as 25M or 4.1G (k, M, G and T are powers of 1,000)"


class Quantity(Struct, frozen=True):
    """A count with the text that it is written as, and its span."""

    count: int
    text: str
    span: Span


def _read_quantity(tree: Any) -> Quantity:
    if not isinstance(tree, Scalar) or isinstance(tree.value, bool):
        raise unexpected(tree, "a count", hint=HINT)
    count = _parse_count(tree)
    if count is None or count < 1:
        raise unexpected(tree, "a count of at least 1", hint=HINT)
    return Quantity(count, tree.text, tree.span)


def _parse_count(tree: Scalar) -> int | None:
    """Return the exact number that a scalar spells, or None if it spells none."""
    if isinstance(tree.value, int):
        return tree.value
    if isinstance(tree.value, float):
        return int(tree.value) if 1 <= tree.value < float("inf") else None
    if re.fullmatch(PATTERN, tree.text) is None:
        return None
    number, suffix = (tree.text[:-1], tree.text[-1]) if tree.text[-1] in FACTORS else (tree.text, "")
    # A Fraction, since 4.1 * 10**9 in floats is not the 4,100,000,000 that is written.
    return int(Fraction(number.strip()) * FACTORS[suffix])


_COUNT = Reader(
    _read_quantity,
    {"anyOf": [{"type": "number", "minimum": 1}, {"type": "string", "pattern": f"^{PATTERN}$"}]},
)
Count = Annotated[Quantity | None, _COUNT]


class Budget(Model):
    """The most parameters and multiply-accumulates that a network may have; lint reports what exceeds them."""

    params: Count = Field(default=None, description="the most parameters", examples=["25M", "1.2G"])
    macs: Count = Field(default=None, description="the most multiply-accumulates for one sample", examples=["4G"])
