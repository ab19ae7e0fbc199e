"""The arguments of a class: values that all its instances share are written, others become parameters with names."""

from __future__ import annotations

import ast
import inspect
from io import StringIO
from token import STRING
from tokenize import generate_tokens
from typing import Any

from msgspec import Struct, field

EMPTY = inspect.Parameter.empty
Values = tuple[Any, ...]  # one for each body of the class
RANKS = ("in_channels", "in_features", "channels", "features", "hidden_channels", "hidden_features")


class Argument(Struct):
    """A parameter of a class: its value in each body, and its default."""

    name: str
    values: Values
    default: Any = EMPTY

    @property
    def annotation(self) -> str:
        """The type annotation, from the values."""
        kinds = {type(value).__name__ for value in self.values}
        kinds = {"tuple[Any, ...]" if kind == "tuple" else "None" if kind == "NoneType" else kind for kind in kinds}
        return " | ".join(sorted(kinds - {"None"}) + sorted(kinds & {"None"}))


class Arguments(Struct):
    """Collects the parameters of one class while it is written; `ins` and `outs` are the bodies' channels."""

    ins: Values
    outs: Values
    found: dict[str, Argument] = field(default_factory=dict)  # by the values' text

    def text(self, values: Values, hint: str, owner: str, default: Any = EMPTY) -> str:
        """Return a literal, or the name of the parameter with these values; `default` where some calls leave it out."""
        key = repr(values)
        if len({repr(value) for value in values}) == 1:
            return literal(values[0])
        if key not in self.found:
            self.found[key] = Argument(self._name(values, hint, owner), values, default)
        return self.found[key].name

    def _name(self, values: Values, hint: str, owner: str) -> str:
        taken = {"self", *(argument.name for argument in self.found.values())}
        wished = self._channels(values, hint) or hint
        for name in (wished, f"{owner}_{wished}" if owner.isidentifier() and owner.isascii() else wished):
            if name not in taken:
                return name
        number = 2
        while f"{wished}_{number}" in taken:
            number += 1
        return f"{wished}_{number}"

    def _channels(self, values: Values, hint: str) -> str:
        """Name channels by their position: in_channels, out_channels, and those between."""
        word = "features" if hint.endswith("features") and hint != "num_features" else "channels"
        if not hint.endswith((word, "num_features", "normalized_shape", "embedding_dim")):
            return ""
        if values == self.ins:
            return word if values == self.outs else f"in_{word}"
        return f"out_{word}" if values == self.outs else f"hidden_{word}"

    def ordered(self) -> list[Argument]:
        """Return the parameters: channels first, then the others, those with a default last."""
        return sorted(self.found.values(), key=lambda a: (a.default is not EMPTY, _rank(a.name)))


def _rank(name: str) -> int:
    if name in RANKS:
        return RANKS.index(name)
    if name.startswith("out_"):
        return len(RANKS) + 1
    return len(RANKS) if name.endswith(("channels", "features")) else len(RANKS) + 2


def literal(value: Any) -> str:
    """Return a value as Python source, strings in double quotes."""
    # repr() gives `nan` and `inf`, which Python has no literals for.
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return f'float("{value}")'
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, tuple):
        return f"({', '.join(literal(item) for item in value)}{',' if len(value) == 1 else ''})"
    return repr(value)


def _quoted(text: str) -> str:
    """Return a string in the quotes that need fewer escapes, double ones if equal; non-ASCII is escaped."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    inner = text.encode("unicode_escape").decode("ascii")
    return quote + inner.replace(quote, f"\\{quote}") + quote


def requoted(line: str) -> str:
    """Return a line of code with its strings as `literal` writes them."""
    strings = [t for t in generate_tokens(StringIO(line).readline) if t.type == STRING]
    # From the last to the first, so that the positions of those before stay valid.
    for token in reversed(strings):
        line = line[: token.start[1]] + literal(ast.literal_eval(token.string)) + line[token.end[1] :]
    return line
