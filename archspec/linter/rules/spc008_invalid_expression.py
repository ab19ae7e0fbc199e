"""SPC008: an expression that has no value."""

from __future__ import annotations

from archspec.linter.rule import ERROR, Example, Rule

RULE = Rule(
    code="SPC008",
    name="invalid-expression",
    severity=ERROR,
    summary="an expression that has no value",
    why=(
        "The expression cannot be read, or cannot be worked out: a division by zero, an index that is not there,"
        " an operator or function that the language does not have."
    ),
    hint=("Fix the expression; the language page lists its operators and functions, and `//` divides whole numbers."),
    bad=(
        Example(
            """\
input: [3, 32, 32]
params: {width: 16}
stages:
  - conv: {channels: width ^ 2}
""",
            "4:28",
        ),
        Example(
            """\
input: [3, 32, 32]
params: {widths: [16, 32]}
stages:
  - conv: {channels: "widths[2]"}
""",
            "4:29",
        ),
    ),
    good=(
        """\
input: [3, 32, 32]
params: {width: 4}
stages:
  - conv: {channels: width ** 2}
""",
        """\
input: [3, 32, 32]
params: {widths: [16, 32]}
stages:
  - conv: {channels: "widths[-1] // 2"}
""",
    ),
)
