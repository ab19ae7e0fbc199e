"""SPC005: a name that leads nowhere."""

from __future__ import annotations

from archspec.linter.rule import ERROR, Example, Rule

RULE = Rule(
    code="SPC005",
    name="unresolved-name",
    severity=ERROR,
    summary="a name that leads nowhere",
    why=(
        "No op, block, parameter or earlier layer has this name, so there is nothing to use here. Names reach"
        " backwards only, those of a block's own layers stay inside it, and a block sees nothing of its caller."
    ),
    hint="Check its spelling, or move what it names up: `archspec list --blocks` lists the ops and blocks.",
    bad=(
        Example(
            """\
input: [3, 32, 32]
stages:
  - covn: 16
""",
            "3:5",
        ),
        Example(
            """\
input: [3, 32, 32]
stages:
  - conv: {name: enc1, channels: 16}
  - conv: {name: enc2, channels: 16}
  - concat: [enc1, enc3]
""",
            "5:20",
        ),
        Example(
            """\
input: [3, 32, 32]
params: {width: 16}
blocks:
  twice:
    body: [conv: width, relu]
stages:
  - conv: width
  - twice
""",
            "5:18",
        ),
    ),
    good=(
        """\
input: [3, 32, 32]
stages:
  - conv: {name: enc1, channels: 16}
  - conv: {name: enc2, channels: 16}
  - concat: [enc1, enc2]
""",
        """\
input: [3, 32, 32]
params: {width: 16}
blocks:
  twice:
    params: {channels: int}
    body: [conv: channels, relu]
stages:
  - twice: width
""",
    ),
    applicability="unsafe",
)
