"""LIM003: more than 100,000 nodes with aliases written out."""

from __future__ import annotations

from archspec.linter.rule import ERROR, Example, Rule

RULE = Rule(
    code="LIM003",
    name="too-many-nodes",
    severity=ERROR,
    summary="more than 100,000 nodes with aliases written out",
    why=(
        "Aliases of aliases make a few lines stand for billions of nodes (the billion laughs), so they are"
        " counted before any is written out."
    ),
    hint="Use repeats and blocks: they say the same, and are lowered once.",
    bad=(
        Example(
            "input: [3, 32, 32]\nstages:\n  - &a [x, x, x, x, x, x, x, x, x, x]\n"
            + "".join(f"  - &{b} [{', '.join(['*' + a] * 10)}]\n" for a, b in zip("abcde", "bcdef", strict=True)),
            "7:37",
        ),
    ),
    good=(
        """\
input: [3, 32, 32]
stages:
  - sequence: {repeat: 100, body: [conv: 16, relu]}
  - conv: &wide {channels: 64, kernel: 5}
  - relu
  - conv: *wide
""",
    ),
    references=("https://en.wikipedia.org/wiki/Billion_laughs_attack",),
)
