"""Run the shape rules of a Graph again with free input axes, and collect the conditions that they must meet."""

from __future__ import annotations

from functools import lru_cache
from weakref import WeakKeyDictionary

from msgspec import Struct, field

from archspec.ir.graph import Body, Graph, Node
from archspec.ir.op import Op, ShapeError
from archspec.ir.sizes import Condition, PeriodTooLong, Size, at_least, equal
from archspec.ir.types import UNKNOWN, ValueType

MOST_WORK = 400_000  # entries of tables; a ResNet-152 makes some 20,000

LONG = 256  # entries of an op's input tables above which its result is not cached

ValueTypes = tuple[ValueType, ...]
Conditions = tuple[bool | Condition, ...]


def infer_with_conditions(op: Op, inputs: ValueTypes) -> tuple[ValueTypes, Conditions]:
    """Return the output types of an op for inputs with free sizes, and the conditions that its shape rule checks."""
    entries = sum(size.period for x in inputs for size in x.shape if isinstance(size, Size))
    return _infer(op, inputs) if entries > LONG else _infer_cached(op, inputs)


def _infer(op: Op, inputs: ValueTypes) -> tuple[ValueTypes, Conditions]:
    conditions: list[bool | Condition] = []
    outputs = op.infer(inputs, lambda condition, error: conditions.append(condition))
    return outputs, tuple(conditions)


@lru_cache(maxsize=1024)
def _infer_cached(op: Op, inputs: ValueTypes) -> tuple[ValueTypes, Conditions]:
    """Return what `_infer` does, cached: variants, and a text's versions in an editor, share most of their layers."""
    return _infer(op, inputs)


class WorkLimitExceeded(Exception):
    """The tables together have more than MOST_WORK entries."""


class BodyConstraints(Struct, eq=False):
    """The conditions on the free axes from all steps of a body, calls included.

    required: what the shape rules check, with the first op that does. pins: what holds only at the sizes that a built
    module fixes, with the ops that fix them. lossless: what must hold for strided windows to reach the last pixels.
    """

    required: dict[Condition, Node] = field(default_factory=dict)
    pins: dict[Condition, dict[Node, None]] = field(default_factory=dict)
    lossless: dict[Condition, None] = field(default_factory=dict)
    impossible: dict[Node, None] = field(default_factory=dict)  # ops that fail at every size
    mismatched: dict[Node, None] = field(default_factory=dict)  # ops built for something else at every size
    inexact: bool = False  # some rule has no exact form in free sizes: the conditions allow too little or too much
    outputs: ValueTypes = ()
    work: int = 0  # entries of tables

    def include(self, inner: BodyConstraints) -> None:
        """Add the conditions of a body that is called here."""
        for condition, node in inner.required.items():
            self.required.setdefault(condition, node)
        for condition, nodes in inner.pins.items():
            self.pins.setdefault(condition, {}).update(nodes)
        self.lossless.update(inner.lossless)
        self.impossible.update(inner.impossible)
        self.mismatched.update(inner.mismatched)
        self.inexact = self.inexact or inner.inexact
        self.count(inner.work)

    def count(self, entries: int) -> None:
        """Add to the work; raises WorkLimitExceeded."""
        self.work += entries
        if self.work > MOST_WORK:
            raise WorkLimitExceeded


class ConstraintCache(WeakKeyDictionary[Body, dict[tuple[ValueTypes, bool], BodyConstraints]]):
    """The constraints of bodies by input types, for as long as something else references the bodies."""


