"""Expressions that YAML splits inside `{ }` and `[ ]`: reported with their quoted form, and read as they are meant.

YAML ends a plain scalar in a flow collection at `,` `[` `]` `{` `}`: `[max(8, width)]` is a list of two texts to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile
from typing import Final

from archspec.diagnostics import Diagnostic, Edit, Fix, Severity
from archspec.source.limits import EXPRESSION_LENGTH
from archspec.source.parts import Part
from archspec.source.positions import Positions
from archspec.source.scalars import resolve
from archspec.source.tree import Scalar

_CLOSES: Final = {")": "(", "]": "[", "}": "{"}
_UNSPACED: Final = r"([A-Za-z_]\w*):([^\s:,\[\]{}\"'#&*!|>%@`][^\s:,\[\]{}#]*)"


def rejoin_items(items: Sequence[Part], text: str, positions: Positions) -> tuple[list[Part], list[Diagnostic]]:
    """Return a flow list's items with `max(8` and `width)` joined to `max(8, width)`, and a diagnostic for each."""
    joined: list[Part] = []
    found: list[Diagnostic] = []
    position = 0
    while position < len(items):
        first = items[position]
        taken = _count_completing(first, (items[k] for k in range(position + 1, len(items))))
        last = items[position + taken]
        joined.append(_join(first, last.end, text, positions) if taken else first)
        if taken:
            found.append(_split(first.start, last.end, text, positions))
        position += 1 + taken
    return joined, found


def rejoin_values(
    pairs: Sequence[tuple[Part, Part]], text: str, positions: Positions
) -> tuple[list[tuple[Part, Part]], list[Diagnostic]]:
    """Return a flow mapping's pairs with `channels: max(8` and the key `width)` joined, and a diagnostic for each."""
    joined: list[tuple[Part, Part]] = []
    found: list[Diagnostic] = []
    position = 0
    while position < len(pairs):
        key, first = pairs[position]
        # The rest of a split expression is read as keys without values; a key with a value is an entry of the mapping.
        following = takewhile(lambda pair: pair[1].is_empty, (pairs[k] for k in range(position + 1, len(pairs))))
        taken = _count_completing(first, (name for name, _ in following))
        end = pairs[position + taken][0].end
        joined.append((key, _join(first, end, text, positions) if taken else first))
        if taken:
            found.append(_split(first.start, end, text, positions))
        position += 1 + taken
    return joined, found


def split_unspaced(
    pairs: Sequence[tuple[Part, Part]], text: str, positions: Positions
) -> tuple[list[tuple[Part, Part]], list[Diagnostic]]:
    """Return a flow mapping's pairs with the one word `channels:64` as key and value, and a diagnostic for each."""
    spaced: list[tuple[Part, Part]] = []
    found: list[Diagnostic] = []
    for key, value in pairs:
        written = re.compile(_UNSPACED).fullmatch(text, key.start, key.end) if key.is_plain and value.is_empty else None
        if written is None:
            spaced.append((key, value))
            continue
        span = positions.span(key.start, key.end)
        name = Scalar(written[1], written[1], positions.span(*written.span(1)))
        inner = Scalar(resolve(written[2]), written[2], positions.span(*written.span(2)), key=name)
        spaced.append((Part(name, *written.span(1)), Part(inner, *written.span(2))))
        corrected = f"{written[1]}: {written[2]}"
        message, hint = f"YAML reads {written[0]} as one word", f"a space follows the colon: {corrected}"
        found.append(Diagnostic("SPC004", message, span, hint=hint, fix=Fix("safe", (Edit(span, corrected),))))
    return spaced, found


def find_unparsed(parts: Sequence[Part], index: int, text: str) -> tuple[int, int] | None:
    """Return start and end of the expression at which YAML gave up at `index` (`widths[0]`, `x${i}`), or None.

    `parts` is what the innermost open collection holds so far.
    """
    for start in _possible_starts(parts, index, text):
        end = _expression_end(text, start)
        if end is not None and end > index:
            return start, end
    return None


