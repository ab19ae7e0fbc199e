"""The expression language of specs: parse a text once, evaluate it under many scopes, insert values into names.

No text runs code: there are numbers, texts, lists, operators and the functions of `functions.py`, all bounded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from msgspec import Struct

from archspec.language.expression_nodes import ExpressionNode
from archspec.language.expression_parser import ExpressionParser
from archspec.language.expression_values import LONGEST_TEXT, OVER_BOUNDS, ExpressionError, describe_type
from archspec.source.limits import EXPRESSION_DEPTH, EXPRESSION_LENGTH

__all__ = ["Expression", "ExpressionError", "evaluate", "identifiers_in", "interpolate", "parse"]

_NAME = re.compile(r"[^\W\d]\w*")


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


def interpolate(text: str, scope: Mapping[str, Any]) -> str:
    """Replace each `${expression}` of a text by its value; offsets of errors count from the text's start."""
    pieces: list[str] = []
    length = position = 0
    while position < len(text):
        opening = text.find("${", position)
        if opening < 0:
            opening = len(text)
        pieces.append(text[position:opening])
        position = opening
        if opening < len(text):
            # Braces are no tokens of the language: the first one ends the expression, also one in quotes.
            closing = text.find("}", opening)
            if closing < 0:
                raise ExpressionError("`${` is not closed", opening, 2, "end it with }")
            pieces.append(_evaluate_insertion(text, opening + 2, closing, scope))
            position = closing + 1
        length += sum(map(len, pieces[-2:]))
        # Checked as the text grows: many long insertions would fill the memory before a check at the end.
        if length > LONGEST_TEXT:
            message = f"the text would have more than {LONGEST_TEXT:,} characters"
            raise ExpressionError(message, opening if opening < len(text) else 0, 1, "", OVER_BOUNDS)
    return "".join(pieces)


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
