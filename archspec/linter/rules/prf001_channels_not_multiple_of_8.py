"""PRF001: channels that are no multiple of 8."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

from archspec.diagnostics import Span
from archspec.ir.flat import FlatNode
from archspec.ir.types import ValueType
from archspec.linter.rule import INFO, Example, Finding, Rule
from archspec.linter.rule_context import RuleContext
from archspec.source import Scalar
from archspec.source.edits import NO_EDITS, replace_value

FAST = 8


def check(context: RuleContext) -> Iterator[Finding]:
    """Yield layers whose width is no multiple of FAST, at each use of the place where it is written."""
    if any(d.is_error for d in context.diagnostics):  # then nobody knows what leads to an output
        return
    spared: set[int] | None = None
    uneven: dict[Span, list[FlatNode]] = {}
    for node in context.nodes_where(lambda op: bool(op.width_argument)):
        channels, x = _channels(context, node), context.input_type(node)
        # Counts below 8 are masks, offsets and gates.
        if not channels % FAST or channels < FAST or not x.known:
            continue
        spared = _spared(context) if spared is None else spared
        if node.index not in spared:
            uneven.setdefault(context.locate(node, node.op.width_argument)[0], []).append(node)
    for place, nodes in uneven.items():
        numbers = {channels: _written(context, place, channels) for channels in {_channels(context, n) for n in nodes}}
        # A width that is only passed on (`in_channels`) is reported where it is written.
        if any(
            numbers[_channels(context, n)] or _channels(context, n) != context.input_type(n).channels for n in nodes
        ):
            yield from (_finding(context, node, numbers[_channels(context, node)]) for node in nodes)


def _channels(context: RuleContext, node: FlatNode) -> int:
    return context.flat.types[node.outputs[0]].channels


def _finding(context: RuleContext, node: FlatNode, number: Scalar | None) -> Finding:
    argument, channels, layout = node.op.width_argument, _channels(context, node), context.layout
    below, above = channels // FAST * FAST, ceil(channels / FAST) * FAST
    edits = NO_EDITS if number is None or layout is None else replace_value(layout, number, str(above))
    message, hint = f"{channels} {argument} are no multiple of {FAST}", f"take {below} or {above}"
    return Finding(message, node, argument, hint, edits=edits)


def _written(context: RuleContext, place: Span, channels: int) -> Scalar | None:
    """Return the width's node in the spec's text, where that is this very number."""
    layout = context.layout
    if layout is None or place.file != layout.tree.span.file:
        return None
    tree = next(iter(layout.path(place)[-1:]), None)
    return tree if isinstance(tree, Scalar) and tree.value == channels else None


def _spared(context: RuleContext) -> set[int]:
    """Return the layers whose width has a meaning: the last before an output, and those that weight channels."""
    weighing = []
    for node in context.nodes_where(lambda op: op.multiplies_inputs):
        values = [value for value in node.inputs if value is not None]
        without = [value for value in values if not _has_space(context.flat.types[value])]
        weighing += without if len(without) < len(values) else []
    return _back(context, list(context.flat.outputs), past_weights=False) | _back(context, weighing, past_weights=True)


def _back(context: RuleContext, waiting: list[int], past_weights: bool) -> set[int]:
    """Return the layers that lead to some values: the last on each path, or with `past_weights` all without space."""
    found, seen = set(), set(waiting)
    while waiting:
        node = context.producer(waiting.pop())
        if node is None:
            continue
        if node.op.width_argument:
            found.add(node.index)
            if not past_weights:
                continue
        for value in node.inputs:
            if value is not None and value not in seen and not (past_weights and _has_space(context.flat.types[value])):
                seen.add(value)
                waiting.append(value)
    return found


def _has_space(value_type: ValueType) -> bool:
    return value_type.kind == "tokens" or any(size != 1 for size in value_type.spatial)


RULE = Rule(
    code="PRF001",
    name="channels-not-multiple-of-8",
    severity=INFO,
    summary="channels that are no multiple of 8",
    why="Matrix units work on channels eight at a time (16-bit numbers on NVIDIA's tensor cores; 64 is better still): "
    "100 channels take as long as 104, or much longer where the fast kernels are left. Inputs, outputs, what weighs "
    "channels (squeeze-excite) and counts below 8 are left out.",
    hint="Take the next multiple of 8; `make_divisible(x)` rounds what is computed.",
    bad=(
        Example(
            """\
input: [3, 64, 64]
stages:
  - conv_norm_act: {channels: 60}
  - conv_norm_act: {channels: in_channels, repeat: 2}
head: [global_avg_pool, {linear: 10}]
""",
            "3:31",
        ),
        Example(
            """\
input: [3, 64, 64]
stages:
  - conv: {channels: 16, stride: 2}
  - conv: 100
  - relu
head: [global_avg_pool, {linear: 10}]
""",
            "4:11",
        ),
        Example(
            """\
input: [64]
stages: [{linear: 250}, relu]
head: [{linear: 10}]
""",
            "2:19",
        ),
    ),
    good=(
        """\
input: [3, 64, 64]
stages:
  - conv_norm_act: {channels: 48, stride: 2}
  - basic: {channels: 48, attention: [{squeeze_excite: {hidden: 3}}]}
  - residual:
      merge: multiply
      body: [global_avg_pool, {linear: 12}, relu, {linear: 48}, sigmoid, {unflatten: [48, 1, 1]}]
head: [global_avg_pool, {linear: 1001}]
""",
        """\
input: [3, 64, 64]
stages:
  - conv_norm_act: 16
  - conv: {channels: 1, kernel: 1}
  - sigmoid
""",
        """\
input: [20, 64, 64]
params: {width: 1.3}
stages:
  - conv_norm_act: "make_divisible(16 * width)"
  - conv_norm_act: {channels: in_channels, groups: in_channels}
head: [global_avg_pool, {linear: 10}]
""",
        """\
inputs: {text: {shape: [64], kind: ids, range: 50257}}
stages:
  - embedding: {features: 96}
  - encoder_layer: {heads: 4}
  - linear: 50257
""",
    ),
    references=("https://docs.nvidia.com/deeplearning/performance/dl-performance-matrix-multiplication/index.html",),
    applicability="unsafe",
    includes_library=True,
    check=check,
)
