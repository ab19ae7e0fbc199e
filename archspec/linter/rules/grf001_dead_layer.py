"""GRF001: a layer whose output nobody reads."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.ir.flat import FlatNode
from archspec.ir.graph import Node, Step
from archspec.linter.dead_layers import DeadLayer, find_dead_layers
from archspec.linter.edits import remove_layer
from archspec.linter.rule import WARNING, Example, Finding, Rule
from archspec.linter.rule_context import RuleContext
from archspec.source.edits import NO_EDITS, Edits

HINT_OF_REPEATS = "Read each (`name.*` lists all repeats), leave it out by `when`, or start it from the one before."
HINT_OF_INPUTS = "Name it where a layer should read it (`from:`, `concat: [...]`), or remove it."
MOST_SHOWN = 4
MOST_FIXED = 8  # at a time: each costs a walk through its list


def check(context: RuleContext) -> Iterator[Finding]:
    """Yield layers of the user's text that nothing reads and that are no output, at every use of them."""
    last = context.graph.body.steps[-1] if context.graph.body.steps else None
    dead = find_dead_layers(context)
    reported = dead.reported if dead is not None else {}
    nodes = {node.node: node for node in context.nodes} if reported else {}
    for number, (span, layer) in enumerate(reported.items()):
        step = layer.steps[0]
        if layer.is_partial:
            yield Finding(_message_of_repeats(layer), span, hint=HINT_OF_REPEATS)
            continue
        edits = _edits(context, nodes.get(step)) if isinstance(step, Node) and number < MOST_FIXED else NO_EDITS
        yield Finding(_message(context, step), span, hint=_hint(context, step is last), edits=edits)
    if dead is not None:
        yield from _unread_inputs(context)


def _unread_inputs(context: RuleContext) -> Iterator[Finding]:
    """Yield inputs of the network that no layer reads; only the first is read without its name."""
    body, declared = context.graph.body, context.spec.document.inputs or {}
    read = {value for step in body.steps for value in step.inputs} | set(body.outputs)
    for value, (name, _) in enumerate(context.graph.inputs):
        if value not in read and name in declared:
            yield Finding(f"nothing reads the input {name}", declared[name].span, hint=HINT_OF_INPUTS)


def _message(context: RuleContext, step: Step) -> str:
    name = f"{step.kind} {step.scope}" if not step.scope.split(".")[-1].isdigit() else f"this {step.kind}"
    if context.graph.outputs:
        return f"nothing reads what {name} gives, and it is none of the outputs"
    return f"nothing reads what {name} gives"


def _message_of_repeats(layer: DeadLayer) -> str:
    paths = [step.scope for step in layer.steps]
    shown = ", ".join(paths[:MOST_SHOWN]) + (f" and {len(paths) - MOST_SHOWN} more" if len(paths) > MOST_SHOWN else "")
    return f"nothing reads what {layer.steps[0].kind} gives in {len(paths)} of its {layer.count} repeats: {shown}"


def _hint(context: RuleContext, last: bool) -> str:
    if last and context.graph.outputs:
        return "list it as well, `outputs: {result: prev}`, or remove what leads to no output"
    return ""


def _edits(context: RuleContext, node: FlatNode | None) -> Edits:
    """Return the edit that removes an op whose inputs have other readers; otherwise their makers would be dead next."""
    if node is None or any(len(context.flat.consumers[value]) < 2 for value in node.inputs if value is not None):
        return NO_EDITS
    return remove_layer(context, node)


RULE = Rule(
    code="GRF001",
    name="dead-layer",
    severity=WARNING,
    summary="a layer or an input that nobody reads",
    why="It costs time and memory, its weights never get a gradient (torch's DistributedDataParallel refuses such), "
    "and a connection that was meant is missing.",
    hint="Read it with `from:`, name it under `outputs:`, or remove the layer.",
    bad=(
        Example(
            """\
input: [3, 64, 64]
stages:
  - conv_norm_act: {name: stem, channels: 16}
  - conv: {name: skip, channels: 32, from: stem}
  - conv: {name: body, channels: 32, from: stem}
head: [global_avg_pool, {linear: 10}]
""",
            "4:5",
        ),
        Example(
            """\
input: [3, 64, 64]
stages:
  - conv: {name: enc, channels: 16}
  - conv: {name: mask, channels: 2, kernel: 1}
outputs: {features: enc}
""",
            "4:5",
        ),
        Example(
            """\
input: [3, 64, 64]
stages:
  - conv: {name: stem, channels: 16}
  - double_conv: {name: left, channels: 32, from: stem}
  - double_conv: {name: right, channels: 32, from: stem}
head: [global_avg_pool, {linear: 10}]
""",
            "4:5",
        ),
        Example(
            """\
input: [3, 64, 64]
stages:
  - conv: {name: "level${index}", channels: 16, repeat: 3, stride: 2}
  - conv: {name: "side${index}", channels: 8, kernel: 1, repeat: 3, from: "level${index}"}
head: [global_avg_pool, {linear: 10}]
""",
            "4:5",
        ),
        Example(
            """\
inputs: {left: [3, 64, 64], right: [3, 64, 64]}
stages: [{conv: 16}]
head: [global_avg_pool, {linear: 10}]
""",
            "1:36",
        ),
    ),
    good=(
        """\
inputs: {left: [3, 64, 64], right: [3, 64, 64]}
stages: [{concat: [left, right]}, {conv: 16}]
head: [global_avg_pool, {linear: 10}]
""",
        """\
input: [3, 64, 64]
blocks:
  with_skip:
    params: {channels: int}
    body:
      - conv: {name: wide, channels: channels}
      - max_pool: 2
    outputs: {skip: wide}
stages:
  - with_skip: {name: a, channels: 16}
  - with_skip: {name: b, channels: 32}
  - conv_transpose: {channels: 16, stride: 2}
  - concat: [b.skip, prev]
""",
        """\
input: [16, 64, 64]
stages:
  - split: {name: parts, parts: 2}
  - conv: {channels: 8, from: "parts[0]"}
head: [global_avg_pool, {linear: 10}]
""",
        """\
input: [16, 64, 64]
stages:
  - conv: {name: lender, channels: 16}
  - conv: {channels: 16, from: input, share: lender}
""",
        """\
input: [3, 224, 224]
stages:
  - conv: {name: c1, channels: 16, stride: 2}
  - conv: {name: c2, channels: 32, stride: 2}
outputs: {fine: c1, coarse: c2}
""",
        """\
input: [3, 64, 64]
stages:
  - conv: {name: "level${index}", channels: 16, repeat: 3}
  - conv: {name: "side${index}", channels: 8, kernel: 1, repeat: 3, from: "level${index}"}
  - concat: [side0, side1, side2]
head: [global_avg_pool, {linear: 10}]
""",
    ),
    references=("https://pytorch.org/docs/stable/generated/torch.nn.parallel.DistributedDataParallel.html",),
    applicability="unsafe",
    check=check,
)
