"""Compare two designs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, overload

from archspec.design import Design

if TYPE_CHECKING:
    from archspec.analysis.summary import Level
    from archspec.comparison.difference import Difference
    from archspec.views.draw import PictureFormat


def diff(before: Design, after: Design) -> Difference:
    """Return how a network differs from another; the Difference is false if it does not.

    before, after: a name or path may also be REVISION:path of a git revision. A Graph has no parameters to compare.

    `diff(a, b).inverse == diff(b, a)`. Raises SpecError for a spec that is wrong.
    """
    from archspec.comparison.compare import compare_designs

    return compare_designs(before, after)[2]


@overload
def draw_diff(
    before: Design, after: Design, *, level: Level = ..., format: PictureFormat = ..., time_limit: float | None = ...
) -> bytes: ...
@overload
def draw_diff(
    before: Design, after: Design, *, level: Level = ..., format: Literal["dot"], time_limit: float | None = ...
) -> str: ...
def draw_diff(
    before: Design,
    after: Design,
    *,
    level: Level = "block",
    format: PictureFormat | Literal["dot"] = "svg",
    time_limit: float | None = 60.0,
) -> bytes | str:
    """Return both networks side by side, what differs in colour: the bytes of svg, png or pdf, or the text of dot.

    Added is green, removed red, changed amber with the change in words, moved dashed. `before` and `after` are those of
    `diff`, `level` and `time_limit` those of `draw`. Raises SpecError for a spec that is wrong, PictureError.
    """
    from archspec.views.comparison.draw import draw_diff

    return draw_diff(before, after, level, format, time_limit=time_limit)
