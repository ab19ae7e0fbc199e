"""Hides characters from the YAML parser without moving any other: each becomes a stand-in of the same length."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

_LOOK_LIKE_BREAKS: Final = "\x85\u2028\u2029\ufeff"
"""Line breaks to YAML 1.1, which PyYAML speaks, and plain characters to YAML 1.2; the BOM likewise inside a text."""

_PRIVATE: Final = (range(0xE000, 0xF900), range(0xF0000, 0xFFFFE))
_STRUCTURE: Final = "[]{},:#&*!|>'\"%@`?"


class Mask:
    """A text as the parser shall see it: YAML 1.1's extra line breaks and any structure marked as text are hidden."""

    def __init__(self, text: str) -> None:
        self._taken = set(text)
        self._free = self._stand_ins()
        self._there: dict[str, str] = {}
        self._back: dict[int, str] = {}
        self.text = text.translate(self._table(c for c in _LOOK_LIKE_BREAKS if c in self._taken))

    def hide(self, start: int, end: int) -> None:
        """Make `text[start:end]` a piece of plain text, whatever brackets, commas and colons it has."""
        piece = self.text[start:end].translate(self._table(_STRUCTURE))
        self.text = self.text[:start] + piece + self.text[end:]

    def restore(self, text: str) -> str:
        """A text that the parser returned, with the hidden characters back."""
        return text.translate(self._back) if self._back else text

    def _table(self, characters: Iterable[str]) -> dict[int, str]:
        for character in characters:
            if character not in self._there:
                self._there[character] = next(self._free)
                self._back[ord(self._there[character])] = character
        return {ord(character): stand_in for character, stand_in in self._there.items()}

    def _stand_ins(self) -> Iterator[str]:
        return (chr(code) for code in chain(*_PRIVATE) if chr(code) not in self._taken)
