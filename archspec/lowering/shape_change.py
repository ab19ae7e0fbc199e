"""Changes of shape from a residual's input to its body's output: channels, and the strides of the steps between."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Literal

from msgspec import Struct

from archspec.ir.graph import Node, Step
from archspec.ir.op import ONE
from archspec.ir.types import UNKNOWN, ValueType

Strides = tuple[Fraction, ...]


class ShapeChange(Struct, frozen=True):
    """The difference of a body's output from the residual's input."""

    channels: tuple[int, int]
    strides: Strides | None
    agree: bool
    comparable: bool  # both are of one kind and rank

    @property
    def same_channels(self) -> bool:
        return self.channels[0] == self.channels[1]

    @property
    def same_size(self) -> bool:
        return self.strides is not None and all(s == 1 for s in self.strides)

    @property
    def none(self) -> bool:
        return self.comparable and self.same_channels and self.same_size

    def __str__(self) -> str:
        parts = []
        if not self.same_channels:
            parts.append(f"channels {self.channels[0]} → {self.channels[1]}")
        if self.strides is not None and not self.same_size:
            parts.append("stride " + show_strides(self.strides))
        return ", ".join(parts) or "nothing differs"


class ShapeGuard(Struct, frozen=True):
    """The change of shape between two values of a body that a shortcut was chosen by.

    `relevant` says what the choice depends on: `sizes` (a concat joins any channels), `equality` (whether the channels
    are equal, not how many they are), or `numbers` (a projection is given the channels).
    """

    before: int
    after: int
    change: ShapeChange
    relevant: Literal["sizes", "equality", "numbers"]

    def holds(self, types: Sequence[ValueType], steps: Sequence[Step], starts: Sequence[int], same_sizes: bool) -> bool:
        """Return whether the same shortcut would be chosen for the same steps with other types.

        `same_sizes`: only numbers of channels differ from the types that the change was found for. Then strides, which
        say how spatial axes shrink, need not be found again.
        """
        wanted = self.change
        if not same_sizes:
            found = compare_shapes(types, steps, starts, self.before, self.after)
            if found.strides != wanted.strides or found.agree != wanted.agree or found.comparable != wanted.comparable:
                return False
        if self.relevant == "sizes":
            return True
        channels = (types[self.before].channels, types[self.after].channels)
        # Equal channels may change together; others are numbers in a projection's arguments or a decision's reason.
        if self.relevant == "equality" and wanted.same_channels:
            return channels[0] == channels[1]
        return channels == wanted.channels


def compare_shapes(
    types: Sequence[ValueType], steps: Sequence[Step], starts: Sequence[int], before: int, after: int
) -> ShapeChange:
    """Return how the steps of a body change the shape from one of its values to a later one."""
    first, last = types[before], types[after]
    strides, agree = strides_between(types, steps, starts, before, after)
    if strides is None:
        strides = _relative_strides(types, steps, starts, before, after)
    return ShapeChange((first.channels, last.channels), strides, agree, is_comparable(first, last))


def is_comparable(before: ValueType, after: ValueType) -> bool:
    """Return whether two types are of one kind and rank."""
    return before.kind == after.kind and len(before.shape) == len(after.shape)


def strides_between(
    types: Sequence[ValueType], steps: Sequence[Step], starts: Sequence[int], source: int, target: int
) -> tuple[Strides | None, bool]:
    """Return by how much each axis shrinks from one value to another along the steps, and whether all paths agree.

    The strides are None where no path leads there, or where the sizes are unrelated (a global pool).
    """
    # Steps before the source do not read it, and those after the target lead nowhere.
    first, last = bisect_right(starts, source), bisect_right(starts, target)
    return _strides_along(types, steps[first:last], starts[first:last], source, target)


def _relative_strides(
    types: Sequence[ValueType], steps: Sequence[Step], starts: Sequence[int], before: int, after: int
) -> Strides | None:
    """Return the strides between two values of which none comes from the other, by those from an input to each.

    A residual whose body starts from an earlier value has such. None if no input leads to both.
    """
    for source in range(starts[0] if starts else 0):
        first, first_agrees = strides_between(types, steps, starts, source, before)
        last, last_agrees = strides_between(types, steps, starts, source, after)
        if first is None or last is None or len(first) != len(last) or not (first_agrees and last_agrees):
            continue
        return tuple(b / a for a, b in zip(first, last, strict=True))
    return None


def show_strides(strides: Strides) -> str:
    """Return a stride as people write it: 2, or 2×1 where the axes differ."""
    shown = [str(s) for s in strides]
    return shown[0] if len(set(shown)) == 1 else "×".join(shown)


def _strides_along(
    types: Sequence[ValueType],
    steps: Iterable[Step],
    starts: Iterable[int],
    source: int,
    target: int,
) -> tuple[Strides | None, bool]:
    reached: dict[int, Strides] = {source: (ONE,) * len(types[source].spatial_axes)}
    agree = True
    for step, first in zip(steps, starts, strict=True):
        for port, value in enumerate(step.inputs):
            if value is None or value not in reached:
                continue
            for offset, (found, inner_agree) in enumerate(_step_strides(step, types, port)):
                if found is None:
                    continue
                before = reached[value]
                through = _times(before, found)
                if through is None:
                    continue
                # Paths that differ before the target meet in a merge, whose shape rule compares sizes: keep the first.
                known = reached.setdefault(first + offset, through)
                agree = agree and ((known == through and inner_agree) or first + offset != target)
    return reached.get(target), agree


def _step_strides(step: Step, types: Sequence[ValueType], port: int) -> list[tuple[Strides | None, bool]]:
    """Return the strides from a step's input to each of its outputs, and whether all paths inside a block agree."""
    if isinstance(step, Node):
        given = tuple([UNKNOWN if v is None else types[v] for v in step.inputs])
        for value, item in zip(step.inputs, given, strict=True):
            if value is not None and item.kind == "unknown":
                return [(None, True)] * len(step.outputs)
        for item in step.outputs:
            if item.kind == "unknown":
                return [(None, True)] * len(step.outputs)
        return [(step.op.strides(given, port), True)] * len(step.outputs)
    body = step.body
    return [_strides_along(body.types, body.steps, body.starts, port, out) for out in body.outputs]


def _times(before: Strides, found: Strides) -> Strides | None:
    """Return the product of two strides; a value without spatial axes has none to multiply."""
    if not before or not found:
        return before or found
    if len(before) != len(found):
        return None
    # Nearly all strides are ONE itself, whose product needs no slow arithmetic of Fractions.
    return tuple([b if a is ONE else a if b is ONE else a * b for a, b in zip(before, found, strict=True)])
