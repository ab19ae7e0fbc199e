"""What becomes one box: a stage, a block with the loose ops between blocks, or an op; and which blocks are the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from archspec.ir.flat import Flat
from archspec.ir.graph import Call, Graph, Section, Step
from archspec.views.flows import top_of


@dataclass(frozen=True, slots=True)
class Group:
    """Ops that are drawn as one box; `steps` are those of the network's body, and `single` a block on its own."""

    path: str
    title: str
    about: str
    steps: tuple[Step, ...]
    ops: tuple[int, ...]
    cluster: str = ""

    @property
    def single(self) -> Call | None:
        """The block, where the group is one."""
        step = self.steps[0] if len(self.steps) == 1 else None
        return step if isinstance(step, Call) else None


def groups_of(graph: Graph, flat: Flat, level: str) -> tuple[Group, ...]:
    """The groups at a level, in order of execution."""
    if level == "op":
        return tuple(_op_groups(flat))
    ops: dict[int, list[int]] = {}
    for node in flat.nodes:
        ops.setdefault(id(top_of(node)), []).append(node.index)
    return tuple(
        Group(path, title, made_of(steps), steps, tuple(op for step in steps for op in ops[id(step)]), cluster)
        for path, title, cluster, steps in _divided(graph, level)
    )


def _op_groups(flat: Flat) -> Iterator[Group]:
    for node in flat.nodes:
        cluster = top_of(node).scope if node.calls else ""
        about = "?" if node.node.failed else node.kind
        yield Group(node.path, node.path, about, (node.node,), (node.index,), cluster)


def _divided(graph: Graph, level: str) -> Iterator[tuple[str, str, str, tuple[Step, ...]]]:
    """The path, title, cluster and steps of each group at stage or block level."""
    for section in graph.sections:
        steps = graph.body.steps[section.first : section.last]
        if level == "stage":
            yield section.name, section.name, "", steps
        else:
            yield from _blocks(section, steps)


def _blocks(section: Section, steps: tuple[Step, ...]) -> Iterator[tuple[str, str, str, tuple[Step, ...]]]:
    """Every block of a section is one group, and so are loose ops that follow one another."""
    runs = list(_runs(steps))
    cluster = section.name if len(runs) > 1 else ""
    for run in runs:
        if len(run) == 1:
            yield run[0].scope, run[0].scope, cluster, run
        elif len(runs) == 1:
            yield run[0].scope, section.name, "", run
        else:
            yield run[0].scope, f"{run[0].scope} … {run[-1].scope}", cluster, run


def _runs(steps: tuple[Step, ...]) -> Iterator[tuple[Step, ...]]:
    for is_call, run in groupby(steps, key=lambda step: isinstance(step, Call)):
        if is_call:
            yield from ((step,) for step in run)
        else:
            yield tuple(run)


def made_of(steps: tuple[Step, ...]) -> str:
    """What a group is made of: `bottleneck ×3`, `conv, batch_norm, relu`, `conv + 7 more`; what a block grows by."""
    if len(steps) == 1 and isinstance(steps[0], Call):
        return steps[0].kind + _growth(steps[0])
    runs = [(kind, len(list(run))) for kind, run in groupby(_kind(step) for step in steps)]
    shown = [kind + (f" ×{count}" if count > 1 else "") for kind, count in runs]
    return ", ".join(shown) if len(shown) <= 4 else f"{shown[0]} + {len(steps) - runs[0][1]} more"


def _growth(call: Call) -> str:
    """Of a dense block, whose layers all add as many channels: how many layers, and by how much each grows."""
    body = call.body
    if len(body.steps) < 2 or {step.kind for step in body.steps} != {body.steps[0].kind}:
        return ""
    layers = [step for step in body.steps if isinstance(step, Call)]
    if len(layers) != len(body.steps) or not all(grows(layer) for layer in layers):
        return ""
    added = {layer.outputs[0].channels - body.input_types(layer)[0].channels for layer in layers}
    each = f", each +{added.pop()} channels" if len(added) == 1 else ""
    return f"\n{layers[0].kind} ×{len(layers)}{each}"


def grows(call: Call) -> bool:
    """Whether a block ends by joining what it was given to what it made of it."""
    last = call.body.steps[-1]
    return last.kind == "concat" and 0 in last.inputs and call.outputs[0].known


def _kind(step: Step) -> str:
    return "?" if not isinstance(step, Call) and step.failed else step.kind


def same(one: Group, other: Group) -> bool:
    """Whether two groups are the same block, called alike."""
    a, b = one.single, other.single
    if a is None or b is None or one.cluster != other.cluster:
        return False
    return a.body is b.body and a.arguments == b.arguments and a.share == b.share
