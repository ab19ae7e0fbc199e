"""SHP006: nothing is left of the map."""

from __future__ import annotations

from archspec.linter.rule import ERROR, Example, Rule

RULE = Rule(
    code="SHP006",
    name="empty-feature-map",
    severity=ERROR,
    summary="nothing is left of the map",
    why=(
        "Strides and kernels have made the map smaller than 1: the layer has no position to work at. Where a larger "
        "input would do, SHP005 says so instead."
    ),
    hint="Use fewer strides, a smaller kernel, or a larger input.",
    bad=(
        Example(
            """\
input: [3, 64, 64]
stages:
  - conv: {channels: 16, stride: 2}
  - adaptive_avg_pool: 3
  - max_pool: 2
  - max_pool: 2
""",
            "6:5",
        ),
    ),
    good=(
        """\
input: [3, 16, 16]
stages:
  - conv: {channels: 16, stride: 2}
  - max_pool: 2
  - max_pool: 2
  - max_pool: 2
  - max_pool: {kernel: 2, ceil: true}
head: [global_avg_pool, {linear: 10}]
""",
    ),
)
