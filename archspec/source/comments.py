"""The comments of a YAML text."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Final

from msgspec import Struct

from archspec.diagnostics import Span
from archspec.source.positions import Positions

_COMMENT: Final = re.compile(r"(?:(?<![^\r\n])|(?<=[ \t]))#[^\r\n]*")


class Comment(Struct, frozen=True):
    """A comment from its `#` to the end of its line; `before` is what stands before it on that line."""

    text: str
    span: Span
    before: str

    @property
    def alone(self) -> bool:
        """Whether there is nothing else on its line."""
        return not self.before.strip()


def found_in(text: str, literal: Sequence[tuple[int, int]], positions: Positions) -> Iterator[Comment]:
    """The comments of a text; `literal` are its quoted and block scalars, in order, where `#` starts none."""
    starts = [start for start, _ in literal]
    place = 0
    while (match := _COMMENT.search(text, place)) is not None:
        inside = bisect_right(starts, match.start()) - 1
        if inside >= 0 and match.start() < literal[inside][1]:
            place = literal[inside][1]
            continue
        span = positions.span(*match.span())
        yield Comment(match[0], span, text[match.start() - span.column + 1 : match.start()])
        place = match.end()
