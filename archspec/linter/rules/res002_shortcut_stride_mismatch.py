"""RES002: the shortcut is not strided like its body."""

from __future__ import annotations

from archspec.linter.residuals import use_projection
from archspec.linter.rule import ERROR, Example, Rule

RULE = Rule(
    code="RES002",
    name="shortcut-stride-mismatch",
    severity=ERROR,
    summary="the shortcut is not strided like its body",
    why="The body makes the map smaller (or larger), and the shortcut does not: they cannot be added.",
    hint="Use `shortcut: projection`, which takes the body's stride, or stride your own shortcut alike.",
    bad=(
        Example(
            """\
input: [64, 56, 56]
stages:
  - residual:
      body:
        - conv: {channels: 128, stride: 2}
        - norm
      shortcut: identity
  - act
""",
            "7:17",
        ),
        Example(
            """\
input: [64, 56, 56]
stages:
  - residual:
      merge: concat
      body: [{conv: {channels: 64, stride: 2}}]
""",
            "4:7",
        ),
    ),
    good=(
        """\
input: [64, 56, 56]
stages:
  - residual: [{conv: {channels: 128, stride: 2}}, norm]
  - act
""",
        """\
# Xception: the body shrinks by pooling, its shortcut by the stride of a 1x1.
input: [64, 28, 28]
stages:
  - residual:
      body: [{conv: 128}, norm, {max_pool: {kernel: 3, stride: 2}}]
      shortcut: [{conv: {channels: 128, kernel: 1, stride: 2}}, norm]
""",
        """\
# CLIP's ResNet: the body pools behind its 3x3, the shortcut before its 1x1.
input: [64, 56, 56]
stages:
  - residual:
      body: [{conv: {channels: 64, kernel: 1}}, norm, act, {avg_pool: 2}, {conv: {channels: 256, kernel: 1}}, norm]
      shortcut: [{avg_pool: 2}, {conv: {channels: 256, kernel: 1}}, norm]
  - act
""",
    ),
    references=("He et al. 2015, Deep Residual Learning (arXiv:1512.03385), section 3.3",),
    applicability="unsafe",
    supersedes=("RES001",),
    fix=use_projection,
)
