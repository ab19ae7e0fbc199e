"""Expression text to tokens; syntax of Python that is not in the language gets an error that names it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from archspec.language.expression_values import ExpressionError, OperationError, check_bounds

CONSTANTS = {"true": True, "false": False, "null": None, "True": True, "False": False, "None": None}
KEYWORDS = frozenset({"and", "or", "not", "in", "if", "else"})

# The lookahead keeps `:=`, `<<` and `>>` from being read as two operators each, so that `_FORBIDDEN` names them.
_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n]+)
    |(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
    |(?P<name>[^\W\d]\w*)
    |(?P<string>'[^'\n]*'|"[^"\n]*")
    |(?P<operator>\*\*|//|==|!=|<=|>=|(?!:=|<<|>>)[-+*/%<>()\[\],:=])""",
    re.VERBOSE,
)

_SIZES = r"[0-9]+(?:x[0-9]+)+"  # 224x224: compiled when a number is malformed

_FORBIDDEN = {
    "lambda": "functions of one's own (`lambda`) are",
    "for": "loops and comprehensions (`for`) are",
    "is": "`is` is",
    "import": "`import` is",
    "yield": "`yield` is",
    "await": "`await` is",
    "async": "`async` is",
    ":=": "assignment (`:=`) is",
    "<<": "bit operators (`<<`) are",
    ">>": "bit operators (`>>`) are",
    ".": "attributes (`a.b`) are",
    "{": "braces are",
    "}": "braces are",
    "&": "bit operators (`&`) are",
    "|": "bit operators (`|`) are",
    "^": "bit operators (`^`) are",
    "~": "bit operators (`~`) are",
    "@": "matrix products (`@`) are",
    "#": "comments (`#`) are",
    ";": "statements (`;`) are",
    "\\": "backslashes are",
}

_HINTS = {
    "is": "compare with `==`",
    "^": "a power is written `**`",
    "&": "write `and`",
    "|": "write `or`",
    "!": "write `not`",
}


class Token(Struct, frozen=True):
    """One word of an expression; `kind` is number, string, name, keyword, operator or end."""

    kind: str
    text: str
    start: int
    value: Any = None

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def tokenize(text: str) -> Iterator[Token]:
    """Yield the tokens of a text, an `end` token last; raises ExpressionError."""
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise _not_allowed(text, position)
        kind, word = match.lastgroup or "", match.group()
        if kind == "number":
            yield Token("number", word, position, _number(text, word, position))
        elif kind == "string":
            yield Token("string", word, position, _string(word, position))
        elif kind == "name":
            yield _word(text, word, position)
        elif kind == "operator":
            yield Token("operator", word, position)
        position = match.end()
    yield Token("end", "", len(text))


def _number(text: str, word: str, position: int) -> int | float:
    following = text[position + len(word) : position + len(word) + 1]
    if following.isalnum() or following == "_":
        hint = "numbers are written in decimal: 16, 0.5 or 1e-3; a product needs its `*`"
        if re.fullmatch(_SIZES, text.strip()):
            hint = f"sizes are a list: [{', '.join(text.strip().split('x'))}]"
        raise ExpressionError(f"`{word}` runs into `{following}`", position, len(word) + 1, hint)
    if len(word) > 1 and word.isdigit() and word[0] == "0":
        raise ExpressionError(f"`{word}` begins with a zero", position, len(word), "write the number without it")
    try:
        return check_bounds(int(word) if word.isdigit() else float(word))  # type: ignore[no-any-return]
    except OperationError as error:
        raise error.at(position, len(word)) from None


def _string(word: str, position: int) -> str:
    if "\\" in word:
        raise ExpressionError("backslashes are not allowed in an expression", position + word.index("\\"))
    try:
        return str(check_bounds(word[1:-1]))
    except OperationError as error:
        raise error.at(position, len(word)) from None


def _word(text: str, word: str, position: int) -> Token:
    if word in _FORBIDDEN:
        raise _forbidden(word, position)
    if word.startswith("__"):
        message = f"`{word}`: names that begin with two underscores are not allowed in an expression"
        raise ExpressionError(message, position, len(word))
    if text[position + len(word) : position + len(word) + 1] in ("'", '"') and word not in KEYWORDS:
        message = f"a text with the prefix `{word}` is not allowed in an expression"
        hint = "where text is expected, ${...} inserts a value" if word in ("f", "F") else ""
        raise ExpressionError(message, position, len(word), hint)
    if word in KEYWORDS:
        return Token("keyword", word, position)
    return Token("name", word, position)


def _not_allowed(text: str, position: int) -> ExpressionError:
    """Return the error for a character that begins no token."""
    character = text[position]
    if character in "'\"":
        return ExpressionError("the text is not closed", position, len(text) - position, f"end it with {character}")
    pair = text[position : position + 2]
    return _forbidden(pair if pair in _FORBIDDEN else character, position)


def _forbidden(word: str, position: int) -> ExpressionError:
    subject = _FORBIDDEN.get(word, f"the character {word!r} is")
    message = f"{subject} not allowed in an expression"
    return ExpressionError(message, position, len(word), _HINTS.get(word, ""))