class _Collector(Struct, frozen=True):
    """Runs bodies with free sizes. `thorough` also runs steps that no free axis reaches, as a broken Graph needs."""

    thorough: bool
    cache: ConstraintCache

    def collect_cached(self, body: Body, inputs: ValueTypes) -> BodyConstraints:
        """Return the constraints of a body; each is run once for all calls with the same input types."""
        cached = self.cache.setdefault(body, {})
        key = (inputs, self.thorough)
        found = cached.get(key)
        if found is None:
            found = cached[key] = self.collect(body, inputs)
        return found

    def collect(self, body: Body, inputs: ValueTypes) -> BodyConstraints:
        """Run the steps of a body for these input types."""
        found = BodyConstraints()
        values = list(inputs)
        included: set[BodyConstraints] = set()
        for step in body.steps:
            read = tuple([UNKNOWN if v is None else values[v] for v in step.inputs])
            if isinstance(step, Node):
                values.extend(self._run_node(step, read, body, found))
            elif read == step.body.inputs and not self.thorough:
                values.extend(step.body.output_types)  # no free axis reaches the block
            else:
                inner = self.collect_cached(step.body, read)
                # A block that is called a hundred times with one type adds its conditions once.
                if inner not in included:
                    included.add(inner)
                    found.include(inner)
                values.extend(inner.outputs)
        found.outputs = tuple([values[v] for v in body.outputs])
        return found

    def _run_node(self, node: Node, inputs: ValueTypes, body: Body, found: BodyConstraints) -> ValueTypes:
        # Behind a failed layer nothing is known, and nothing is required.
        if any(v is not None and not x.known for v, x in zip(node.inputs, inputs, strict=True)):
            return (UNKNOWN,) * len(node.outputs)
        if not all(x.known for x in node.outputs):
            return node.outputs
        declared = body.input_types(node)
        # No free axis reaches the op: it has been checked when the design was lowered.
        if inputs == declared and not self.thorough:
            return node.outputs
        try:
            outputs, conditions = infer_with_conditions(node.op, inputs)
        except ShapeError:
            _record_failure(node, inputs, found)
            return node.outputs
        except PeriodTooLong:  # its shape has no table of bearable length
            found.inexact = True
            return node.outputs
        _record_required(node, conditions, found)
        found.count(sum(size.period for x in outputs for size in x.shape if isinstance(size, Size)))
        _record_pins(node, inputs, declared, found)
        if node.op.has_window:
            _record_lossless(node.op, inputs[0], outputs[0], found)
        return outputs


def _record_required(node: Node, checked: Conditions, found: BodyConstraints) -> None:
    """Record what an op requires; one that fails at every size (for its channels, say) requires nothing of sizes."""
    if False in checked:
        found.impossible[node] = None
        return
    conditions = [condition for condition in checked if isinstance(condition, Condition)]
    for condition in conditions:
        found.required.setdefault(condition, node)
    if conditions and node.op.broadcasts:
        found.inexact = True  # broadcasting also allows 1, which an axis may be at a few sizes


def _record_failure(node: Node, inputs: ValueTypes, found: BodyConstraints) -> None:
    free = any(not isinstance(size, int) for x in inputs for size in x.shape)
    found.inexact = found.inexact or free
    found.impossible[node] = None


def _record_pins(node: Node, inputs: ValueTypes, declared: ValueTypes, found: BodyConstraints) -> None:
    """Record the sizes that a built module fixes, such as the features of a linear layer."""
    for size, fixed in zip(node.op.pinned(inputs), node.op.pinned(declared), strict=True):
        if size == fixed:
            continue
        condition = equal(size, fixed)
        if isinstance(condition, Condition):
            found.pins.setdefault(condition, {})[node] = None
        else:
            found.mismatched[node] = None


def _record_lossless(op: Op, x: ValueType, y: ValueType, found: BodyConstraints) -> None:
    """Record when a strided window reaches the last pixels; one smaller than its stride skips pixels by design."""
    for size, count, (before, _), kernel, stride, dilation in zip(
        x.spatial, y.spatial, *op.geometry(x.spatial), strict=True
    ):
        extent = dilation * (kernel - 1) + 1
        if stride == 1 or extent < stride or isinstance(size, int):
            continue
        # The last window starts at (count - 1) stride - before, and must reach the last pixel, size - 1.
        condition = at_least((count - 1) * stride + (extent - before), size)
        if isinstance(condition, Condition):
            found.lossless[condition] = None


def collect_body_constraints(
    graph: Graph, inputs: ValueTypes, thorough: bool = False, cache: ConstraintCache | None = None
) -> BodyConstraints:
    """Run a Graph's shape rules on other input types, some of their sizes free; a `cache` is shared between runs."""
    if inputs == graph.body.inputs and not thorough:
        return BodyConstraints(outputs=graph.body.output_types)
    return _Collector(thorough, ConstraintCache() if cache is None else cache).collect(graph.body, inputs)
