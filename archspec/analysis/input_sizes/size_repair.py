"""Which sizes a spec could declare where those that it declares fail: it is lowered past the failures to learn that."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from archspec.analysis.input_sizes.rerun import TooMuch
from archspec.analysis.input_sizes.valid_sizes import Asked, Axis, ValidSizes, asked, solved
from archspec.diagnostics import Diagnostic, Span
from archspec.ir.graph import Graph, Node
from archspec.ir.sizes import PeriodTooLong
from archspec.ir.types import ValueType
from archspec.language.load import Spec
from archspec.lowering import lower_any_size, lower_partial
from archspec.source import Mapping, Scalar, Sequence, Tree

SPOKEN_FOR = ("SHP001", "SHP002", "SHP006", "SHP009")  # other failures of sizes say better what is wrong


class Declaring(Struct, frozen=True):
    """A Graph lowered past failures of sizes, the findings that they are, and the sizes that would do."""

    graph: Graph
    asked: Asked
    sizes: ValidSizes
    caused: tuple[Diagnostic, ...]
    whatever: frozenset[Span]  # where ops fail that no size would help


def declaring(spec: Spec, found: tuple[Diagnostic, ...]) -> Declaring | None:
    """What is to be known of a spec that has findings; None where the sizes cause none of them, or nobody can say."""
    errors = tuple(d for d in found if d.is_error)
    graph, left, _ = lower_any_size(spec)
    if graph is None or not all(x.known for _, x in graph.inputs):
        return None
    remaining = {(d.code, d.span) for d in left}
    caused = tuple(d for d in errors if d.code in SPOKEN_FOR and (d.code, d.span) not in remaining)
    if not caused:
        return None
    try:
        free = asked(graph, thorough=True)
        sizes = solved(free, pinned=False)
    except (PeriodTooLong, TooMuch):
        return None
    whatever = _places(graph, free.rerun.impossible)
    caused = tuple(d for d in caused if d.span not in whatever)
    if not caused or not sizes.axes or free.rerun.inexact or sizes.bounded:
        return None
    return Declaring(graph, free, sizes, caused, frozenset(whatever))


def _places(graph: Graph, nodes: Iterable[Node]) -> set[Span]:
    """Where a finding about one of these ops may stand: the layer, its arguments, from the library also the calls'."""
    wanted = {id(node) for node in nodes}
    places: set[Span] = set()
    if not wanted:
        return places
    for placed in graph.nodes():
        if id(placed.step) in wanted:
            for step in (placed.step, *reversed(placed.calls)):
                places.add(step.origin.span)
                places.update(span for _, span in step.origin.arguments)
                if not step.origin.span.file.startswith("library/"):
                    break
    return places


def nearest_together(sizes: ValidSizes) -> tuple[int, ...] | None:
    """For each axis the size nearest to the declared one that works, the larger of two.

    None where axes hang together, or an axis can only have a few sizes: then a number written in a layer fixes them,
    and may be what is wrong.
    """
    if sizes.joints or any(axis.sizes.finite for axis in sizes.axes):
        return None
    return tuple(_nearest(axis) for axis in sizes.axes)


def _nearest(axis: Axis) -> int:
    return min(axis.nearest(axis.declared), key=lambda size: (abs(size - axis.declared), -size))


def works_with(spec: Spec, found: Declaring, given: tuple[int, ...]) -> bool:
    """Whether the spec, lowered with these sizes for its inputs, fails nowhere but where no size would help."""
    known = {(axis.input, axis.index): size for axis, size in zip(found.sizes.axes, given, strict=True)}
    span = spec.document.span
    shapes = [(name, _shape(name, x, known, span)) for name, x in found.graph.inputs]
    tree: Tree = shapes[0][1]
    if spec.document.inputs is not None:
        shaped = tuple((Scalar(name, name, span), shape) for name, shape in shapes)
        tree = Mapping(tuple((key, replace(shape, key=key)) for key, shape in shaped), span)
    _, left, _ = lower_partial(replace(spec, input=tree))
    return all(d.code not in SPOKEN_FOR or d.span in found.whatever for d in left if d.is_error)


def _shape(name: str, x: ValueType, sizes: dict[tuple[str, int], int], span: Span) -> Sequence:
    numbers = [sizes.get((name, index), size) for index, size in enumerate(x.shape)]
    return Sequence(tuple(Scalar(n, str(n), span) for n in numbers if isinstance(n, int)), span)
