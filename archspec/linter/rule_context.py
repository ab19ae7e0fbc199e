"""The input of a rule: a Graph with its spec, and the queries that rules share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING

from msgspec import Struct, field

from archspec.analysis.cost import Cost, graph_cost
from archspec.diagnostics import Cause, Diagnostic, Span
from archspec.ir.flat import FlatGraph, FlatNode, flatten
from archspec.ir.graph import Graph
from archspec.ir.op import Op
from archspec.ir.types import UNKNOWN, ValueType
from archspec.language.load import Spec
from archspec.language.with_input import declared_shapes
from archspec.lowering.cache import LoweringCache
from archspec.source import Mapping, Tree
from archspec.source.layout import Layout

if TYPE_CHECKING:
    from archspec.analysis.valid_sizes.constraints import SizeConstraints
    from archspec.analysis.valid_sizes.size_repair import SizeRepair


class RuleContext(Struct, frozen=True, dict=True):
    """One variant of a spec and its Graph, which is partial after errors: check `known` before using a type.

    Everything derived from the Graph is computed once, when the first rule needs it, and shared by all rules.
    """

    spec: Spec
    graph: Graph
    diagnostics: tuple[Diagnostic, ...] = ()
    """Those of lowering."""
    cache: LoweringCache = field(default_factory=LoweringCache)

    @cached_property
    def flat(self) -> FlatGraph:
        """The ops in order of execution, with the producer and consumers of each value."""
        return flatten(self.graph)

    @property
    def nodes(self) -> list[FlatNode]:
        return self.flat.nodes

    @cached_property
    def _nodes_by_class(self) -> dict[type[Op], list[FlatNode]]:
        found: dict[type[Op], list[FlatNode]] = {}
        for node in self.nodes:
            found.setdefault(type(node.op), []).append(node)
        return found

    @cached_property
    def paths(self) -> dict[tuple[int | None, ...], tuple[int | None, frozenset[int]]]:
        """The results of `paths_between`, which several rules need of the same residuals."""
        return {}

    def nodes_where(self, has_trait: Callable[[type[Op]], bool]) -> list[FlatNode]:
        """Return the ops of the classes that have a trait, in order of execution.

        The trait is looked up once for each class of the network, not for each op.
        """
        # One class is the usual case, and its list is in order already.
        groups = [nodes for op, nodes in self._nodes_by_class.items() if has_trait(op)]
        return groups[0] if len(groups) == 1 else sorted(chain.from_iterable(groups), key=attrgetter("index"))

    def input_shape(self, name: str) -> Tree:
        """Return the node with an input's shape: that from outside if there is one, else the declared one."""
        given = self.spec.input
        if isinstance(given, Mapping):
            given = given.get(name)
        return given or declared_shapes(self.spec)[name]

    def nodes_of(self, kind: str) -> list[FlatNode]:
        """Return the ops of one kind, in order of execution."""
        return self.nodes_where(lambda op: op.kind == kind)

    @cached_property
    def cost(self) -> Cost:
        """The cost of the Graph for one sample."""
        return graph_cost(self.graph)

    @cached_property
    def size_constraints(self) -> SizeConstraints | None:
        """The exact constraints of the Graph on its input sizes; None after errors, or where they take too long."""
        from archspec.analysis.valid_sizes.body_constraints import ConstraintCache
        from archspec.analysis.valid_sizes.constraints import collect_exact_constraints

        if any(d.is_error for d in self.diagnostics):
            return None
        return collect_exact_constraints(self.graph, self.cache.analysis_cache(ConstraintCache))

    @cached_property
    def size_repair(self) -> SizeRepair | None:
        """The sizes that the spec could declare, where those that it declares fail; None where they do not.

        None, too, if a layer could not be lowered at all: its constraints are unknown, so any answer might be wrong.
        """
        from archspec.analysis.valid_sizes.size_repair import find_size_repair

        if not any(d.is_error for d in self.diagnostics) or any(node.node.failed for node in self.nodes):
            return None
        return find_size_repair(self.spec, self.diagnostics)

    @cached_property
    def layout(self) -> Layout | None:
        """The spec's own text with its tree, for edits; None where the layers are in another file (`extends`)."""
        tree = self.spec.document.tree
        if tree is None or tree.span.file != self.spec.file:
            return None
        return self.cache.last_result(Layout, self.spec.text, tree)

    @cached_property
    def last_failure(self) -> int:
        """The index of the last layer that could not be lowered, -1 for none.

        What such a layer would read is unknown. Rules that report an unread value, or a single reader, are therefore
        silent about ops before it.
        """
        # A named output that could not be resolved may be any value at all.
        if len(self.graph.outputs) < len(self.spec.document.outputs):
            return len(self.nodes)
        failed = (n.index for n in self.nodes if n.node.failed and not n.inputs)
        return max(failed, default=-1)

    def may_be_read_elsewhere(self, node: FlatNode) -> bool:
        """Return whether a layer that could not be lowered might read an op, besides the readers that are known."""
        return self.last_failure > node.index

    def may_be_used_elsewhere(self, node: FlatNode) -> bool:
        """Return whether a layer that could not be lowered might use the block that an op is written in once more."""
        return bool(node.calls) and self._has_failures

    @cached_property
    def _has_failures(self) -> bool:
        return any(node.node.failed for node in self.nodes)

    def has_unknown_before(self, node: FlatNode) -> bool:
        """Return whether anything that may lead to an op is unknown, so that paths to it may be missing."""
        return self._first_unknown < node.index

    @cached_property
    def _first_unknown(self) -> int:
        unknown = (n.index for n in self.nodes if not all(item.known for item in n.node.outputs))
        return next(unknown, len(self.nodes))

    def input_type(self, node: FlatNode, port: int = 0) -> ValueType:
        """Return the type at a port of an op; UNKNOWN where the port is left out or its value failed."""
        # A placeholder for a failed layer has fewer inputs than its op has ports.
        value = node.inputs[port] if port < len(node.inputs) else None
        return UNKNOWN if value is None else self.flat.types[value]

    def producer(self, value: int | None) -> FlatNode | None:
        """Return the op that makes a value; None for an input of the network."""
        if value is None or self.flat.producers[value] < 0:
            return None
        return self.flat.nodes[self.flat.producers[value]]

    def predecessor(self, node: FlatNode, port: int = 0) -> FlatNode | None:
        """Return the op whose output an op reads at a port."""
        return self.producer(node.inputs[port]) if port < len(node.inputs) else None

    def ancestors(self, node: FlatNode) -> Iterator[FlatNode]:
        """Yield the ops whose outputs lead to an op, the nearest first."""
        pending, seen = list(reversed(node.inputs)), {node.index}
        while pending:
            before = self.producer(pending.pop())
            if before is not None and before.index not in seen:
                seen.add(before.index)
                yield before
                pending.extend(reversed(before.inputs))

    def consumers(self, node: FlatNode) -> list[FlatNode]:
        """Return the ops that read any output of an op, in order."""
        found = dict.fromkeys(index for value in node.outputs for index in self.flat.consumers[value])
        return [self.flat.nodes[index] for index in found]

    def only_consumer(self, node: FlatNode) -> FlatNode | None:
        """Return the one op that reads an op's only output; None if there are several, or the network outputs it."""
        if len(node.outputs) != 1 or node.outputs[0] in self.flat.outputs:
            return None
        consumers = self.flat.consumers[node.outputs[0]]
        return self.flat.nodes[consumers[0]] if len(consumers) == 1 else None

    def is_output(self, node: FlatNode) -> bool:
        """Return whether an output of this op is one of the network."""
        return any(value in self.flat.outputs for value in node.outputs)

    def is_in_library(self, node: FlatNode) -> bool:
        """Return whether a layer is written in the library of blocks."""
        return node.node.origin.span.in_library

    def locate(self, node: FlatNode, argument: str = "") -> tuple[Span, tuple[Cause, ...]]:
        """Return the span of a layer, or of one of its arguments, in the user's text, and the calls that lead to it.

        A layer of the library is located at the user's call, at the argument of the same name if there is one.
        """
        span = dict(node.node.origin.arguments).get(argument, node.node.origin.span)
        causes = []
        # From the innermost call outwards until the span is the user's; calls around that are causes, for context.
        for call in reversed(node.calls):
            if span.in_library:
                causes.append(Cause(f"in {call.kind}", span))
                span = dict(call.origin.arguments).get(argument, call.origin.span)
            elif not call.origin.span.in_library:
                causes.append(Cause(f"{call.kind} is used here", call.origin.span))
        return span, tuple(causes)
