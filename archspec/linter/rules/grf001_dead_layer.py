"""GRF001: a layer whose output nobody reads."""

from __future__ import annotations

from collections.abc import Iterator
from weakref import WeakKeyDictionary

from msgspec import Struct

from archspec.diagnostics import Span
from archspec.ir.flat import FlatNode
from archspec.ir.graph import Body, Call, Node, Step
from archspec.linter.edits import remove_layer
from archspec.linter.rule import WARNING, Example, Finding, Rule
from archspec.linter.rule_context import RuleContext
from archspec.source.edits import NO_EDITS, Edits

HINT_OF_REPEATS = "Read each (`name.*` lists all repeats), leave it out by `when`, or start it from the one before."
MOST_SHOWN = 4
MOST_FIXED = 8  # at a time: each costs a walk through its list


def check(context: RuleContext) -> Iterator[Finding]:
    """Yield layers of the user's text that nothing reads and that are no output, at every use of them."""
    last = context.graph.body.steps[-1] if context.graph.body.steps else None
    bodies = _bodies(context.graph.body)
    uses = _uses_of(context, bodies)
    # A layer that is missing may be the reader of any other, in this body or through an export in another.
    if not all(_is_whole(context, body, use) for body, use in zip(bodies, uses, strict=True)):
        return
    if not any(use.unread for use in uses):
        return
    reported = _dead_layers(bodies, uses)
    nodes = {node.node: node for node in context.nodes} if reported else {}
    for number, (span, layer) in enumerate(reported.items()):
        step = layer.steps[0]
        if layer.is_partial:
            yield Finding(_message_of_repeats(layer), span, hint=HINT_OF_REPEATS)
            continue
        edits = _edits(context, nodes.get(step)) if isinstance(step, Node) and number < MOST_FIXED else NO_EDITS
        yield Finding(_message(context, step), span, hint=_hint(context, step is last), edits=edits)


class _DeadLayer(Struct, frozen=True):
    """The steps of one layer that nothing reads, in one body, and the number of all its steps there."""

    steps: tuple[Step, ...]
    count: int

    @property
    def is_partial(self) -> bool:
        """Whether others of its repeats are read."""
        return self.count > len(self.steps)


def _dead_layers(bodies: list[Body], uses: list[_BodyUse]) -> dict[Span, _DeadLayer]:
    """Return the dead layers by where they are written.

    A layer is judged there: if it is dead in one use of its block and read in another, it is not dead. Of a repeat,
    each turn must be read, since all turns are in the body of one use.
    """
    dead: dict[Span, _DeadLayer] = {}
    alive: set[Span] = set()
    for body, use in zip(bodies, uses, strict=True):
        unread: dict[Span, list[Step]] = {}
        read: dict[Span, int] = {}
        for step in body.steps:
            if step in use.unread and not step.origin.span.in_library:
                unread.setdefault(step.origin.span, []).append(step)
            else:
                read[step.origin.span] = read.get(step.origin.span, 0) + 1
        alive |= read.keys() - unread.keys()
        for span, steps in unread.items():
            dead.setdefault(span, _DeadLayer(tuple(steps), len(steps) + read.get(span, 0)))
    return {span: layer for span, layer in dead.items() if span not in alive}


def _bodies(body: Body) -> list[Body]:
    """Return a body and all that are called in it, each once."""
    found = {id(body): body}
    waiting = [body]
    while waiting:
        for step in waiting.pop().steps:
            if isinstance(step, Call) and id(step.body) not in found:
                found[id(step.body)] = step.body
                waiting.append(step.body)
    return list(found.values())


class _BodyUse(Struct, frozen=True):
    """The use of a body's steps within it: whether it has a placeholder for a failed layer, and its unread steps."""

    has_failed: bool
    unread: frozenset[Step]


class _BodyUses(WeakKeyDictionary[Body, _BodyUse]):
    """The uses of bodies, kept between the variants of a spec and the versions of a text, which share bodies."""


def _uses_of(context: RuleContext, bodies: list[Body]) -> list[_BodyUse]:
    known = context.cache.analysis_cache(_BodyUses)
    for body in bodies:
        if body not in known:
            has_failed = any(isinstance(step, Node) and step.failed for step in body.steps)
            known[body] = _BodyUse(has_failed, frozenset(_unread(body)))
    return [known[body] for body in bodies]


def _is_whole(context: RuleContext, body: Body, use: _BodyUse) -> bool:
    """Return whether all of a body could be lowered; if not, what is missing might read what seems unread."""
    document = context.spec.document
    declared = document.outputs
    if body is not context.graph.body:
        block = document.blocks.get(body.block)
        declared = block.outputs if block is not None else {}
    elif len(context.graph.outputs) < len(declared):
        return False
    return not use.has_failed and len(body.exports) >= len(declared) - (body is context.graph.body)


def _unread(body: Body) -> set[Step]:
    """Return the steps whose outputs are neither read nor outputs of the body, and whose weights no layer shares."""
    read = {value for step in body.steps for value in step.inputs} | set(body.outputs)
    unread = set()
    for step, first in zip(body.steps, body.starts, strict=True):
        if step.outputs and not any(value in read for value in range(first, first + len(step.outputs))):
            unread.add(step)
    if not unread:
        return unread
    # Weights that another layer shares are used, even if nothing reads what this one gives.
    lent = {path for step in body.steps for share in step.share for path in _above(share.path)}
    return {step for step in unread if step.scope not in lent}


def _above(path: str) -> list[str]:
    """Return a path and all paths that contain it."""
    return [path, *(path[:place] for place, letter in enumerate(path) if letter == ".")]


def _message(context: RuleContext, step: Step) -> str:
    name = f"{step.kind} {step.scope}" if not step.scope.split(".")[-1].isdigit() else f"this {step.kind}"
    if context.graph.outputs:
        return f"nothing reads what {name} gives, and it is none of the outputs"
    return f"nothing reads what {name} gives"


def _message_of_repeats(layer: _DeadLayer) -> str:
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
    summary="a layer whose output nobody reads",
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
    ),
    good=(
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
