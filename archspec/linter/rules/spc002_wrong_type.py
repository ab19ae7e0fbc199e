"""SPC002: a value of the wrong type."""

from __future__ import annotations

from archspec.linter.rule import ERROR, Example, Rule

RULE = Rule(
    code="SPC002",
    name="wrong-type",
    severity=ERROR,
    summary="a value of the wrong type",
    why=(
        "A value that is not of the kind that is needed, or not in its bounds, has no meaning here, and torch"
        " would say so only when the layer is made, in words about its own code and not about the spec."
    ),
    hint="Write what was expected; where a number, a boolean or a list is wanted, an expression may give it.",
    bad=(
        Example(
            """\
input: [3, 32, 32]
stages:
  - conv: {channels: 16, kernel: [3, 3, 3]}
""",
            "3:34",
        ),
        Example(
            """\
input: [3, 32, 32]
stages:
  - conv: 0
""",
            "3:11",
        ),
        Example(
            """\
input: [3, 32, 32]
stages: {conv: 16}
""",
            "2:9",
        ),
    ),
    good=(
        """\
input: [3, 32, 32]
stages:
  - conv: {channels: 16, kernel: [3, 5]}
""",
        """\
input: [3, 32, 32]
params: {width: 16}
stages:
  - conv: {channels: width * 2, kernel: 3 if width < 32 else 5}
""",
    ),
    applicability="unsafe",
)
