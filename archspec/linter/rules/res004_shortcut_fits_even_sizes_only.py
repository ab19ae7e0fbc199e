"""RES004: a shortcut that fits its body at even sizes only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from archspec.ir.flat import FlatNode
from archspec.ir.op import ShapeError
from archspec.ir.sizes import Condition, Dim, PeriodTooLong, Size, equal
from archspec.ir.types import UNKNOWN, ValueType
from archspec.linter.edits import set_argument
from archspec.linter.residuals import Residual, find_residuals, paths_between
from archspec.linter.rule import WARNING, Example, Finding, Rule
from archspec.linter.rule_context import RuleContext

AXES = ("depth", "height", "width")
SIZES = range(8, 136)  # enough for every period that strides give in one block, and above its kernels


def check(context: RuleContext) -> Iterator[Finding]:
    """Yield strided pools on added shortcuts where `ceil` would make the shapes equal at every size."""
    for residual in find_residuals(context, "add"):
        if residual.body == residual.shortcut or not context.flat.types[residual.body].known:
            continue
        start, inside = paths_between(context, (residual.body, residual.shortcut))
        pool = _rounding_down(context, residual, start)
        if pool is None or start is None or not context.flat.types[start].known:
            continue
        nodes = [context.nodes[index] for index in sorted(inside)]
        now, then = _fits(context, residual, start, nodes, None), _fits(context, residual, start, nodes, pool)
        # Only where `ceil` alone resolves it: CLIP's ResNet pools without `ceil` in body and shortcut, and needs none.
        if now is not None and now != set(SIZES) and then == set(SIZES):
            sizes = "even sizes" if now == set(SIZES[::2]) else "some sizes"
            message = f"{pool.kind} rounds down where the body rounds up: they can be added at {sizes} only"
            yield Finding(message, pool, edits=set_argument(context, pool, "ceil", True))


def _rounding_down(context: RuleContext, residual: Residual, start: int | None) -> FlatNode | None:
    """Return the first strided pool without `ceil`, going back from the shortcut."""
    value: int | None = residual.shortcut
    while value is not None and value != start:
        node = context.producer(value)
        if node is None or not node.inputs:
            return None
        # `padding: same` rounds up as it is.
        rounds_up = getattr(node.op, "ceil", True) or getattr(node.op, "padding", None) == "same"
        if node.op.pooling == "window" and not rounds_up:
            return node
        value = node.inputs[0]
    return None


def _fits(
    context: RuleContext, residual: Residual, start: int, nodes: list[FlatNode], pool: FlatNode | None
) -> set[int] | None:
    """Return the sizes in SIZES at which body and shortcut have one shape, `pool` rounding up.

    The ops between are inferred once with a free size, not once for each. None where that cannot be decided.
    """
    types = {start: _freed(context.flat.types[start])}
    for node in nodes:
        x = tuple(UNKNOWN if v is None else types.get(v, context.flat.types[v]) for v in node.inputs)
        op: Any = node.op
        if node is pool:
            op = replace(op, ceil=True)
        try:
            # Conditions of the ops themselves are left aside: the question is whether the two shapes agree.
            made = op.infer(x, lambda condition, error: None)
        except (ShapeError, PeriodTooLong, TypeError, ValueError):
            return None
        types.update(zip(node.outputs, made, strict=True))
    if residual.body not in types or residual.shortcut not in types:
        return None
    body, shortcut = types[residual.body], types[residual.shortcut]
    if len(body.shape) != len(shortcut.shape):
        return None
    pairs = list(zip(body.spatial, shortcut.spatial, strict=True))
    return {size for size in SIZES if all(_agree(a, b, size) for a, b in pairs)}


def _freed(x: ValueType) -> ValueType:
    """Return a map of the same channels with every axis free."""
    return x.with_spatial(tuple(Size.free(axis) for _, axis in zip(x.spatial, AXES, strict=False)))


def _agree(left: Dim, right: Dim, size: int) -> bool:
    """Return whether two dimensions are equal when every free axis has the same size."""
    condition = equal(left, right)
    return condition.holds(dict.fromkeys(AXES, size)) if isinstance(condition, Condition) else condition


RULE = Rule(
    code="RES004",
    name="shortcut-fits-even-sizes-only",
    severity=WARNING,
    summary="a shortcut that fits its body at even sizes only",
    why=(
        "A pooling of 2 makes 3 of 7, a padded 3x3 convolution of stride 2 makes 4. At even sizes the two agree, so "
        "the network works at the size it was tried with, and fails at another, four blocks further down."
    ),
    hint="Write `ceil: true` (and `include_pad: false`) for the pooling, as `avg_projection` does.",
    bad=(
        Example(
            """\
input: [64, 56, 56]
stages:
  - residual:
      body: [{conv: {channels: 128, stride: 2}}, norm, act, {conv: 128}, norm]
      shortcut:
        - avg_pool: 2
        - conv: {channels: 128, kernel: 1}
        - norm
  - act
""",
            "6:11",
        ),
        Example(
            """\
input: [64, 56, 56]
stages:
  - residual:
      body: [{conv: {channels: 64, stride: 2}}, norm]
      shortcut: [{max_pool: {kernel: 2}}]
""",
            "5:18",
        ),
    ),
    good=(
        """\
# ResNet-D's shortcut, by the library's block and by hand: a last, partial window counts.
input: [64, 56, 56]
stages:
  - residual:
      body: [{conv: {channels: 128, stride: 2}}, norm]
      shortcut: avg_projection
  - act
  - residual:
      body: [{conv: {channels: 128, stride: 2}}, norm]
      shortcut: [{avg_pool: {kernel: 2, ceil: true, include_pad: false}}, {conv: {channels: 128, kernel: 1}}, norm]
""",
        """\
# CLIP's ResNet pools on both sides, and both round down.
input: [64, 56, 56]
stages:
  - residual:
      body: [{conv: {channels: 64, kernel: 3}}, norm, act, {avg_pool: 2}, {conv: {channels: 256, kernel: 1}}, norm]
      shortcut: [{avg_pool: 2}, {conv: {channels: 256, kernel: 1}}, norm]
""",
        """\
# ShuffleNet's pooling of 3 at stride 2 is padded, and rounds as its body does.
input: [24, 56, 56]
stages:
  - residual:
      merge: concat
      body: [{conv: {channels: 24, stride: 2}}, norm]
      shortcut: [{avg_pool: {kernel: 3, stride: 2, padding: 1}}]
""",
        """\
# Option A takes every second position.
input: [16, 32, 32]
stages:
  - basic: {channels: 32, stride: 2, shortcut: pad_shortcut}
""",
    ),
    references=("He et al. 2018, Bag of Tricks (arXiv:1812.01187), figure 2c",),
    applicability="unsafe",
    supersedes=("SHP003",),
    check=check,
)
