"""GRF003: a classifier that pools over positions of which none sees the whole input."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from archspec.analysis.receptive_field import receptive_fields
from archspec.ir.flat import FlatNode
from archspec.ir.op import Op
from archspec.ir.types import ValueType
from archspec.linter.rule import INFO, Example, Finding, Rule
from archspec.linter.rule_context import RuleContext

MOST_HEADS = 16  # each costs a walk through all of the network


def check(context: RuleContext) -> Iterator[Finding]:
    """Yield the last poolings of a classifier if none of them sees the whole input."""
    for number, (value, (_, x)) in enumerate(zip(context.flat.inputs, context.graph.inputs, strict=True)):
        # On sequences a small receptive field is a choice (n-grams).
        if x.kind != "map" or len(x.shape) < 3:
            continue
        found = []
        # One pooling that sees everything suffices: the loop's `else` runs if there is none.
        for node, pooled in islice(_heads(context), MOST_HEADS):
            if (
                # A path that is missing may see more.
                context.has_unknown_before(node)
                or _sees_a_whole_map(context, pooled, value)
                or (finding := _finding(context, number, node, pooled)) is None
            ):
                break
            found.append(finding)
        else:
            yield from found


def _finding(context: RuleContext, number: int, node: FlatNode, pooled: int) -> Finding | None:
    field = receptive_fields(context.flat, number, (pooled,)).get(pooled)
    whole = context.graph.inputs[number][1].spatial
    if field is None or field.sizes is None:
        return None
    # Half of the side, not all of it: SqueezeNet classifies ImageNet well with 155 of 224.
    if not any(isinstance(n, int) and 2 * size < n for size, n in zip(field.sizes, whole, strict=True)):
        return None
    shown = "×".join(map(str, whole))
    return Finding(f"each position that {node.kind} joins sees {field} of the {shown} input", node)


def _heads(context: RuleContext) -> Iterator[tuple[FlatNode, int]]:
    """Yield each pooling after which no map is left on the way to the outputs, with the value that it pools."""
    waiting = [value for value in context.flat.outputs if not _has_space(context.flat.types[value])]
    seen = set(waiting)
    while waiting:
        node = context.producer(waiting.pop())
        for value in () if node is None else node.inputs:
            if node is None or value is None or value in seen:
                continue
            seen.add(value)
            if not _has_space(context.flat.types[value]):
                waiting.append(value)
            elif node.op.pooling and context.flat.types[value].kind == "map":
                yield node, value


def _has_space(value_type: ValueType) -> bool:
    return value_type.kind == "tokens" or any(size != 1 for size in value_type.spatial)


def _sees_a_whole_map(context: RuleContext, value: int, start: int) -> bool:
    """Return whether one position sees all of some map before it; cheaper to decide than how much of the input it sees.

    Going back along one path, n positions of a window's output read (n - 1) · stride + reach positions of its input.
    """
    sizes = [1] * len(context.flat.types[value].spatial_axes)
    while value != start:
        node = context.producer(value)
        before = None if node is None or not node.inputs else node.inputs[0]
        if node is None or before is None or not context.flat.types[before].known:
            return False
        if node.op.has_window:
            sizes = _before(node.op, sizes)
        elif not (node.op.is_pointwise or node.op.is_merge):
            return False
        value, x = before, context.flat.types[before]
        if x.kind != "map" or len(x.spatial_axes) != len(sizes):
            return False
        if all(isinstance(n, int) and size > n for size, n in zip(sizes, x.spatial, strict=True)):
            return True
    return False


def _before(op: Op, sizes: list[int]) -> list[int]:
    _, kernels, strides, dilations = op.geometry(tuple(sizes))
    windows = zip(sizes, kernels, strides, dilations, strict=True)
    return [(size - 1) * stride + dilation * (kernel - 1) + 1 for size, kernel, stride, dilation in windows]


RULE = Rule(
    code="GRF003",
    name="small-receptive-field",
    severity=INFO,
    summary="a classifier whose receptive field is far smaller than its input",
    why="Each position of the last map judges a part of the picture alone, and pooling only counts the votes: what "
    "takes the whole picture to see (a shape, a layout) cannot be learned. The receptive field is computed over all "
    "paths, borders not taken into account; `at most` marks a bound. It is reported below half of the input's side: "
    "SqueezeNet sees 155 of 224.",
    hint="Go deeper, or use strides, larger or dilated kernels earlier; leave it where local texture is enough.",
    bad=(
        Example(
            """\
