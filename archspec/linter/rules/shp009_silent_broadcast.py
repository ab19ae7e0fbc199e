"""SHP009: an add that torch would broadcast."""

from __future__ import annotations

from archspec.linter.rule import ERROR, Example, Rule

RULE = Rule(
    code="SHP009",
    name="silent-broadcast",
    severity=ERROR,
    summary="an add that torch would broadcast",
    why=(
        "torch stretches axes of size 1 without a word, and may line up the wrong ones: the network runs and "
        "learns something else."
    ),
    hint="Make the shapes equal, or say `broadcast: true`.",
    bad=(
        Example(
            """\
input: [16, 32, 32]
stages:
  - adaptive_avg_pool: {size: 1, name: pooled}
  - add: [input, pooled]
""",
            "4:5",
        ),
        Example(
            """\
input: [16, 32, 32]
stages:
  - global_avg_pool: {name: pooled}
  - add: [input, pooled]
""",
            "4:5",
        ),
    ),
    good=(
        """\
input: [16, 32, 32]
stages:
  - global_avg_pool: {name: pooled}
  - linear: {features: 16, name: context}
  - add: {from: [input, context], broadcast: true}
""",
        """\
input: [16, 32, 32]
stages:
  - residual: {merge: multiply, body: [{adaptive_avg_pool: 1}, {conv: {channels: 16, kernel: 1}}, sigmoid]}
""",
    ),
    supersedes=("SHP001",),
)
