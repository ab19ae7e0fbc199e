"""Hides characters from the YAML parser without moving any other: each becomes one private-use character."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

_LOOK_LIKE_BREAKS: Final = "\x85\u2028\u2029\ufeff"
"""Line breaks in YAML 1.1, which PyYAML implements, but plain characters in YAML 1.2; so is a BOM inside a text."""

# Unicode's private use area and plane 15 (less its two noncharacters): printable to YAML, and no
# standard gives them a meaning.
_PRIVATE: Final = (range(0xE000, 0xF900), range(0xF0000, 0xFFFFE))
_STRUCTURE: Final = "[]{},:#&*!|>'\"%@`?"


class Placeholders:
    """The text that the parser gets: YAML 1.1's extra line breaks and the structure of hidden stretches are replaced.

    Only private-use characters that the text itself does not contain serve as placeholders, so `restore` is exact.
    """

    def __init__(self, text: str) -> None:
        self._taken = set(text)
        self._unused = self._private_characters()
        self._placeholder_of: dict[str, str] = {}
        self._back: dict[int, str] = {}
        self.text = text.translate(self._table(c for c in _LOOK_LIKE_BREAKS if c in self._taken))

    def hide(self, start: int, end: int) -> None:
        """Make `text[start:end]` plain text to the parser, with any brackets, commas and colons in it."""
        piece = self.text[start:end].translate(self._table(_STRUCTURE))
        self.text = self.text[:start] + piece + self.text[end:]

    def restore(self, text: str) -> str:
        """Return a text from the parser with the hidden characters restored."""
        return text.translate(self._back) if self._back else text

    def _table(self, characters: Iterable[str]) -> dict[int, str]:
        for character in characters:
            if character not in self._placeholder_of:
                self._placeholder_of[character] = next(self._unused)
                self._back[ord(self._placeholder_of[character])] = character
        return {ord(character): placeholder for character, placeholder in self._placeholder_of.items()}

    def _private_characters(self) -> Iterator[str]:
        return (chr(code) for code in chain(*_PRIVATE) if chr(code) not in self._taken)
