"""The shape rules of a Graph run again with input axes left free: what must hold of them, and what is only lossy."""

from __future__ import annotations

from functools import lru_cache
from weakref import WeakKeyDictionary

from msgspec import Struct, field

from archspec.ir.graph import Body, Graph, Node
from archspec.ir.op import Op, ShapeError
from archspec.ir.sizes import Condition, PeriodTooLong, Size, at_least, equal
from archspec.ir.types import UNKNOWN, ValueType
from archspec.ops._merge import Merge
from archspec.ops._window_pooling import Pool
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


class Asking(Struct, eq=False):
    """What the steps of a body, those of the bodies that it calls among them, ask of the free axes."""

    needed: dict[Condition, Node] = field(default_factory=dict)  # the first op that asks for it
    pins: dict[Condition, dict[Node, None]] = field(default_factory=dict)
    lossless: dict[Condition, None] = field(default_factory=dict)
    impossible: dict[Node, None] = field(default_factory=dict)  # whatever the free sizes are
    apart: dict[Node, None] = field(default_factory=dict)  # what is baked into them is something else
    inexact: bool = False  # a rule that free sizes cannot express: the conditions say too little or too much
    outputs: Types = ()
    work: int = 0  # entries of tables

    def include(self, inner: Asking) -> None:
        """Ask for what a body that is called here asks for, too."""
        for condition, node in inner.needed.items():
            self.needed.setdefault(condition, node)
        for condition, nodes in inner.pins.items():
            self.pins.setdefault(condition, {}).update(nodes)
        self.lossless.update(inner.lossless)
        self.impossible.update(inner.impossible)
        self.apart.update(inner.apart)
        self.inexact = self.inexact or inner.inexact
        self.count(inner.work)

    def count(self, entries: int) -> None:
        """Give up where the tables grow beyond use."""
        self.work += entries
        if self.work > MOST_WORK:
            raise TooMuch


class Reruns(WeakKeyDictionary[Body, dict[tuple[Types, bool], Asking]]):
    """What bodies ask of inputs whose sizes are free, for as long as somebody else keeps the bodies."""


class _Runner(Struct, frozen=True):
    """Runs bodies again. `thorough` runs what no free axis reaches too, as a Graph with failures needs."""

    thorough: bool
    kept: Reruns

    def asking(self, body: Body, given: Types) -> Asking:
        """What a body asks of these inputs; it is run once for all its calls."""
        kept = self.kept.setdefault(body, {})
        key = (given, self.thorough)
        found = kept.get(key)
        if found is None:
            found = kept[key] = self.run(body, given)
        return found

    def run(self, body: Body, given: Types) -> Asking:
        """The same, worked out."""
        found = Asking()
        values = list(given)
        included: set[Asking] = set()
        for step in body.steps:
            inputs = tuple([UNKNOWN if v is None else values[v] for v in step.inputs])
            if isinstance(step, Node):
                values.extend(self._node(step, inputs, body, found))
            elif inputs == step.body.inputs and not self.thorough:
                values.extend(step.body.output_types)
            else:
                inner = self.asking(step.body, inputs)
                if inner not in included:
                    included.add(inner)
                    found.include(inner)
                values.extend(inner.outputs)
        found.outputs = tuple([values[v] for v in body.outputs])
        return found

    def _node(self, node: Node, inputs: Types, body: Body, found: Asking) -> Types:
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
            _fails(node, inputs, found)
            return node.outputs
        except PeriodTooLong:
            found.inexact = True
            return node.outputs
        _keep(node, asked, found)
        found.count(sum(size.period for x in outputs for size in x.shape if isinstance(size, Size)))
        _pin(node, inputs, declared, found)
        if isinstance(node.op, (Conv, Pool)):
            _reach(node.op, inputs[0], outputs[0], found)
        return outputs


def _keep(node: Node, asked: Conditions, found: Asking) -> None:
    """What an op needs; of one that fails at any size, because of its channels say, the sizes do not matter."""
    if False in asked:
        found.impossible[node] = None
        return
    conditions = [condition for condition in asked if isinstance(condition, Condition)]
    for condition in conditions:
        found.needed.setdefault(condition, node)
    stretches = node.op.broadcast if isinstance(node.op, Merge) else isinstance(node.op, Gate)
    if conditions and stretches:
        found.inexact = True  # an axis that is 1 at some sizes alone would do as well


def _fails(node: Node, inputs: Types, found: Asking) -> None:
    free = any(not isinstance(size, int) for x in inputs for size in x.shape)
    found.inexact = found.inexact or free
    found.impossible[node] = None


def _pin(node: Node, inputs: Types, declared: Types, found: Asking) -> None:
    """Keep what a built module bakes in."""
    for size, fixed in zip(node.op.pinned(inputs), node.op.pinned(declared), strict=True):
        if size == fixed:
            continue
        condition = equal(size, fixed)
        if isinstance(condition, Condition):
            found.pins.setdefault(condition, {})[node] = None
        else:
            found.apart[node] = None


def _reach(op: Conv | Pool, x: ValueType, y: ValueType, found: Asking) -> None:
    """Keep that a strided window reaches the last pixels; one smaller than its stride skips pixels by design."""
    for size, count, (before, _), kernel, stride, dilation in zip(
        x.spatial, y.spatial, *op.geometry(len(x.spatial)), strict=True
    ):
        extent = dilation * (kernel - 1) + 1
        if stride == 1 or extent < stride or isinstance(size, int):
            continue
        condition = at_least((count - 1) * stride + (extent - before), size)
        if isinstance(condition, Condition):
            found.lossless[condition] = None


def rerun(graph: Graph, inputs: Types, thorough: bool = False, kept: Reruns | None = None) -> Asking:
    """Run a Graph's shape rules on other input types, some of their sizes free; `kept` saves running bodies again."""
    if inputs == graph.body.inputs and not thorough:
        return Asking(outputs=graph.body.output_types)
    return _Runner(thorough, Reruns() if kept is None else kept).run(graph.body, inputs)
