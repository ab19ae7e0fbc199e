"""CNV010: channels do not fit the pixel shuffle."""

from __future__ import annotations

from archspec.lint.rule import ERROR, Rule

RULE = Rule(
    code="CNV010",
    name="channels-do-not-fit-the-pixel-shuffle",
    severity=ERROR,
    summary="channels do not fit the pixel shuffle",
    why="depth_to_space by a factor f turns f² channels of a picture into one.",
    fix="Give it a number of channels that the factor to the power of the map's axes divides.",
)
