"""SPC012: a text that is the name of a parameter, taken literally."""

from __future__ import annotations

from archspec.linter.rule import WARNING, Example, Rule

RULE = Rule(
    code="SPC012",
    name="uninserted-parameter",
    severity=WARNING,
    summary="a text that is the name of a parameter, taken literally",
    why=(
        "Where a text is expected, a word is that text and no expression: `key: prefix` is the text prefix, not what"
        " the parameter prefix holds. Only `${...}` inserts a value."
    ),
    hint='Write "${name}" for the value of the parameter, or "name" in quotes for the text.',
    bad=(
        Example(
            """\
input: [3, 32, 32]
params: {prefix: body}
stages:
  - down: {channels: 16, key: prefix}
""",
            "4:31",
        ),
        Example(
            """\
input: [3, 32, 32]
blocks:
  own:
    params: {first: {type: str, default: conv}}
    body: [conv_norm_act: {channels: 16, names: [first, bn]}]
stages: [own]
""",
            "5:50",
        ),
    ),
    good=(
        """\
input: [3, 32, 32]
params: {prefix: body}
stages:
  - down: {channels: 16, key: "${prefix}"}
""",
        """\
input: [3, 32, 32]
params: {prefix: body}
stages:
  - down: {channels: 16, key: "prefix"}
  - down: {channels: 16, key: "${prefix}"}
""",
    ),
    applicability="unsafe",
)
