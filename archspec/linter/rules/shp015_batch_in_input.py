"""SHP015: an input whose first size seems to be the batch."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.ir.flat import FlatNode
from archspec.ir.types import ValueType
from archspec.linter.edits import is_literal
from archspec.linter.rule import WARNING, Example, Finding, Rule
from archspec.linter.rule_context import RuleContext
from archspec.source.edits import NO_EDITS, replace_value
from archspec.source.emit_scalar import emit_value

SMALLEST_PICTURE = 8


def check(context: RuleContext) -> Iterator[Finding]:
    """Yield inputs of four sizes that seem to be batch, channels, height, width, unless a layer has a 3-D kernel."""
    if context.last_failure >= 0:  # a layer that failed may have had a 3-D kernel
        return
    for value, (name, x) in zip(context.flat.inputs, context.graph.inputs, strict=True):
        if not _has_batch(x) or any(_has_volume_kernel(context.nodes[i]) for i in context.flat.consumers[value]):
            continue
        tree = context.input_shape(name)
        edits = NO_EDITS
        if context.layout is not None and is_literal(tree):
            edits = replace_value(context.layout, tree, emit_value(x.shape[1:]))
        hint = f"a shape has no batch: write [{', '.join(map(str, x.shape[1:]))}]"
        message = f"the input {x} is a volume of depth {x.shape[1]} with {x.shape[0]} channels, so all layers are 3-D"
        yield Finding(message, tree.span, hint=hint, edits=edits)


def _has_batch(x: ValueType) -> bool:
    """Return whether the second of four sizes is a usual number of channels of a picture, and the first is not."""
    if x.kind != "map" or len(x.shape) != 4:
        return False
    batch, channels, *sizes = x.shape
    if not all(isinstance(size, int) and size >= SMALLEST_PICTURE for size in sizes):
        return False
    # [3, 4, H, W] may be four frames in colour, [1, 4, H, W] four slices.
    return (channels in (1, 3) and batch != 3) or (channels == 4 and batch not in (1, 3, 4))


def _has_volume_kernel(node: FlatNode) -> bool:
    kernel = getattr(node.op, "kernel", None)
    return isinstance(kernel, tuple) and len(set(kernel)) > 1


RULE = Rule(
    code="SHP015",
    name="batch-in-input",
    severity=WARNING,
    summary="an input whose first size seems to be the batch",
    why="The shape of an input leaves the batch out: the module takes any. [32, 3, 224, 224] is a volume with 32"
    " channels and 3 slices, and every convolution and pool over it has three axes.",
    hint="Leave the batch out: [3, 224, 224].",
    bad=(
        Example(
            """\
input: [32, 3, 224, 224]
stages:
  - conv: 64
head: [global_avg_pool, {linear: 10}]
""",
            "1:8",
        ),
        Example(
            """\
inputs:
  picture: {shape: [1, 1, 28, 28]}
stages:
  - conv: 64
head: [global_avg_pool, {linear: 10}]
""",
            "2:20",
        ),
    ),
    good=(
        """\
input: [3, 224, 224]
stages:
  - conv: 64
head: [global_avg_pool, {linear: 10}]
""",
        """\
input: [3, 16, 112, 112]
stages:
  - conv: {channels: 64, kernel: [1, 7, 7]}
head: [global_avg_pool, {linear: 10}]
""",
        """\
input: [16, 3, 112, 112]
stages:
  - conv: {channels: 64, kernel: [1, 7, 7]}
head: [global_avg_pool, {linear: 10}]
""",
    ),
    applicability="unsafe",
    check=check,
)
