"""NRM004: groups do not divide the channels."""

from __future__ import annotations

from archspec.lint.rule import ERROR, Rule

RULE = Rule(
    code="NRM004",
    name="groups-do-not-divide-the-channels",
    severity=ERROR,
    summary="groups do not divide the channels",
    why="Group norm splits the channels into equal groups (Wu & He 2018).",
    fix="Choose a number of groups that divides the channels.",
)
