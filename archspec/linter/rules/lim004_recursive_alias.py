"""LIM004: an alias inside the node that it refers to."""

from __future__ import annotations

from archspec.linter.rule import ERROR, Example, Rule

RULE = Rule(
    code="LIM004",
    name="recursive-alias",
    severity=ERROR,
    summary="an alias inside what it stands for",
    why="Written out, it would never end.",
    hint="Break the circle; a block may use itself under a `when` that comes to be false.",
    bad=(
        Example(
            """\
input: [3, 32, 32]
stages: &all
  - conv: 16
  - sequence: *all
""",
            "4:15",
        ),
    ),
    good=(
        """\
input: [3, 32, 32]
stages:
  - sequence: &twice [conv: 16, relu]
  - sequence: *twice
""",
    ),
)
