"""The shape rules of a Graph run again with input axes left free: what must hold of them, and what is only lossy."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from archspec.ir.graph import Body, Graph, Node
from archspec.ir.sizes import Condition, PeriodTooLong, Size, at_least, equal
from archspec.ir.types import UNKNOWN, ValueType
from archspec.ops._merge import Merge
from archspec.ops._pool import Pool
from archspec.ops.base import Op, ShapeError
from archspec.ops.conv import Conv
from archspec.ops.gate import Gate

MOST_WORK = 400_000  # entries of tables; a ResNet-152 makes some 20,000

LONG = 256  # entries of tables above which what an op makes of them is not remembered

Types = tuple[ValueType, ...]
Conditions = tuple[bool | Condition, ...]


def inferred(op: Op, inputs: Types) -> tuple[Types, Conditions]:
    """What an op makes of inputs whose sizes are free, and what it asks of them."""
    entries = sum(size.period for x in inputs for size in x.shape if isinstance(size, Size))
    return _inferred(op, inputs) if entries > LONG else _remembered(op, inputs)


def _inferred(op: Op, inputs: Types) -> tuple[Types, Conditions]:
    asked: list[bool | Condition] = []
    outputs = op.infer(inputs, lambda condition, error: asked.append(condition))
    return outputs, tuple(asked)


@lru_cache(maxsize=1024)
def _remembered(op: Op, inputs: Types) -> tuple[Types, Conditions]:
    """The same for variants, and for a text that is being written: most of their layers are as they were."""
    return _inferred(op, inputs)


class TooMuch(Exception):
    """The tables together would be more work than the answer is worth."""


@dataclass(slots=True, eq=False)
class Rerun:
    """What a Graph asks of its free axes. A body called twice on the same types is run once.

    `thorough` runs what no free axis reaches too, as a Graph with failures needs.
    """

    thorough: bool = False
    needed: dict[Condition, Node] = field(default_factory=dict)  # the first op that asks for it
    pins: dict[Condition, list[Node]] = field(default_factory=dict)
    lossless: dict[Condition, None] = field(default_factory=dict)
    impossible: list[Node] = field(default_factory=list)  # whatever the free sizes are
    apart: list[Node] = field(default_factory=list)  # what is baked into them is something else
    inexact: bool = False  # a rule that free sizes cannot express: the conditions say too little or too much
    outputs: Types = ()
    _bodies: dict[tuple[int, Types], Types] = field(default_factory=dict)
    _work: int = 0

    def body(self, body: Body, given: Types) -> Types:
        """The types of a body's outputs for these inputs."""
        if given == body.inputs and not self.thorough:
            return body.output_types
        key = (id(body), given)
        found = self._bodies.get(key)
        if found is None:
            found = self._bodies[key] = self._run(body, given)
        return found

    def _run(self, body: Body, given: Types) -> Types:
        values = list(given)
        for step in body.steps:
            inputs = tuple([UNKNOWN if v is None else values[v] for v in step.inputs])
            if isinstance(step, Node):
                values.extend(self._node(step, inputs, body))
            else:
                values.extend(self.body(step.body, inputs))
        return tuple([values[v] for v in body.outputs])

    def _node(self, node: Node, inputs: Types, body: Body) -> Types:
        if any(v is not None and not x.known for v, x in zip(node.inputs, inputs, strict=True)):
            return (UNKNOWN,) * len(node.outputs)
        if not all(x.known for x in node.outputs):
            return node.outputs
        declared = body.input_types(node)
        if inputs == declared and not self.thorough:
            return node.outputs
        try:
            outputs, asked = inferred(node.op, inputs)
        except ShapeError:
            self._fails(node, inputs)
            return node.outputs
        except PeriodTooLong:
            self.inexact = True
            return node.outputs
        self._keep(node, asked)
        self._count(outputs)
        self._pin(node, inputs, declared)
        if isinstance(node.op, (Conv, Pool)):
            self._reach(node.op, inputs[0], outputs[0])
        return outputs

    def _keep(self, node: Node, asked: Conditions) -> None:
        """What an op needs; of one that fails at any size, because of its channels say, the sizes do not matter."""
        if False in asked:
            self.impossible.append(node)
            return
        conditions = [condition for condition in asked if isinstance(condition, Condition)]
        for condition in conditions:
            self.needed.setdefault(condition, node)
        stretches = node.op.broadcast if isinstance(node.op, Merge) else isinstance(node.op, Gate)
        if conditions and stretches:
            self.inexact = True  # an axis that is 1 at some sizes alone would do as well

    def _fails(self, node: Node, inputs: Types) -> None:
        free = any(not isinstance(size, int) for x in inputs for size in x.shape)
        self.inexact = self.inexact or free
        self.impossible.append(node)

    def _count(self, outputs: Types) -> None:
        """Give up where the tables grow beyond use."""
        self._work += sum(size.period for x in outputs for size in x.shape if isinstance(size, Size))
        if self._work > MOST_WORK:
            raise TooMuch

    def _pin(self, node: Node, inputs: Types, declared: Types) -> None:
        """Keep what a built module bakes in."""
        for size, fixed in zip(node.op.pinned(inputs), node.op.pinned(declared), strict=True):
            if size == fixed:
                continue
            condition = equal(size, fixed)
            if isinstance(condition, Condition):
                self.pins.setdefault(condition, []).append(node)
            else:
                self.apart.append(node)

    def _reach(self, op: Conv | Pool, x: ValueType, y: ValueType) -> None:
        """Keep that a strided window reaches the last pixels; one smaller than its stride skips pixels by design."""
        for size, count, (before, _), kernel, stride, dilation in zip(
            x.spatial, y.spatial, *op.geometry(len(x.spatial)), strict=True
        ):
            extent = dilation * (kernel - 1) + 1
            if stride == 1 or extent < stride or isinstance(size, int):
                continue
            condition = at_least((count - 1) * stride + (extent - before), size)
            if isinstance(condition, Condition):
                self.lossless[condition] = None


def rerun(graph: Graph, inputs: Types, thorough: bool = False) -> Rerun:
    """Run a Graph's shape rules on other input types, some of their sizes free."""
    found = Rerun(thorough)
    found.outputs = found.body(graph.body, inputs)
    return found
