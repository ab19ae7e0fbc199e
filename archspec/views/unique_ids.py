"""Unique ids for boxes, and the title of a run of paths."""

from __future__ import annotations

import re

_COUNTED = re.compile(r"(.*?)(\d+)\Z", re.DOTALL)


class UniqueIds:
    """Makes ids unique by appending a number to a name that is taken."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def unique(self, name: str) -> str:
        """Return the name, or the name with `#2`, `#3`, ... appended."""
        candidate, number = name, 1
        while candidate in self._taken:
            number += 1
            candidate = f"{name}#{number}"
        self._taken.add(candidate)
        return candidate


def show_range(first: str, last: str) -> str:
    """Return the range of a run of numbered paths: `layer3.1…5`."""
    one, other = _COUNTED.match(first), _COUNTED.match(last)
    if one and other and one[1] == other[1]:
        return f"{first}…{other[2]}"
    return f"{first} … {last}"
