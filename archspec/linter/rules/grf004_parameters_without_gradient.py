"""GRF004: parameters that no output depends on, although something reads what their layer gives."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field

from archspec.diagnostics import Cause, Span
from archspec.ir.flat import FlatNode
from archspec.ir.graph import Step, enclosing_paths, join
from archspec.linter.dead_layers import DeadLayers, find_dead_layers
from archspec.linter.rule import WARNING, Example, Finding, Rule
from archspec.linter.rule_context import RuleContext

HINT_OF_SHAPES = "Give `like` a value that is needed anyway, or read this one too; only its size is used."
SHOWN = 2


def check(context: RuleContext) -> Iterator[Finding]:
    """Yield the places where values end that parameters lead to, unless GRF001 reports them."""
    if any(d.is_error for d in context.diagnostics):
        return
    useless = _useless_nodes(context)
    if not useless:
        return
    dead = find_dead_layers(context)
    if dead is None:
        return
    lost = _lost_keys(context, useless)
    for end in _ends(context, useless, dead).values():
        keys = [key for node in reversed(end.leading) for key in lost[node.index]]
        if keys:
            yield _finding(context, end, keys)


def _useless_nodes(context: RuleContext) -> dict[int, FlatNode]:
    """Return the ops that no number of an output depends on, by index, the last one first."""
    needed: set[int | None] = set(context.flat.outputs)
    useless = {}
    for node in reversed(context.nodes):
        if needed.isdisjoint(node.outputs):
            useless[node.index] = node
        else:
            needed.update(_numbers_read(node))
    return useless


def _numbers_read(node: FlatNode) -> tuple[int | None, ...]:
    """Return the values whose numbers an op reads, not only their size: those that get a gradient from it."""
    ports = node.op.ports
    if not any(port.shape_only for port in ports):
        return node.inputs
    return tuple(value for port, value in zip(ports, node.inputs, strict=False) if not port.shape_only)


class _End(Struct):
    """The first of the ops at one place of the text that nothing reads, and all ops that lead to that place alone."""

    last: FlatNode
    leading: list[FlatNode] = field(default_factory=list)


def _ends(context: RuleContext, useless: dict[int, FlatNode], dead: DeadLayers) -> dict[Span, _End]:
    """Return the ends of useless values by place, without those that are in layers of GRF001 or lead to them alone."""
    ends: dict[Span, _End] = {}
    places: dict[int, Span | None] = {}  # where the values of each op end; None: at a layer of GRF001
    for node in useless.values():
        readers = {index for value in node.outputs for index in context.flat.consumers[value]
                   if value in _numbers_read(context.nodes[index])}  # fmt: skip
        found = [places[index] for index in sorted(readers)]
        if _is_reported(node, dead) or (found and not any(found)):
            places[node.index] = None
            continue
        place = next((span for span in found if span is not None), None) or _place(context, node)
        places[node.index] = place
        ends.setdefault(place, _End(node)).leading.append(node)
    return ends


def _is_reported(node: FlatNode, dead: DeadLayers) -> bool:
    return any(step in dead.unread and step.origin.span in dead.reported for step in _steps(node))


def _place(context: RuleContext, node: FlatNode) -> Span:
    """Return the place of an op in the text of the design: that of a call whose layers are in another file."""
    body = context.graph.body.span
    spans = [node.node.origin.span, *(call.origin.span for call in reversed(node.calls))]
    return next((span for span in spans if body is None or span.file == body.file), spans[-1])


def _lost_keys(context: RuleContext, useless: dict[int, FlatNode]) -> dict[int, list[str]]:
    """Return the keys of the parameters of useless ops, without those that another op needs as well (`share`)."""
    lent = _lent_tensors(context, useless)
    lost = {}
    for node in useless.values():
        # What a layer shares belongs to the other one.
        borrowed = {share.tensor for step in _steps(node) for share in step.share}
        prefix = node.path.removesuffix(node.node.scope).removesuffix(".")
        lost[node.index] = [
            join(prefix, node.node.key_of(tensor.name))
            for tensor in node.op.tensors(context.flat.input_types(node))
            if tensor.role == "parameter"
            and borrowed.isdisjoint(("", tensor.name))
            and lent.isdisjoint(enclosing_paths(join(node.path, tensor.name)))
        ]
    return lost


def _steps(node: FlatNode) -> tuple[Step, ...]:
    return (*node.calls, node.node)


def _lent_tensors(context: RuleContext, useless: dict[int, FlatNode]) -> set[str]:
    """Return the paths of layers, and of single tensors, from which ops that are not useless take their weights."""
    lent: set[str] = set()
    for node in context.nodes:
        prefix = ""
        for step in _steps(node) if node.index not in useless else ():
            lent.update(join(prefix, share.path, share.theirs) for share in step.share)
            prefix = join(prefix, step.scope)
    return lent


def _finding(context: RuleContext, end: _End, keys: list[str]) -> Finding:
    node = end.last
    many = len(keys) > SHOWN
    names = f"{len(keys)} parameters, {keys[0]} to {keys[-1]}," if many else " and ".join(keys)
    verb = "get" if len(keys) > 1 else "gets"
    read = [context.nodes[index] for value in node.outputs for index in context.flat.consumers[value]]
    if read:
        why = f"only the size of what {node.kind} {node.path} gives is read"
    else:
        why = f"what {node.kind} {node.path} gives is never read"
    causes = tuple(Cause(f"{call.kind} is used here", call.origin.span) for call in reversed(node.calls))
    causes = tuple(cause for cause in causes if cause.span is not None and not cause.span.in_library)
    place = _place(context, node)
    shown = tuple(cause for cause in causes if cause.span != place)
    return Finding(f"{names} {verb} no gradient: {why}", place, hint=HINT_OF_SHAPES if read else "", causes=shown)


RULE = Rule(
    code="GRF004",
    name="parameters-without-gradient",
    severity=WARNING,
    summary="parameters that no output depends on",
    why="They cost memory and time, keep their initial values, and make torch's DistributedDataParallel stop. Other "
    "than in GRF001 the layer seems to be read: by `like`, which takes the size alone, or by `outputs` of a block that "
    "no call reads; or it is the head of a network of which inner values are read alone.",
    hint="Read the value, or leave out the layers that lead to it: by `when`, or by a spec without that head.",
    bad=(
        Example(
            """\
