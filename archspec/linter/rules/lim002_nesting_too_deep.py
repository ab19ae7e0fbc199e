"""LIM002: lists and mappings nested more than 64 deep."""

from __future__ import annotations

from archspec.linter.rule import ERROR, Example, Rule

RULE = Rule(
    code="LIM002",
    name="nesting-too-deep",
    severity=ERROR,
    summary="lists and mappings nested more than 64 deep",
    why="Nobody can read what is nested so deeply, and reading it costs a stack that has an end.",
    hint="Give the inner part a name of its own, as a block.",
    bad=(Example("input: [3, 32, 32]\nstages: " + "[" * 70 + "relu" + "]" * 70 + "\n", "2:72"),),
    good=(
        """\
input: [3, 32, 32]
blocks:
  inner: {body: [{sequence: [{sequence: [conv: 16]}]}]}
stages:
  - sequence: [{sequence: [inner]}]
""",
    ),
)
