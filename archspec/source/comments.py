"""The comments of a YAML text."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Final

from msgspec import Struct

from archspec.diagnostics import Span
from archspec.source.positions import Positions
from archspec.source.tree import Mapping, Scalar, Tree

# In YAML a `#` starts a comment only at the start of a line or after white space: `a#b` is one text.
_COMMENT: Final = re.compile(r"(?:(?<![^\r\n])|(?<=[ \t]))#[^\r\n]*")


class Comment(Struct, frozen=True):
    """A comment from its `#` to the end of its line; `before` is the text before it on that line."""

    text: str
    span: Span
    before: str

    @property
    def is_alone(self) -> bool:
        """Whether there is nothing else on its line."""
        return not self.before.strip()


def find_comments(text: str, literal: Sequence[tuple[int, int]], positions: Positions) -> Iterator[Comment]:
    """Yield the comments of a text; `literal` are its quoted and block scalars, in order, where `#` starts none."""
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


def comments_of_tree(tree: Tree, text: str, file: str) -> tuple[Comment, ...]:
    """Return the comments of a text whose tree is known, so that it need not be composed for them.

    The tree must hold every scalar of the text: composed without a diagnostic, and without `<<`, which drops the
    values that are overridden.
    """
    text = text.removeprefix("\ufeff")
    positions = Positions(text, file)
    spans = sorted(scalar.span for scalar in _scalars(tree) if scalar.quoted)
    literal = [
        (positions.index(span.line, span.column), positions.index(span.end_line, span.end_column)) for span in spans
    ]
    return tuple(find_comments(text, literal, positions))


def _scalars(tree: Tree) -> Iterator[Scalar]:
    """Return every scalar of a tree, keys too."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Scalar):
            yield node
        elif isinstance(node, Mapping):
            for key, value in node.entries:
                yield key
                waiting.append(value)
        else:
            waiting.extend(node.items)
