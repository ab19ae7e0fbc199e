"""Texts of the expression language, most of them nearly right."""

from __future__ import annotations

from tests.fuzz.choices import Choices

TOKENS: tuple[str, ...] = (
    "width",
    "1",
    "2",
    "0",
    "depths",
    "x",
    "3.5",
    "'a'",
    "true",
    "null",
    "99999999999",
    "1e308",
    "in_channels",
)
TOKENS += (" + ", " - ", " * ", " / ", " // ", " % ", " ** ", " < ", " == ", " and ", " or ", "not ", " in ", " if ")
TOKENS += (
    " else ",
    "(",
    ")",
    "[",
    "]",
    ",",
    ":",
    "range(",
    "max(",
    "sum(",
    "len(",
    "round(",
    "make_divisible(",
    "abs(",
)
TOKENS += ("int(", "floor(", "ceil(", "min(", "-", "..", "${", "}", "\t", "é", "0x1", "__class__", "lambda", "**" * 8)
LONGEST = 200


def expression(choices: Choices) -> str:
    """Return up to 12 tokens in a row."""
    count = 1 + choices.below(12)
    return "".join(choices.one(TOKENS) for _ in range(count))


def long_expression(data: bytes) -> str:
    """Return as many tokens in a row as there are bytes, LONGEST at most."""
    choices = Choices(data[:LONGEST])
    found = []
    while not choices.over:
        found.append(choices.one(TOKENS))
    return "".join(found)
