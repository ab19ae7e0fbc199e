"""A Body under construction: its steps, the types of their values, and the keys that are taken."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from archspec.diagnostics import Span
from archspec.ir.graph import FAILED_LAYER, Body, Decision, Node, Origin, Step, enclosing_paths
from archspec.ir.types import UNKNOWN, ValueType
from archspec.ir.unknown import UnknownOp
from archspec.language.expressions import could_give
from archspec.language.layers import CallLayer, SequenceLayer
from archspec.lowering.errors import LoweringError
from archspec.lowering.shape_change import ShapeGuard


class SequenceTurn(Struct):
    """The steps [first, last) of one turn of a repeated sequence, its path ("" without a name), and its values."""

    layer: SequenceLayer
    path: str
    first: int
    last: int
    values: tuple[int, ...]


class BodyBuilder(Struct, eq=False):
    """A Body under construction."""

    block: str
    ports: tuple[str, ...]
    inputs: tuple[ValueType, ...]
    span: Span
    types: list[ValueType] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    paths: dict[str, Span] = field(default_factory=dict)
    leaves: set[str] = field(default_factory=set)
    prefixes: set[str] = field(default_factory=set)
    numbered: dict[str, int] = field(default_factory=dict)  # the number that free_path came to
    guards: list[ShapeGuard] = field(default_factory=list)  # what shortcuts were chosen by
    unknown_names: list[str] = field(default_factory=list)  # the computed names of layers that failed, as written
    grids: dict[int, int] = field(default_factory=dict)  # tokens -> the map they were made from
    named_tensors: dict[int, CallLayer] = field(default_factory=dict)  # steps whose layer has `init` or `keys`
    turns: list[SequenceTurn] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.types.extend(self.inputs)

    def add(self, step: Step) -> tuple[int, ...]:
        """Append a step and return the numbers of its outputs."""
        first = len(self.types)
        self.starts.append(first)
        self.steps.append(step)
        self.types.extend(step.outputs)
        made = tuple(range(first, len(self.types)))
        if self.grids or step.kind == "to_tokens":
            self._remember_grid(step, made)
        return made

    def add_unknown(self, scope: str, span: Span, reads: tuple[int, ...]) -> tuple[int, ...]:
        """Append a placeholder of unknown type for a layer that failed; its failure has been reported."""
        return self.add(Node(UnknownOp(), reads, (UNKNOWN,), scope, Origin(span, FAILED_LAYER)))

    def may_name_unknown(self, path: str) -> bool:
        """Return whether a reference may name a layer that failed, whose name is computed, or a part of it."""
        return any(could_give(name, prefix) for name in self.unknown_names for prefix in enclosing_paths(path))

    def _remember_grid(self, step: Step, made: tuple[int, ...]) -> None:
        # `to_map` reads its size from this map when it runs, so that the built module works for other input sizes.
        if step.kind == "to_tokens" and step.inputs and step.inputs[0] is not None:
            self.grids[made[0]] = step.inputs[0]
            return
        source = next((self.grids[v] for v in step.inputs if v is not None and v in self.grids), None)
        for value in made:
            if source is not None and self.types[value].grid is not None:
                self.grids[value] = source

    def claim(self, path: str, span: Span, leaf: bool) -> None:
        """Reserve a path of the module tree; raise SPC010 if another layer has it."""
        # A leaf (an op or block) has its part of the tree to itself: no other layer's key may lie below its own.
        above = [path[:place] for place, letter in enumerate(path) if letter == "."] if "." in path else []
        clash = path if path in self.paths else None
        if clash is None and above:
            clash = next((p for p in above if p in self.leaves), None)
        if clash is None and leaf and path in self.prefixes:
            clash = next(p for p in self.paths if p.startswith(path + "."))
        if clash is not None:
            hint = "give each layer a name of its own; an unnamed layer's name is its position"
            message = f"two layers would have the key {path}"
            if clash != path:
                message = f"the key {path} would lie inside {clash}, another layer"
            other = self.paths[clash]
            which = "both are this one, which stands in two places" if other == span else f"the other: {other}"
            raise LoweringError("SPC010", f"{message} ({which})", span, hint)
        self.paths[path] = span
        if above:
            self.prefixes.update(above)
        if leaf:
            self.leaves.add(path)

    def free_path(self, path: str) -> str:
        """Return the path, with a number where it is taken, for a step that the compiler adds."""
        number = self.numbered.get(path, 1)  # the lower ones are taken and stay so
        candidate = path if number == 1 else f"{path}_{number}"
        while candidate in self.paths or candidate in self.prefixes:
            number += 1
            candidate = f"{path}_{number}"
        self.numbered[path] = number
        return candidate

    def freeze(self, main: tuple[int, ...], exports: Iterable[tuple[str, tuple[int, ...]]] = ()) -> Body:
        """Return the finished Body; `bias: auto` is settled here, where all consumers are known."""
        outputs, named = list(main), []
        for name, bundle in exports:
            named.append((name, len(outputs), len(bundle)))
            outputs.extend(bundle)
        steps = _settle_bias(self.steps, self.starts, outputs)
        return Body(
            block=self.block,
            ports=self.ports,
            inputs=self.inputs,
            steps=tuple(steps),
            outputs=tuple(outputs),
            main=len(main),
            exports=tuple(named),
            decisions=tuple(self.decisions),
            span=self.span,
        )


def _settle_bias(steps: list[Step], starts: list[int], outputs: list[int]) -> list[Step]:
    """Resolve `bias: auto`: off where the only consumer subtracts the mean, which would cancel the bias."""
    if not any(isinstance(step, Node) and getattr(step.op, "bias", None) == "auto" for step in steps):
        return steps
    # None: an output has readers outside the body, which are not known and may not be norms.
    consumers: dict[int, list[Step | None]] = {value: [None] for value in outputs}
    for step in steps:
        for value in step.inputs:
            if value is not None:
                consumers.setdefault(value, []).append(step)
    settled = []
    for step, first in zip(steps, starts, strict=True):
        if isinstance(step, Node) and getattr(step.op, "bias", None) == "auto":
            users = consumers.get(first, [])
            only_norm = len(users) == 1 and isinstance(users[0], Node) and users[0].op.subtracts_mean
            op: Any = step.op
            step = replace(step, op=replace(op, bias=not only_norm))
        settled.append(step)
    return settled
