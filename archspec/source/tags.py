"""The value of a scalar under YAML's core tags, the only ones that a spec may carry."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from archspec.source.limits import INTEGER_CODE, INTEGER_DIGITS
from archspec.source.scalars import is_too_long, resolve

_PREFIX: Final = "tag:yaml.org,2002:"
_NAMES: Final = frozenset({"str", "int", "float", "bool", "null", "seq", "map"})


class TagError(Struct, frozen=True):
    """The code and message of a bad tag or value; the caller adds the span."""

    code: str
    message: str


class ScalarValue(Struct, frozen=True):
    """A scalar's value; `is_text` if quotes or `!!str` make it text, even one that looks like a number."""

    value: bool | int | float | str | None
    is_text: bool
    error: TagError | None = None


def value_of(tag: str | None, text: str, plain: bool) -> ScalarValue:
    """Return the value of a scalar with a checked tag or none, quoted or plain."""
    by_style = _untagged(text, plain)
    if tag is None or check_tag(tag) is not None:
        return by_style
    name = tag.removeprefix(_PREFIX)
    if name == "str":
        return ScalarValue(text, True)
    resolved = _untagged(text, plain=True)
    value = resolved.value
    if name == "float" and isinstance(value, (int, float)) and not isinstance(value, bool):
        return ScalarValue(float(value), False)
    # The exact type, since a bool is an int.
    if type(value) is {"int": int, "bool": bool, "null": type(None)}.get(name):
        return resolved
    error = TagError("SPC002", f"{_shown(tag)} does not fit {text[:40] or 'an empty value'}")
    return ScalarValue(by_style.value, by_style.is_text, resolved.error or error)


def check_tag(tag: str) -> TagError | None:
    """Return the error of a tag that is not one of the core tags, else None."""
    if tag.startswith(_PREFIX) and tag.removeprefix(_PREFIX) in _NAMES:
        return None
    return TagError("SPC002", f"the tag {_shown(tag)} is not allowed")


def check_collection_tag(tag: str, is_mapping: bool) -> TagError | None:
    """Return the error of a collection's tag, which must be the core tag of its kind, else None."""
    wanted, kind = ("map", "mapping") if is_mapping else ("seq", "list")
    if check_tag(tag) is not None or tag == _PREFIX + wanted:
        return check_tag(tag)
    return TagError("SPC002", f"{_shown(tag)} does not fit a {kind}")


def _untagged(text: str, plain: bool) -> ScalarValue:
    if not plain:
        return ScalarValue(text, True)
    if is_too_long(text):
        return ScalarValue(text, False, TagError(INTEGER_CODE, f"an integer of more than {INTEGER_DIGITS} digits"))
    return ScalarValue(resolve(text), False)


def _shown(tag: str) -> str:
    return "!!" + tag.removeprefix(_PREFIX) if tag.startswith(_PREFIX) else tag
