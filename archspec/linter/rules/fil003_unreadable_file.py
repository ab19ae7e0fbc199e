"""FIL003: a file that cannot be read."""

from __future__ import annotations

from archspec.linter.rule import ERROR, Rule

RULE = Rule(
    code="FIL003",
    name="unreadable-file",
    severity=ERROR,
    summary="a file that cannot be read",
    why="It may not be read by this user, or it is a pipe or a device, whose reading might never end.",
    hint="Check its permissions; `-` reads standard input.",
)
