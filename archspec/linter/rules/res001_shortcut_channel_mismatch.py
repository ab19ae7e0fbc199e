"""RES001: identity shortcut where the channels differ."""

from __future__ import annotations

from archspec.linter.residuals import use_projection
from archspec.linter.rule import ERROR, Example, Rule

RULE = Rule(
    code="RES001",
    name="shortcut-channel-mismatch",
    severity=ERROR,
    summary="identity shortcut where the channels differ",
    why="What is added must have equal shapes; the body changes the number of channels, and an identity cannot.",
    hint="Use `shortcut: projection` (or pad_shortcut), or make the channels equal.",
    bad=(
        Example(
            """\
input: [64, 56, 56]
stages:
  - residual:
      body: [{conv: 128}, norm]
      shortcut: identity
  - act
""",
            "5:17",
        ),
        Example(
            """\
input: [64, 56, 56]
stages:
  - basic: {name: layer1, channels: 64, shortcut: identity}
  - basic: {name: layer2, channels: 128, shortcut: identity}
""",
            "4:52",
        ),
    ),
    good=(
        """\
# A projection goes in where the body changes the channels.
input: [64, 56, 56]
stages:
  - residual: [{conv: 128}, norm]
  - act
""",
        """\
# Zeros for the missing channels (option A).
input: [16, 32, 32]
stages:
  - basic: {channels: 32, stride: 2, shortcut: pad_shortcut}
""",
        """\
# MobileNetV2 has a shortcut where it fits, and none elsewhere.
input: [24, 28, 28]
stages:
  - inverted_residual: {channels: 32, repeat: 2}
""",
        """\
# Dense layers join what they make to what they get.
input: [64, 28, 28]
stages:
  - residual: {merge: concat, body: [norm, act, {conv: 32}], shortcut: identity}
""",
    ),
    references=("He et al. 2015, Deep Residual Learning (arXiv:1512.03385), sections 3.2 and 3.3",),
    applicability="unsafe",
    fix=use_projection,
)
