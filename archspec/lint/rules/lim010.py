"""LIM010: a file that may not be included."""

from __future__ import annotations

from archspec.lint.rule import ERROR, Rule

RULE = Rule(
    code="LIM010",
    name="a-file-that-may-not-be-included",
    severity=ERROR,
    summary="a file that may not be included",
    why="extends and network reach only files under the directory of the first spec, 8 deep at most.",
    fix="Move the file there, or use a name of the gallery.",
)
