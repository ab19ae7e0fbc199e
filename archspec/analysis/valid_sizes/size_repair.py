"""Find sizes that a spec could declare instead of ones that fail.

Failures of sizes are turned off, so that the spec lowers to a whole Graph, whose constraints are then solved.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from archspec.analysis.valid_sizes.body_constraints import WorkLimitExceeded
from archspec.analysis.valid_sizes.constraints import SizeConstraints, collect_constraints
from archspec.analysis.valid_sizes.model import InputAxis
from archspec.analysis.valid_sizes.report import ValidSizes
from archspec.analysis.valid_sizes.solve import solve_constraints
from archspec.diagnostics import Diagnostic, Span
from archspec.ir.graph import Graph, Node
from archspec.ir.sizes import PeriodTooLong
from archspec.ir.types import ValueType
from archspec.language.load import Spec
from archspec.lowering import lower_any_size, lower_partial
from archspec.source import Mapping, Scalar, Sequence, Tree

SIZE_CODES = ("SHP001", "SHP002", "SHP006", "SHP009")  # other findings about sizes explain themselves better


class SizeRepair(Struct, frozen=True):
    """A Graph lowered past failures of sizes, the findings that the sizes cause, and the sizes that would work."""

    graph: Graph
    constraints: SizeConstraints
    sizes: ValidSizes
    caused: tuple[Diagnostic, ...]
    unrepairable: frozenset[Span]  # the spans of ops that fail at every size


def find_size_repair(spec: Spec, found: tuple[Diagnostic, ...]) -> SizeRepair | None:
    """Return the repair of a spec with these findings; None if sizes cause none of them, or it cannot be computed."""
    errors = tuple(d for d in found if d.is_error)
    graph, left, _ = lower_any_size(spec)
    if graph is None or not all(x.known for _, x in graph.inputs):
        return None
    # A failure that is still there without checks of sizes has another cause.
    remaining = {(d.code, d.span) for d in left}
    caused = tuple(d for d in errors if d.code in SIZE_CODES and (d.code, d.span) not in remaining)
    if not caused:
        return None
    try:
        constraints = collect_constraints(graph, thorough=True)
        sizes = solve_constraints(constraints, pinned=False)
    except (PeriodTooLong, WorkLimitExceeded):
        return None
    unrepairable = _finding_spans(graph, constraints.body.impossible)
    caused = tuple(d for d in caused if d.span not in unrepairable)
    if not caused or not sizes.axes or constraints.body.inexact or sizes.bounded:
        return None
    return SizeRepair(graph, constraints, sizes, caused, frozenset(unrepairable))


def _finding_spans(graph: Graph, nodes: Iterable[Node]) -> set[Span]:
    """Return where findings about these ops can be: at the layers, their arguments and, in the library, the calls."""
    wanted = {id(node) for node in nodes}
    spans: set[Span] = set()
    if not wanted:
        return spans
    for placed in graph.nodes():
        if id(placed.step) in wanted:
            for step in (placed.step, *reversed(placed.calls)):
                spans.add(step.origin.span)
                spans.update(span for _, span in step.origin.arguments)
                if not step.origin.span.in_library:
                    break
    return spans


def nearest_sizes(sizes: ValidSizes) -> tuple[int, ...] | None:
    """Return for each axis the size that works nearest to the declared one, the larger of two.

    None if axes are linked, or an axis has finitely many sizes: then a number in some layer determines them, and may
    itself be the mistake.
    """
    if sizes.linked or any(axis.sizes.finite for axis in sizes.axes):
        return None
    return tuple(_nearest(axis) for axis in sizes.axes)


def _nearest(axis: InputAxis) -> int:
    return min(axis.nearest(axis.declared), key=lambda size: (abs(size - axis.declared), -size))


def is_repaired_by(spec: Spec, found: SizeRepair, sizes: tuple[int, ...]) -> bool:
    """Return whether the spec, lowered with these sizes for its inputs, fails only where no size would help."""
    by_axis = {(axis.input, axis.index): size for axis, size in zip(found.sizes.axes, sizes, strict=True)}
    span = spec.document.span
    shapes = [(name, _shape(name, x, by_axis, span)) for name, x in found.graph.inputs]
    tree: Tree = shapes[0][1]
    if spec.document.inputs is not None:
        shaped = tuple((Scalar(name, name, span), shape) for name, shape in shapes)
        tree = Mapping(tuple((key, replace(shape, key=key)) for key, shape in shaped), span)
    _, left, _ = lower_partial(replace(spec, input=tree))
    return all(d.code not in SIZE_CODES or d.span in found.unrepairable for d in left if d.is_error)


def _shape(name: str, x: ValueType, sizes: dict[tuple[str, int], int], span: Span) -> Sequence:
    numbers = [sizes.get((name, index), size) for index, size in enumerate(x.shape)]
    return Sequence(tuple(Scalar(n, str(n), span) for n in numbers if isinstance(n, int)), span)
