"""A row of bytes read as a row of decisions, so that a fuzzer that changes bytes changes decisions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class Choices:
    """Decisions taken from bytes; after the last byte every decision is the first of its choices."""

    data: bytes
    position: int = 0
    anchors: list[str] = field(default_factory=list)

    def below(self, count: int) -> int:
        """Return a number from 0 to `count` - 1."""
        if self.position >= len(self.data):
            return 0
        self.position += 1
        return self.data[self.position - 1] % count

    def one(self, items: Sequence[T]) -> T:
        """Return one of several items."""
        return items[self.below(len(items))]

    @property
    def over(self) -> bool:
        return self.position >= len(self.data)
