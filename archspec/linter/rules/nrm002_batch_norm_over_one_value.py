"""NRM002: batch norm over one value a channel."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.linter.rule import INFO, Example, Finding, Rule
from archspec.linter.rule_context import RuleContext


def check(context: RuleContext) -> Iterator[Finding]:
    """Yield batch norms of maps of a single position."""
    for node in context.nodes_of("batch_norm"):
        x = context.input_type(node)
        if not x.known or x.kind != "map" or set(x.spatial) != {1}:
            continue
        yield Finding(f"batch_norm of a map of one position ({x}): training fails at batch 1", node)


RULE = Rule(
    code="NRM002",
    name="batch-norm-over-one-value",
    severity=INFO,
    summary="batch norm over one value a channel",
    why=(
        "Of a 1x1 map batch norm has one value a channel from each sample. At batch 1 torch refuses to train it "
        '("Expected more than 1 value per channel when training"), also for the last, partial batch of an epoch; '
        "at small batches mean and variance are noise. With larger batches it trains, as the squeeze of ResNeSt and "
        "SKNet and the pooling of DeepLab's ASPP do: drop the last, partial batch of an epoch (`drop_last=True`)."
    ),
    hint=(
        "Train with batches of two or more, or leave the norm out here, put it before the pooling, use layer_norm with"
        " axis: channel, or a larger input."
    ),
    bad=(
        Example(
            """\
input: [64, 32, 32]
stages:
  - adaptive_avg_pool: 1
  - conv: {channels: 16, kernel: 1}
  - batch_norm
  - relu
""",
            "5:5",
        ),
        Example(
            """\
# Made for 224x224 pixels: of 32x32 the last stage leaves one.
input: [3, 32, 32]
stem:
  - conv: {channels: 16, kernel: 7, stride: 2, bias: false}
  - norm
  - act
  - max_pool: {kernel: 3, stride: 2}
stages:
  - basic: {name: layer2, channels: 32, stride: 2}
  - basic: {name: layer3, channels: 64, stride: 2}
  - bottleneck: {name: layer4, channels: 128, stride: 2, repeat: 2}
""",
            "11:5",
        ),
    ),
    good=(
        """\
# DCGAN's generator comes from 1x1, and has 4x4 before its first norm.
input: [100, 1, 1]
stages:
  - conv_transpose: {channels: 512, kernel: 4, stride: 1, padding: 0}
  - norm
  - relu
""",
        """\
# Of a vector batch norm always has one value a sample; that is what it is there for.
input: [20]
stages:
  - linear: 64
  - batch_norm
  - relu
  - linear: 2
""",
        """\
# Squeeze-excite has no norm at 1x1.
input: [64, 32, 32]
stages:
  - squeeze_excite: {reduction: 4}
  - conv: 64
  - norm
  - act
""",
    ),
    references=("Ioffe & Szegedy 2015, Batch Normalization (arXiv:1502.03167), section 3.2",),
    includes_library=True,
    check=check,
)
