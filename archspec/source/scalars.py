"""The value of a plain scalar by YAML 1.2's core schema (PyYAML's own resolver follows YAML 1.1)."""

from __future__ import annotations

import re
from typing import Final

from archspec.source.limits import INTEGER_DIGITS

_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEANS: Final = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_OLD_BOOLEANS: Final = {"y": "true", "yes": "true", "on": "true", "n": "false", "no": "false", "off": "false"}
_NANS: Final = frozenset({".nan", ".NaN", ".NAN"})
_INFINITIES: Final = frozenset({".inf", ".Inf", ".INF"})

# The patterns of the core schema (YAML 1.2.2, section 10.3.2): octal and hexadecimal integers have no sign.
_INTEGER: Final = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NUMBER_STARTS: Final = frozenset("0123456789+-.")

# Needed for a text that is wrong, or about to be written, only: compiled when first used.
_SEXAGESIMAL: Final = r"[-+]?[0-9]+(:[0-5]?[0-9])+(\.[0-9]*)?"
_GROUPED: Final = r"[-+]?[0-9][0-9_]*_[0-9_]*(\.[0-9_]*)?"


def resolve(text: str) -> bool | int | float | str | None:
    """Return the value of a plain scalar; an integer literal that is too long stays text (see `is_too_long`)."""
    # Most scalars are words: their first character says that they are no numbers, without a regular expression.
    if text[:1] not in _NUMBER_STARTS:
        return None if text in _NULLS else _BOOLEANS.get(text, text)
    if _INTEGER.fullmatch(text):
        prefix, base = _radix(text)
        return text if len(text.lstrip("+-")) - prefix > INTEGER_DIGITS else int(text[prefix:], base)
    if _FLOAT.fullmatch(text):
        return float(text)
    # The length allows for one sign, while lstrip removes any number of them.
    if text.lstrip("+-") in _INFINITIES and len(text) <= len("+.inf"):
        return float("-inf") if text[0] == "-" else float("inf")
    return float("nan") if text in _NANS else text


def is_too_long(text: str) -> bool:
    """Return whether this is an integer literal of more digits than any size needs.

    Such a literal would be read in quadratic time, and only to be refused by every limit on sizes.
    """
    if len(text) <= INTEGER_DIGITS or _INTEGER.fullmatch(text) is None:
        return False
    return len(text.lstrip("+-")) - _radix(text)[0] > INTEGER_DIGITS


def describe_pitfall(text: str) -> str | None:
    """Return a sentence on how other YAML readers take this plain text differently; None if there is no doubt."""
    if boolean := _OLD_BOOLEANS.get(text.lower()):
        return f"{text} is text in YAML 1.2, not a boolean: write {boolean}"
    if has_leading_zero(text):
        return f"{text} is a decimal number in YAML 1.2, an octal one to older readers: write it without the leading 0"
    if text[:1] not in _NUMBER_STARTS:
        return None
    if re.fullmatch(_SEXAGESIMAL, text):
        return f"{text} is text in YAML 1.2, a number in base 60 to older readers: put it in quotes"
    if re.fullmatch(_GROUPED, text):
        return f"{text} is text in YAML 1.2, a number to older readers: write the digits without _"
    return None


def has_leading_zero(text: str) -> bool:
    """Return whether this is a number that YAML 1.1 readers take for an octal one."""
    digits = text[1:] if text[:1] in ("+", "-") else text
    # str.isdigit also accepts the digits of other scripts, which are no numbers in YAML.
    return len(digits) > 1 and digits[0] == "0" and digits.isascii() and digits.isdigit()


def intended_value(text: str) -> str | None:
    """Return the literal that a text with a pitfall was meant as where a number or a boolean is expected, if clear."""
    if boolean := _OLD_BOOLEANS.get(text.lower()):
        return boolean
    if has_leading_zero(text):
        sign = text[0] if text[0] in "+-" else ""
        return sign + (text.lstrip("+-0") or "0")
    return text.replace("_", "") if re.fullmatch(_GROUPED, text) else None


def _radix(text: str) -> tuple[int, int]:
    """Return the length of an integer literal's prefix, and its base."""
    return (2, {"x": 16, "o": 8}[text[1]]) if text[1:2] in ("x", "o") else (0, 10)
