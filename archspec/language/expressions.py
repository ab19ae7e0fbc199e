"""The expression language of specs: parse a text once, evaluate it under many scopes, insert values into names.

No text runs code: there are numbers, texts, lists, operators and the functions of `functions.py`, all bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from msgspec import Struct

from archspec.language.expression_nodes import ExpressionNode
from archspec.language.expression_parser import ExpressionParser
from archspec.language.expression_values import LONGEST_TEXT, OVER_BOUNDS, ExpressionError, describe_type
from archspec.source.limits import EXPRESSION_DEPTH, EXPRESSION_LENGTH

__all__ = [
    "Expression",
    "ExpressionError",
    "could_give",
    "evaluate",
    "find_insertions",
    "identifiers_in",
    "inserted_identifiers",
    "interpolate",
    "literal_parts",
    "parse",
]

_NAME = re.compile(r"[^\W\d]\w*")

# What `${` opens, up to the brace that closes it: a brace inside a text of the expression does not.
_INSERTION = re.compile(rf"""\$\{{(?:[^}}'"]|'[^']*'|"[^"]*"){{0,{EXPRESSION_LENGTH}}}\}}""")


class Expression(Struct, frozen=True):
    """A parsed expression; two of the same text are equal, since parsing depends on nothing else."""

    text: str
    root: ExpressionNode


# A block's expressions are evaluated for each of its calls: the same texts under other scopes.
@lru_cache(maxsize=4096)
def parse(text: str) -> Expression:
    """Parse a text; raises an ExpressionError that points at what is wrong."""
    if len(text) > EXPRESSION_LENGTH:
        message = f"the expression has {len(text):,} characters; at most {EXPRESSION_LENGTH:,} are allowed"
        raise ExpressionError(message, EXPRESSION_LENGTH, 1, "name its parts with `let`", OVER_BOUNDS)
    return Expression(text, ExpressionParser(text, EXPRESSION_DEPTH).parse())


def evaluate(expression: Expression, scope: Mapping[str, Any]) -> Any:
    """Evaluate an expression with the names of `scope`: an int, float, bool, str, tuple, None or a block in it."""
    return expression.root.evaluate(scope)


@lru_cache(maxsize=4096)
def identifiers_in(text: str) -> frozenset[str]:
    """Return every identifier in a text: a superset of its names (words inside quotes and functions are included)."""
    return frozenset(_NAME.findall(text))


def find_insertions(text: str) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each `${expression}` of a text; one that is not closed ends the search."""
    position = text.find("${")
    while position >= 0:
        match = _INSERTION.match(text, position)
        # With an open quote inside, the first brace closes it: the quote is then the mistake to report.
        end = match.end() if match is not None else text.find("}", position) + 1
        if not end:
            return
        yield position, end
        position = text.find("${", end)


def literal_parts(text: str) -> list[str]:
    """Return the parts of a text around its `${...}`: one more than there are insertions."""
    parts, position = [], 0
    for start, end in find_insertions(text):
        parts.append(text[position:start])
        position = end
    return [*parts, text[position:]]


def could_give(written: str, text: str) -> bool:
    """Return whether a text with `${...}` could evaluate to another, for some values of its expressions."""
    first, *rest = literal_parts(written)
    if not rest:
        return written == text
    *middle, last = rest
    position, end = len(first), len(text) - len(last)
    if not (text.startswith(first) and text.endswith(last)):
        return False
    # The earliest place of each part leaves the most room for those after it, so that no other need be tried.
    for part in middle:
        position = text.find(part, position)
        if position < 0:
            return False
        position += len(part)
    return position <= end


def inserted_identifiers(text: str) -> frozenset[str]:
    """Return every identifier in the `${...}` of a text."""
    return frozenset().union(*(identifiers_in(text[start:end]) for start, end in find_insertions(text)))


def interpolate(text: str, scope: Mapping[str, Any]) -> str:
    """Replace each `${expression}` of a text by its value; offsets of errors count from the text's start."""
    pieces: list[str] = []
    length = position = 0
    for start, end in find_insertions(text):
        pieces.append(text[position:start])
        pieces.append(_evaluate_insertion(text, start + 2, end - 1, scope))
        length += sum(map(len, pieces[-2:]))
        # Checked as the text grows: many long insertions would fill the memory before a check at the end.
        _check_length(length, start)
        position = end
    rest = text[position:]
    if "${" in rest:
        raise ExpressionError("`${` is not closed", position + rest.index("${"), 2, "end it with }")
    _check_length(length + len(rest), 0)
    return "".join([*pieces, rest])


def _check_length(length: int, place: int) -> None:
    if length > LONGEST_TEXT:
        message = f"the text would have more than {LONGEST_TEXT:,} characters"
        raise ExpressionError(message, place, 1, "", OVER_BOUNDS)


def _evaluate_insertion(text: str, start: int, end: int, scope: Mapping[str, Any]) -> str:
    """Return the value of the expression between two offsets of a text, as text."""
    try:
        value = evaluate(parse(text[start:end]), scope)
    except ExpressionError as error:
        raise ExpressionError(error.message, start + error.offset, error.length, error.hint, error.code) from None
    # Before the numbers, since a bool is an int; spelled as in YAML.
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | str):
        return str(value)
    message = f"{describe_type(value)} cannot be put into a text"
    raise ExpressionError(message, start, max(1, end - start), "insert a number, a text or a boolean")
