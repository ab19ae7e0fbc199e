"""How references that hold an expression are spelt: what one without `${...}` could mean."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archspec.diagnostics import Edit, Fix
from archspec.language.expressions import ExpressionError, identifiers_in, interpolate, parse
from archspec.language.functions import FUNCTIONS
from archspec.lowering.context import Context
from archspec.source import Scalar

_SUBSCRIPT = re.compile(r"(?P<name>[^\[\]{}$]+)\[(?P<expression>[^\[\]]+)\]")
_PART = re.compile(r"(?P<name>[^\[\]{}$]+?)\.(?P<expression>[^\[\]{}$.]+)")
_BARE_BRACES = re.compile(r"\$?\{(?P<expression>[^{}]+)\}|\$(?P<word>[A-Za-z_]\w*)")
_WORD = re.compile(r"[^\W\d]\w*")


def respell(context: Context, tree: Scalar) -> str | None:
    """Return a reference with its expression in `${...}`, where it is written without and then leads somewhere."""
    for candidate in _candidates(context, tree.text):
        try:
            name = interpolate(candidate, context.scope)
        except ExpressionError:
            continue
        first = name.split("[")[0]
        parts = first.split(".")
        known = any(context.names.find(".".join(parts[:length])) for length in range(len(parts), 0, -1))
        if first == "prev" or known:
            return candidate
    return None


def _candidates(context: Context, text: str) -> Iterator[str]:
    """Yield what a reference could mean that holds an expression as such."""
    if "${" not in text:
        for pattern in (_SUBSCRIPT, _PART):
            match = pattern.fullmatch(text)
            if match is not None and _is_expression(context, match["expression"]):
                yield from _parts(context, match["name"], match["expression"].strip())
        inserted = _BARE_BRACES.sub(lambda match: "${" + (match["expression"] or match["word"]) + "}", text)
        if inserted != text:
            yield inserted
        yield from _as_expression(context, text)


def _parts(context: Context, name: str, expression: str) -> Iterator[str]:
    """Yield the spellings of a part that an expression chooses: of a repeat, of a tuple, of computed names."""
    named, is_number = context.names.find(name), expression.isdecimal()
    number = expression if is_number else "${" + expression + "}"
    if named is None:
        yield f"{name}{number}"
    elif is_number:
        return
    elif named.repeats is not None and not named.is_list:
        yield f"{name}.{number}"
    else:
        yield f"{name}[{number}]"


def _as_expression(context: Context, text: str) -> Iterator[str]:
    """Yield the whole text as an expression that gives a name: a parameter, or a conditional of names."""
    if text in context.scope:
        yield "${" + text + "}"
    elif " if " in text and "'" not in text:
        words = {*context.scope, *FUNCTIONS, "if", "else", "and", "or", "not", "in", "true", "false", "null"}
        yield "${" + _WORD.sub(lambda m: m[0] if m[0] in words else f"'{m[0]}'", text) + "}"


def _is_expression(context: Context, text: str) -> bool:
    """Return whether a text is an expression over the names in scope."""
    try:
        parse(text)
    except ExpressionError:
        return False
    return identifiers_in(text) <= {*context.scope, *FUNCTIONS}


def insertion_hint(spelt: str) -> str:
    """Return the hint that names the right spelling of a reference."""
    if "${" not in spelt:
        return f"did you mean {spelt}?"
    return f'write "{spelt}": in a name, ${{...}} inserts the value of an expression'


def rewrite_reference(tree: Scalar, text: str) -> Fix | None:
    """Return the edit that writes another reference, in quotes where YAML needs them."""
    if tree.span.line != tree.span.end_line or '"' in text or "\\" in text or tree.alias is not None:
        return None
    plain = re.fullmatch(r"[\w.]+", text) is not None
    return Fix("unsafe", (Edit(tree.span, text if plain else f'"{text}"'),))
