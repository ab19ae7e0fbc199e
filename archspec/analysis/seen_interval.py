"""What a position of a value depends on along one axis, and how that goes on through a window and a merge."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from msgspec import Struct

from archspec.ir.sizes import Dim
from archspec.ir.step_functions import StepFunction, StepFunctionTooLong
from archspec.ir.windows import Window

MOST_LISTED = 4096  # positions of an axis


class SeenInterval(Struct, frozen=True):
    """The positions that position p of a value sees along axis `source` of the input: from first(p) to last(p).

    listed: the number of positions where the functions have a value for each and do not repeat; `speed` is then the
    mean step from one to the next.
    """

    source: int
    first: StepFunction
    last: StepFunction
    listed: int | None = None
    speed: Fraction | None = None

    @property
    def slope(self) -> Fraction:
        """The mean step from the interval of one position to that of the next."""
        return self.first.slope if self.speed is None else self.speed


def read_through(before: SeenInterval, window: Window) -> SeenInterval | None:
    """Return an interval seen through a window; None where that does not repeat, or after too many positions."""
    if before.listed is not None:
        return None
    try:
        return SeenInterval(before.source, before.first.after(window.first), before.last.after(window.last))
    except StepFunctionTooLong:
        return None


def list_through(
    before: SeenInterval, window: Window, count_read: int | None, count: int | None
) -> SeenInterval | None:
    """Return an interval seen through a window at each of a known number of positions."""
    if count_read is None or count is None:
        return None
    # Outside of the map there is padding, through which nothing is seen.
    edge = count_read - 1
    first = tuple(before.first.at(min(max(window.first.at(p), 0), edge)) for p in range(count))
    last = tuple(before.last.at(min(max(window.last.at(p), 0), edge)) for p in range(count))
    speed = before.slope * window.first.slope
    return SeenInterval(before.source, StepFunction(0, first), StepFunction(0, last), count, speed)


def listable(lengths: tuple[Dim, ...], axis: int) -> int | None:
    """Return the number of positions along an axis; None where it is not known or too large to list them."""
    length = lengths[axis] if axis < len(lengths) else None
    return length if isinstance(length, int) and 0 < length <= MOST_LISTED else None


def is_listed(axes: Iterable[SeenInterval]) -> bool:
    return any(axis.listed is not None for axis in axes)


def cover_repeating(a: SeenInterval, b: SeenInterval) -> SeenInterval | None:
    """Return the interval that covers two; None where it does not repeat, or after too many positions."""
    # At different speeds the union grows along the axis.
    if is_listed((a, b)) or a.slope != b.slope:
        return None
    try:
        return SeenInterval(a.source, a.first.least(b.first), a.last.greatest(b.last))
    except StepFunctionTooLong:
        return None


def cover_listed(a: SeenInterval, b: SeenInterval, count: int | None) -> SeenInterval | None:
    """Return the interval that covers two at each of a known number of positions."""
    if count is None:
        return None
    first = tuple(min(a.first.at(p), b.first.at(p)) for p in range(count))
    last = tuple(max(a.last.at(p), b.last.at(p)) for p in range(count))
    return SeenInterval(a.source, StepFunction(0, first), StepFunction(0, last), count, min(a.slope, b.slope))
