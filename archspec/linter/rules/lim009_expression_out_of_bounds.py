"""LIM009: an expression out of bounds."""

from __future__ import annotations

from archspec.linter.rule import ERROR, Example, Rule

RULE = Rule(
    code="LIM009",
    name="expression-out-of-bounds",
    severity=ERROR,
    summary="an expression out of bounds",
    why=(
        "Expressions have at most 1,000 characters, nest 32 deep, and their values are bounded, so that none can"
        " take a machine's time or memory."
    ),
    hint="Give parts of it names with `let`; check a power.",
    bad=(
        Example(
            """\
input: [3, 32, 32]
stages:
  - conv: 9 ** 9 ** 9
""",
            "3:13",
        ),
    ),
    good=(
        """\
input: [3, 32, 32]
params: {width: 4}
let: {wide: width ** 3}
stages:
  - conv: wide
""",
    ),
)
