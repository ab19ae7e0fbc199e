"""SHP014: an input whose channels seem to stand last."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.ir.types import ValueType
from archspec.linter.edits import is_literal
from archspec.linter.rule import WARNING, Example, Finding, Rule
from archspec.linter.rule_context import RuleContext
from archspec.source.edits import replace_value
from archspec.source.emit_scalar import emit_value

# Grey, colour, and colour with transparency.
PICTURE_CHANNELS = (1, 3, 4)
SMALLEST_PICTURE = 8


def check(context: RuleContext) -> Iterator[Finding]:
    """Yield inputs that seem to be height, width, channels, read by an op that takes the first axis for channels."""
    for value, (name, x) in zip(context.flat.inputs, context.graph.inputs, strict=True):
        readers = [context.nodes[index] for index in context.flat.consumers[value]]
        if not _channels_last(x) or not any(node.op.requires_channels_first for node in readers):
            continue
        right = (x.shape[-1], *x.shape[:-1])
        message = f"the input {x} has {x.channels} channels and is {x.shape[-1]} wide for torch"
        hint = f"torch puts the channels first: [{', '.join(map(str, right))}]"
        tree = context.input_shape(name)
        edits = (
            ()
            if context.layout is None or not is_literal(tree)
            else replace_value(context.layout, tree, emit_value(right))
        )
        yield Finding(message, tree.span, hint=hint, edits=edits)


def _channels_last(x: ValueType) -> bool:
    """Return whether the last size of a map is a usual number of channels and the others are sizes of a picture."""
    if x.kind != "map" or len(x.shape) < 3:
        return False
    *sizes, last = x.shape
    pictures = all(isinstance(size, int) and size >= SMALLEST_PICTURE for size in sizes)
    # A last size of 1 is also that of a signal in a map ([64, 128, 1]); grey pictures are taken to be square.
    return pictures and last in PICTURE_CHANNELS and (last != 1 or sizes[0] == sizes[1])


RULE = Rule(
    code="SHP014",
    name="channels-last-input",
    severity=WARNING,
    summary="an input whose channels seem to stand last",
    why="In torch the channels of a map come first. A picture of 224 by 224 written [224, 224, 3] is taken for 224 "
    "channels on a strip 3 wide: it runs, or fails far below where the mistake is.",
    hint="Put the channels first: [3, 224, 224]. Data that has them last is permuted before it comes in.",
    bad=(
        Example(
            """\
input: [224, 224, 3]
stages:
  - conv: 64
head: [global_avg_pool, {linear: 10}]
""",
            "1:8",
        ),
        Example(
            """\
inputs:
  picture: {shape: [28, 28, 1]}
stages:
  - conv: 64
head: [global_avg_pool, {linear: 10}]
""",
            "2:20",
        ),
    ),
    good=(
        """\
input: [64, 128, 1]
stages:
  - conv: {channels: 64, kernel: [3, 1]}
head: [global_avg_pool, {linear: 10}]
""",
        """\
input: [1, 22, 1000]
stages:
  - conv: {channels: 40, kernel: [1, 25]}
head: [global_avg_pool, {linear: 4}]
""",
    ),
    applicability="unsafe",
    check=check,
)