def diagnose_unparsed(start: int, end: int, text: str, positions: Positions) -> Diagnostic:
    """Report an expression whose brackets YAML takes for its own."""
    expression = " ".join(text[start:end].split())
    return _diagnostic(f"YAML takes the brackets of {expression} for its own", start, end, text, positions)


def diagnose_name(scalar: Scalar) -> tuple[Diagnostic, ...]:
    """Report a name such as 012 or 1.10 that other YAML readers write as another number."""
    if scalar.quoted or str(scalar.value) == scalar.text:
        return ()
    quoted = _quote_expression(scalar.text)
    message, hint = f"the name {scalar.text} is a number to other readers of YAML", f"put it in quotes: {quoted}"
    fix = Fix("safe", (Edit(scalar.span, quoted),))
    return (Diagnostic("SPC004", message, scalar.span, Severity.WARNING, hint=hint, fix=fix),)


def _split(start: int, end: int, text: str, positions: Positions) -> Diagnostic:
    expression = " ".join(text[start:end].split())
    return _diagnostic(f"YAML splits {expression} at its comma", start, end, text, positions)


def _diagnostic(message: str, start: int, end: int, text: str, positions: Positions) -> Diagnostic:
    span, quoted = positions.span(start, end), _quote_expression(" ".join(text[start:end].split()))
    hint = f"put quotes around an expression with , [ ] {{ }} in a flow mapping or list: {quoted}"
    return Diagnostic("SPC004", message, span, hint=hint, fix=Fix("safe", (Edit(span, quoted),)))


def _quote_expression(expression: str) -> str:
    """Return the expression in quotes that YAML reads back as the same text."""
    if '"' in expression or "\\" in expression:
        return "'" + expression.replace("'", "''") + "'"
    return f'"{expression}"'


def _join(first: Part, end: int, text: str, positions: Positions) -> Part:
    expression = " ".join(text[first.start : end].split())
    scalar = Scalar(expression, expression, positions.span(first.start, end), key=first.tree.key)
    return Part(scalar, first.start, end)


def _count_completing(first: Part, following: Iterable[Part]) -> int:
    """Return how many of the following parts it takes to close the parentheses that the first opens; 0 if none do."""
    depth = _count_open(first)
    if depth <= 0:
        return 0
    for count, part in enumerate(following, 1):
        # Without a bound, a text of many unclosed `f(` would take quadratic time.
        if part.end - first.start > EXPRESSION_LENGTH:
            return 0
        depth += _count_open(part)
        if depth <= 0:
            return count
    return 0


def _count_open(part: Part) -> int:
    if not part.is_plain or not isinstance(part.tree, Scalar):
        return 0
    return part.tree.text.count("(") - part.tree.text.count(")")


def _possible_starts(parts: Sequence[Part], index: int, text: str) -> Iterator[int]:
    """Yield where the expression may start: at parentheses still open, or at the value just before the bracket."""
    # A written part takes two characters, its comma included: an expression within its limit has no more parts than
    # these.
    recent = [part for part in parts[-EXPRESSION_LENGTH:] if not part.is_empty]
    depth, start = 0, 0
    for part in recent:
        start = part.start if depth <= 0 else start
        depth = max(depth, 0) + _count_open(part)
    if depth > 0:
        yield start
    if recent and text[index : index + 1] in ("[", "{") and not text[recent[-1].end : index].strip(" "):
        yield recent[-1].start


def _expression_end(text: str, start: int) -> int | None:
    """Return where the expression ends: before a comma, bracket, comment or line end outside its own brackets."""
    open_brackets: list[str] = []
    index = start
    while index < min(len(text), start + EXPRESSION_LENGTH):
        character = text[index]
        if character in "\r\n":
            break
        if character in "([{":
            open_brackets.append(character)
        elif character in _CLOSES:
            if not open_brackets:
                break
            if open_brackets.pop() != _CLOSES[character]:
                return None
        elif not open_brackets and (character == "," or text.startswith((" #", ": "), index)):
            break
        # Brackets inside quotes do not count.
        elif character in "\"'" and (closing := text.find(character, index + 1, start + EXPRESSION_LENGTH)) > 0:
            index = closing
        index += 1
    return None if open_brackets else start + len(text[start:index].rstrip())
