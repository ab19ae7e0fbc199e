"""Hides characters from the YAML parser without moving any other: each becomes one that the text does not use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

_LOOK_LIKE_BREAKS: Final = "\x85\u2028\u2029\ufeff"
"""Line breaks in YAML 1.1, which PyYAML implements, but plain characters in YAML 1.2; so is a BOM inside a text."""

# Unicode's private use area and planes 15 and 16 (less their noncharacters): printable to YAML, and no standard gives
# them a meaning. The other planes above U+FFFF are for a text that contains all of these: their meaning does not
# matter, since they are restored, and a text within the limit on bytes cannot contain all of them, at four bytes each.
_CANDIDATES: Final = (
    range(0xE000, 0xF900),
    range(0xF0000, 0xFFFFE),
    range(0x100000, 0x10FFFE),
    range(0x10000, 0xF0000),
)
_STRUCTURE: Final = "[]{},:#&*!|>'\"%@`?"


class Placeholders:
    """The text that the parser gets: YAML 1.1's extra line breaks and the structure of hidden stretches are replaced.

    Only characters that the text itself does not contain serve as placeholders, private-use ones as long as there are
    any, so `restore` is exact.
    """

    def __init__(self, text: str) -> None:
        self._taken = set(text)
        self._unused = self._unused_characters()
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

    def _unused_characters(self) -> Iterator[str]:
        return (chr(code) for code in chain(*_CANDIDATES) if chr(code) not in self._taken)
