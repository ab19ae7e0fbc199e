"""LIM001: a file of more than 1 MiB."""

from __future__ import annotations

from archspec.linter.rule import ERROR, Example, Rule

RULE = Rule(
    code="LIM001",
    name="file-too-large",
    severity=ERROR,
    summary="a file of more than 1 MiB",
    why="A spec is a few kilobytes. A larger file is the wrong one, or was made to keep its reader busy.",
    hint="Use repeats and blocks instead of writing layers out.",
    bad=(Example("input: [3, 32, 32]\nstages:\n" + "  - conv: 16\n" * 90_000, "1:1"),),
    good=(
        """\
input: [3, 32, 32]
stages:
  - conv: {channels: 16, repeat: 1000}
""",
    ),
)
