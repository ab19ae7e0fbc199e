"""Types narrowed where a test knows more than they say."""

from __future__ import annotations

from typing import TypeVar

from archspec.ir.types import ValueType

T = TypeVar("T")


def present(value: T | None) -> T:
    """Return the value, which is not None."""
    assert value is not None
    return value


def sizes(x: ValueType) -> tuple[int, ...]:
    """Return the shape of a type whose sizes are all fixed."""
    found = tuple(size for size in x.shape if isinstance(size, int))
    assert len(found) == len(x.shape)
    return found


def text(drawn: bytes | str) -> str:
    """Return what was drawn in a format that is text."""
    assert isinstance(drawn, str)
    return drawn


def image(drawn: bytes | str) -> bytes:
    """Return what was drawn in a format that is bytes."""
    assert isinstance(drawn, bytes)
    return drawn
