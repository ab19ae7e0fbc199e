"""What a rule looks at: a Graph with the spec it came from, and the questions that rules ask of it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct, field

from archspec.diagnostics import Cause, Diagnostic, Span
from archspec.ir.flat import FlatGraph, FlatNode, flatten
from archspec.ir.graph import Graph
from archspec.ir.types import UNKNOWN, ValueType
from archspec.language.load import Spec
from archspec.lowering.cache import LoweringCache
from archspec.source.layout import Layout

if TYPE_CHECKING:
    from archspec.analysis.valid_sizes.constraints import SizeConstraints
    from archspec.analysis.valid_sizes.size_repair import SizeRepair


class RuleContext(Struct, frozen=True, dict=True):
    """One variant of a spec and its Graph, which after errors is partial: check `known` before using a type."""

    spec: Spec
    graph: Graph
    diagnostics: tuple[Diagnostic, ...] = ()  # by lowering
    cache: LoweringCache = field(default_factory=LoweringCache)

    @cached_property
    def flat(self) -> FlatGraph:
        """Every op with what makes its inputs and what reads its outputs."""
        return flatten(self.graph)

    @property
    def nodes(self) -> list[FlatNode]:
        return self.flat.nodes

    @cached_property
    def size_constraints(self) -> SizeConstraints | None:
        """What the Graph asks of its inputs' sizes, exactly; None where it has failures or that would take too long."""
        from archspec.analysis.valid_sizes.body_constraints import ConstraintCache
        from archspec.analysis.valid_sizes.constraints import collect_exact_constraints

        if any(d.is_error for d in self.diagnostics):
            return None
        return collect_exact_constraints(self.graph, self.cache.analysis_cache(ConstraintCache))

    @cached_property
    def size_repair(self) -> SizeRepair | None:
        """Which sizes the spec could declare where those that it declares fail; None where they do not.

        None, too, where a layer failed altogether: nobody knows what that will ask of the sizes.
        """
        from archspec.analysis.valid_sizes.size_repair import find_size_repair

        if not any(d.is_error for d in self.diagnostics) or any(node.node.failed for node in self.nodes):
            return None
        return find_size_repair(self.spec, self.diagnostics)

    @cached_property
    def layout(self) -> Layout | None:
        """The spec's own text with its tree, for edits; None where the layers stand in another file (`extends`)."""
        tree = self.spec.document.tree
        return Layout(self.spec.text, tree) if tree is not None and tree.span.file == self.spec.file else None

    @cached_property
    def last_failure(self) -> int:
        """The place of the last layer that failed altogether, so that nobody knows what it would read; -1 for none."""
        if len(self.graph.outputs) < len(self.spec.document.outputs):
            return len(self.nodes)
        failed = (n.index for n in self.nodes if n.node.failed and not n.inputs)
        return max(failed, default=-1)

    def input_type(self, node: FlatNode, port: int = 0) -> ValueType:
        """The type at a port of an op; UNKNOWN where it is left out, or the op stands for one that failed."""
        value = node.inputs[port] if port < len(node.inputs) else None
        return UNKNOWN if value is None else self.flat.types[value]

    def maker(self, value: int | None) -> FlatNode | None:
        """The op that makes a value; None for an input of the network."""
        if value is None or self.flat.producers[value] < 0:
            return None
        return self.flat.nodes[self.flat.producers[value]]

    def predecessor(self, node: FlatNode, port: int = 0) -> FlatNode | None:
        """The op whose output an op reads at a port."""
        return self.maker(node.inputs[port]) if port < len(node.inputs) else None

    def readers(self, node: FlatNode) -> list[FlatNode]:
        """The ops that read any output of an op, in order."""
        found = dict.fromkeys(index for value in node.outputs for index in self.flat.consumers[value])
        return [self.flat.nodes[index] for index in found]

    def only_reader(self, node: FlatNode) -> FlatNode | None:
        """The one op that reads an op's only output, which is no output of the network; else None."""
        if len(node.outputs) != 1 or node.outputs[0] in self.flat.outputs:
            return None
        readers = self.flat.consumers[node.outputs[0]]
        return self.flat.nodes[readers[0]] if len(readers) == 1 else None

    def is_output(self, node: FlatNode) -> bool:
        """Whether the network gives an output of this op."""
        return any(value in self.flat.outputs for value in node.outputs)

    def is_in_library(self, node: FlatNode) -> bool:
        """Whether a layer is written in the library of blocks."""
        return node.node.origin.span.in_library

    def locate(self, node: FlatNode, argument: str = "") -> tuple[Span, tuple[Cause, ...]]:
        """Where in the user's text a layer, or one of its arguments, stands, with the chain that leads to it.

        From the library it goes up to the user's call, there to the argument of the same name if there is one.
        """
        span = dict(node.node.origin.arguments).get(argument, node.node.origin.span)
        causes = []
        for call in reversed(node.calls):
            if span.in_library:
                causes.append(Cause(f"in {call.kind}", span))
                span = dict(call.origin.arguments).get(argument, call.origin.span)
            elif not call.origin.span.in_library:
                causes.append(Cause(f"{call.kind} is used here", call.origin.span))
        return span, tuple(causes)