input: [3, 64, 64]
stages:
  - conv: {name: enc, channels: 16, stride: 2}
  - conv: {name: size, channels: 16, stride: 4, from: input}
  - resize: {from: {x: enc, like: size}}
head: [global_avg_pool, {linear: 10}]
""",
            "4:5",
        ),
        Example(
            """\
input: [3, 64, 64]
blocks:
  two_heads:
    params: {channels: int}
    body:
      - conv: {name: wide, channels: channels}
      - conv: {name: side, channels: 4, kernel: 1, from: wide}
      - max_pool: {kernel: 2, from: wide}
    outputs: {side: side}
stages:
  - two_heads: {name: a, channels: 16}
  - two_heads: {name: b, channels: 32}
  - global_avg_pool: {from: a.side, name: pooled}
  - global_avg_pool: {from: b}
  - concat: [pooled, prev]
""",
            "7:9",
        ),
    ),
    good=(
        """\
input: [3, 64, 64]
stages:
  - conv: {name: enc, channels: 16, stride: 2}
  - resize: {from: {x: enc, like: input}}
head: [global_avg_pool, {linear: 10}]
""",
        """\
input: [3, 64, 64]
stages:
  - conv: {name: enc, channels: 16, stride: 2}
  - conv: {name: aux, channels: 10, kernel: 1, from: enc}
  - conv: {name: main, channels: 10, from: enc}
outputs: {scores: main, auxiliary: aux}
""",
    ),
    references=("https://pytorch.org/docs/stable/generated/torch.nn.parallel.DistributedDataParallel.html",),
    check=check,
)
