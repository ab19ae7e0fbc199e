"""Ids that no two boxes share, and what a run of paths is called."""

from __future__ import annotations

import re

_COUNTED = re.compile(r"(.*?)(\d+)\Z", re.DOTALL)


class Names:
    """The ids given so far; a name that has been given gets a number behind it."""

    def __init__(self) -> None:
        self._given: set[str] = set()

    def unique(self, name: str) -> str:
        """The name, or with `#2`, `#3` ... behind it."""
        candidate, number = name, 1
        while candidate in self._given:
            number += 1
            candidate = f"{name}#{number}"
        self._given.add(candidate)
        return candidate


def from_to(first: str, last: str) -> str:
    """The first and the last of some paths that count: `layer3.1…5`."""
    one, other = _COUNTED.match(first), _COUNTED.match(last)
    if one and other and one[1] == other[1]:
        return f"{first}…{other[2]}"
    return f"{first} … {last}"
