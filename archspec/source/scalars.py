"""What a plain scalar stands for, by YAML 1.2's core schema (PyYAML's own resolver follows YAML 1.1)."""

from __future__ import annotations

import re
from typing import Final

from archspec.source.limits import INTEGER_DIGITS

_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEANS: Final = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_OLD_BOOLEANS: Final = {"y": "true", "yes": "true", "on": "true", "n": "false", "no": "false", "off": "false"}
_DECIMAL: Final = re.compile(r"[-+]?[0-9]+")
_OCTAL: Final = re.compile(r"0o[0-7]+")
_HEXADECIMAL: Final = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_INFINITY: Final = re.compile(r"([-+]?)\.(inf|Inf|INF)")
_NANS: Final = frozenset({".nan", ".NaN", ".NAN"})
_LEADING_ZERO: Final = re.compile(r"[-+]?0[0-9]+")
_SEXAGESIMAL: Final = re.compile(r"[-+]?[0-9]+(:[0-5]?[0-9])+(\.[0-9]*)?")
_GROUPED: Final = re.compile(r"[-+]?[0-9][0-9_]*_[0-9_]*(\.[0-9_]*)?")


def resolve(text: str) -> bool | int | float | str | None:
    """The value of a plain scalar; an integer literal that is too long stays text (see `too_long`)."""
    if text in _NULLS:
        return None
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    integer = _integer(text)
    if integer is not None:
        return text if too_long(text) else int(text[integer[0] :], integer[1])
    if _FLOAT.fullmatch(text):
        return float(text)
    if infinity := _INFINITY.fullmatch(text):
        return float(f"{infinity[1]}inf")
    return float("nan") if text in _NANS else text


def too_long(text: str) -> bool:
    """Whether this is an integer literal of more digits than any size needs."""
    integer = _integer(text)
    return integer is not None and len(text.lstrip("+-")) - integer[0] > INTEGER_DIGITS


def trap(text: str) -> str | None:
    """A sentence on how other YAML readers take this plain text differently, or None where there is no doubt."""
    if boolean := _OLD_BOOLEANS.get(text.lower()):
        return f"{text} is text in YAML 1.2, not a boolean: write {boolean}"
    if _LEADING_ZERO.fullmatch(text):
        return f"{text} is a decimal number in YAML 1.2, an octal one to older readers: write it without the leading 0"
    if _SEXAGESIMAL.fullmatch(text):
        return f"{text} is text in YAML 1.2, a number in base 60 to older readers: put it in quotes"
    if _GROUPED.fullmatch(text):
        return f"{text} is text in YAML 1.2, a number to older readers: write the digits without _"
    return None


def leading_zero(text: str) -> bool:
    """Whether this is a number that older readers take for an octal one."""
    return text[:1] in "0+-" and _LEADING_ZERO.fullmatch(text) is not None


def meant(text: str) -> str | None:
    """What a text that `trap` speaks of stands for where a number or a boolean is wanted, where that is plain."""
    if boolean := _OLD_BOOLEANS.get(text.lower()):
        return boolean
    if _LEADING_ZERO.fullmatch(text):
        sign = text[0] if text[0] in "+-" else ""
        return sign + (text.lstrip("+-0") or "0")
    return text.replace("_", "") if _GROUPED.fullmatch(text) else None


def _integer(text: str) -> tuple[int, int] | None:
    """How many characters of prefix an integer literal has, and its base; None if it is none."""
    if _DECIMAL.fullmatch(text):
        return (0, 10)
    if _HEXADECIMAL.fullmatch(text):
        return (2, 16)
    return (2, 8) if _OCTAL.fullmatch(text) else None
