"""The data sets of a learning check by name; each is imported when it is used."""

from __future__ import annotations

from archspec.ir.types import ValueType
from archspec.runtime.learn.examples import Examples


def examples_of(data: str, input_type: ValueType) -> Examples:
    """Return the data of that name for a design with such an input, which it fits (task_match.py)."""
    shape = tuple(int(size) for size in input_type.shape if isinstance(size, int))
    if data == "digits":
        from archspec.runtime.learn.digits import digits

        return digits(shape)
    if data == "shapes":
        from archspec.runtime.learn.shapes import shapes

        return shapes(shape)
    from archspec.runtime.learn.text import text

    return text(shape[0])