input: [3, 224, 224]
stages:
  - conv_norm_act: {channels: 64, stride: 2}
  - conv_norm_act: {channels: 64, repeat: 4}
head: [global_avg_pool, {linear: 10}]
""",
            "5:8",
        ),
        Example(
            """\
input: [3, 224, 64]
stages:
  - basic: {channels: 64, repeat: 3, stride: 2}
  - basic: {channels: 128, repeat: 2, stride: 2}
head: [{adaptive_avg_pool: 1}, flatten, {linear: 10}]
""",
            "5:8",
        ),
    ),
    good=(
        """\
input: [3, 224, 224]
stages:
  - conv_norm_act: {channels: 64, kernel: 7, stride: 2}
  - max_pool: {kernel: 3, stride: 2}
  - bottleneck: {channels: 64, repeat: 3}
  - bottleneck: {channels: 128, repeat: 4, stride: 2}
  - bottleneck: {channels: 256, repeat: 6, stride: 2}
  - bottleneck: {channels: 512, repeat: 3, stride: 2}
head: [global_avg_pool, {linear: 1000}]
""",
        """\
input: [3, 224, 224]
stages:
  - conv_norm_act: {channels: 64, stride: 4}
  - squeeze_excite
  - conv_norm_act: 64
head: [global_avg_pool, {linear: 10}]
""",
        """\
input: [3, 224, 224]
stages:
  - conv: {channels: 96, kernel: 7, stride: 2, padding: 0}
  - relu
  - max_pool: {kernel: 3, stride: 2, padding: 0, ceil: true}
  - fire: {squeeze: 16, expand: 64, repeat: 2}
  - fire: {squeeze: 32, expand: 128}
  - max_pool: {kernel: 3, stride: 2, padding: 0, ceil: true}
  - fire: {squeeze: 32, expand: 128}
  - fire: {squeeze: 48, expand: 192, repeat: 2}
  - fire: {squeeze: 64, expand: 256}
  - max_pool: {kernel: 3, stride: 2, padding: 0, ceil: true}
  - fire: {squeeze: 64, expand: 256}
head: [dropout, {conv: {channels: 1000, kernel: 1}}, relu, global_avg_pool]
""",
        """\
input: [1, 32, 32]
stages:
  - conv: {channels: 6, kernel: 5, padding: 0}
  - avg_pool: 2
  - conv: {channels: 16, kernel: 5, padding: 0}
  - avg_pool: 2
head: [flatten, {linear: 120}, relu, {linear: 10}]
""",
        """\
inputs: {text: {shape: [300, 128]}}
stages:
  - conv: {channels: 128, kernel: 5}
head: [global_max_pool, {linear: 2}]
""",
        """\
input: [3, 224, 224]
stages:
  - conv_norm_act: {channels: 64, stride: 2, repeat: 2}
  - conv: {channels: 2, kernel: 1}
""",
        """\
input: [3, 32, 32]
stages:
  - conv_norm_act: {name: early, channels: 64, stride: 2}
  - basic: {channels: 64, stride: 2, repeat: 4}
head:
  - global_avg_pool: {name: late}
  - global_avg_pool: {name: glance, from: early}
  - concat: [late, glance]
  - linear: 10
""",
    ),
    references=("https://distill.pub/2019/computing-receptive-fields/", "https://arxiv.org/abs/1904.00760"),
    check=check,
)
