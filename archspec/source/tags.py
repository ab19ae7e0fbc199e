"""Tags and values: what a scalar stands for under YAML's core tags, the only ones that a spec may carry."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from archspec.source.limits import INTEGER_CODE, INTEGER_DIGITS
from archspec.source.scalars import resolve, too_long

_PREFIX: Final = "tag:yaml.org,2002:"
_NAMES: Final = frozenset({"str", "int", "float", "bool", "null", "seq", "map"})


class Problem(Struct, frozen=True):
    """A code and a message, for a place that the caller knows."""

    code: str
    message: str


class Value(Struct, frozen=True):
    """A scalar's value; `is_text` where quotes or `!!str` say that it is text whatever it looks like."""

    value: bool | int | float | str | None
    is_text: bool
    problem: Problem | None = None


def value_of(tag: str | None, text: str, plain: bool) -> Value:
    """The value of a scalar with a checked tag or none, quoted or plain."""
    by_style = _untagged(text, plain)
    if tag is None or check(tag) is not None:
        return by_style
    name = tag.removeprefix(_PREFIX)
    if name == "str":
        return Value(text, True)
    resolved = _untagged(text, plain=True)
    value = resolved.value
    if name == "float" and isinstance(value, (int, float)) and not isinstance(value, bool):
        return Value(float(value), False)
    if type(value) is {"int": int, "bool": bool, "null": type(None)}.get(name):
        return resolved
    problem = Problem("SPC002", f"{_shown(tag)} does not fit {text[:40] or 'an empty value'}")
    return Value(by_style.value, by_style.is_text, resolved.problem or problem)


def check(tag: str) -> Problem | None:
    """The problem with a tag that is not one of the core tags."""
    if tag.startswith(_PREFIX) and tag.removeprefix(_PREFIX) in _NAMES:
        return None
    return Problem("SPC002", f"the tag {_shown(tag)} is not allowed")


def check_collection(tag: str, is_mapping: bool) -> Problem | None:
    """The problem with a collection's tag, which must be the core tag of its kind."""
    wanted, kind = ("map", "mapping") if is_mapping else ("seq", "list")
    if check(tag) is not None or tag == _PREFIX + wanted:
        return check(tag)
    return Problem("SPC002", f"{_shown(tag)} does not fit a {kind}")


def _untagged(text: str, plain: bool) -> Value:
    if not plain:
        return Value(text, True)
    if too_long(text):
        return Value(text, False, Problem(INTEGER_CODE, f"an integer of more than {INTEGER_DIGITS} digits"))
    return Value(resolve(text), False)


def _shown(tag: str) -> str:
    return "!!" + tag.removeprefix(_PREFIX) if tag.startswith(_PREFIX) else tag
