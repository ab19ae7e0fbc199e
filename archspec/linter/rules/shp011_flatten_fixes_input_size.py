"""SHP011: a flatten that ties a network to one input size."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.ir.flat import FlatNode
from archspec.linter.edits import insert_before
from archspec.linter.rule import WARNING, Example, Finding, Rule
from archspec.linter.rule_context import RuleContext

ONE_SIZE_ANYWAY = 96  # MNIST, CIFAR, STL-10 and an Atari's screen are all of one size; photographs are not


def check(context: RuleContext) -> Iterator[Finding]:
    """Yield flattens of maps larger than 1x1 into a linear layer that alone fixes the input's size."""
    if all(x.known and max(_sizes(x.shape)) <= ONE_SIZE_ANYWAY for _, x in context.graph.inputs):
        return
    constraints = context.size_constraints
    if constraints is None:
        return
    # By identity: the pins hold the very nodes of the Graph, and an equal layer elsewhere may pin nothing.
    pinned = {id(node) for nodes in constraints.body.pins.values() for node in nodes}
    takers = [node for node in context.nodes if id(node.node) in pinned]
    if any(context.input_type(node).kind != "vector" for node in takers):
        return  # learned positions fix the size in any case
    reported: set[int] = set()
    for node in takers:
        flatten = _flatten_before(context, node) if node.kind == "linear" else None
        if flatten is None or flatten.index in reported:
            continue
        reported.add(flatten.index)
        x = context.input_type(flatten)
        pool = [int(size) for size in x.spatial if isinstance(size, int)]
        edits = insert_before(context, flatten, {"adaptive_avg_pool": pool})
        message = (
            f"flatten of {x} lets the network work at this input size alone: linear has {_product(x.shape)} inputs"
        )
        yield Finding(message, flatten, edits=edits)


def _sizes(shape: tuple[object, ...]) -> list[int]:
    return [size for size in shape[1:] if isinstance(size, int)] or [0]


def _product(shape: tuple[object, ...]) -> str:
    return "·".join(map(str, shape))


def _flatten_before(context: RuleContext, node: FlatNode) -> FlatNode | None:
    """Return the flatten of a map larger than 1x1 that makes a vector, looking through layers that keep its shape."""
    before = context.predecessor(node)
    while before is not None and before.kind != "flatten" and context.input_type(before).kind == "vector":
        before = context.predecessor(before)
    if before is None or before.kind != "flatten":
        return None
    x = context.input_type(before)
    return before if x.kind == "map" and any(size != 1 for size in x.spatial) else None


RULE = Rule(
    code="SHP011",
    name="flatten-fixes-input-size",
    severity=WARNING,
    summary="a flatten fixes the input size",
    why=(
        "A linear layer after flatten has one weight for each position of the map, so the network takes pictures of "
        "one size only. That is as it should be for small pictures that all have one size (up to 96 a side nothing is "
        "said), but photographs come in many: adaptive pooling before the flatten, as in torchvision's AlexNet and "
        "VGG, gives the same result at this size and works at others too."
    ),
    hint="Put adaptive_avg_pool with the map's present size before flatten, or global_avg_pool in its place.",
    applicability="unsafe",
    bad=(
        Example(
            """\
input: [3, 224, 224]
stages:
  - conv: {channels: 16, stride: 4}
  - relu
  - max_pool: 8
head:
  - flatten
  - linear: 10
""",
            "7:5",
        ),
    ),
    good=(
        """\
input: [3, 224, 224]
stages:
  - conv: {channels: 16, stride: 4}
  - relu
  - max_pool: 8
head:
  - adaptive_avg_pool: 7
  - flatten
  - linear: 10
""",
        """\
name: lenet
input: [1, 32, 32]
stages:
  - conv: {channels: 6, kernel: 5, padding: 0}
  - tanh
  - avg_pool: 2
  - conv: {channels: 16, kernel: 5, padding: 0}
  - tanh
  - avg_pool: 2
head: [flatten, linear: 120, tanh, linear: 84, tanh, linear: 10]
""",
        """\
input: [3, 224, 224]
stages:
  - conv: {channels: 16, stride: 4}
  - relu
head: [adaptive_avg_pool: 1, flatten, linear: 10]
""",
    ),
    references=("https://arxiv.org/abs/1409.1556",),
    check=check,
)
