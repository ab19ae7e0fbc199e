"""SHP012: reflect padding too large."""

from __future__ import annotations

from archspec.linter.rule import ERROR, Example, Rule

RULE = Rule(
    code="SHP012",
    name="reflect-padding-too-large",
    severity=ERROR,
    summary="reflect padding too large",
    why="A map can be reflected at its border only by less than its size, and wrapped around by its size.",
    hint="Pad less, or with zeros.",
    bad=(
        Example(
            """\
input: [3, 4, 4]
stages:
  - pad: {padding: 4, mode: reflect}
  - conv: 16
""",
            "3:20",
        ),
    ),
    good=(
        """\
input: [3, 256, 256]
stages:
  - pad: {padding: 3, mode: reflect}
  - conv: {channels: 64, kernel: 7, padding: 0}
  - instance_norm
  - relu
  - conv: {channels: 64, padding_mode: reflect}
""",
        """\
input: [3, 4, 4]
stages:
  - pad: {padding: 4, mode: circular}
  - conv: 16
""",
    ),
)
