"""The axes of a network's inputs, with the sizes that each can have, and conditions that link several axes."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from archspec.analysis.valid_sizes.size_set import SizeSet
from archspec.ir.sizes import Condition


class InputAxis(Struct, frozen=True):
    """An axis of an input: the sizes that it can have, and those of them at which no pixel is dropped.

    `index` is its place in the input's shape. Axes of one `variable` must have one size. `sizes` of a linked axis are
    those that work with some size of the others.
    """

    input: str
    index: int
    name: str
    declared: int
    variable: str
    sizes: SizeSet
    lossless: SizeSet

    @property
    def verdict(self) -> str:
        """`always`, `conditional` or `never`."""
        return self.sizes.verdict

    def contains(self, size: int) -> bool:
        """Return whether a size works (for a linked axis: with some size of the other axes)."""
        return size in self.sizes

    def nearest(self, size: int) -> tuple[int, ...]:
        """Return the size itself if it works, else the nearest smaller and larger ones that do."""
        return self.sizes.nearest(size)


class LinkedAxes(Struct, frozen=True):
    """Variables that conditions link, and the combinations that work as boxes: a set for each variable.

    `boxes` is None where the conditions could not be solved; they still decide any given combination.
    """

    variables: tuple[str, ...]
    conditions: tuple[Condition, ...]
    boxes: tuple[tuple[SizeSet, ...], ...] | None

    def contains(self, sizes: Mapping[str, int]) -> bool:
        """Return whether a size for each variable meets these conditions."""
        return all(condition.holds(sizes) for condition in self.conditions)
