"""Collect what a Graph requires of the sizes of its inputs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from archspec.analysis.valid_sizes.body_constraints import (
    BodyConstraints,
    ConstraintCache,
    WorkLimitExceeded,
    collect_body_constraints,
)
from archspec.analysis.valid_sizes.model import InputAxis
from archspec.analysis.valid_sizes.size_set import ALL
from archspec.ir.graph import Graph
from archspec.ir.sizes import Condition, Dim, PeriodTooLong, Size
from archspec.ir.types import ValueType

NAMES = {1: ("length",), 2: ("height", "width"), 3: ("depth", "height", "width")}


class SizeConstraints(Struct, frozen=True):
    """A Graph's free axes (each with all sizes yet), and what its shape rules require of them."""

    axes: tuple[InputAxis, ...]
    body: BodyConstraints


def collect_exact_constraints(graph: Graph, cache: ConstraintCache | None = None) -> SizeConstraints | None:
    """Return the constraints; None if free sizes cannot express them, or only with too much work."""
    try:
        found = collect_constraints(graph, cache=cache)
    except (PeriodTooLong, WorkLimitExceeded):
        return None
    return None if found.body.inexact else found


def collect_constraints(graph: Graph, thorough: bool = False, cache: ConstraintCache | None = None) -> SizeConstraints:
    """Run the shape rules with every spatial axis of the inputs free; axes that must be equal become one variable."""
    axes = free_axes(graph)
    found = collect_body_constraints(graph, _free_inputs(graph, axes), thorough, cache)
    # With one variable for axes that must be equal, conditions between them become conditions on one axis, which are
    # solved exactly; hence the second run.
    representative = _unify(found.required)
    if representative:
        axes = tuple(replace(a, variable=representative.get(a.variable, a.variable)) for a in axes)
        found = collect_body_constraints(graph, _free_inputs(graph, axes), thorough, cache)
    return SizeConstraints(axes, found)


def free_axes(graph: Graph) -> tuple[InputAxis, ...]:
    """Return the axes whose size is not a number of channels or features."""
    found = []
    for name, x in graph.inputs:
        for index, axis in _axes_of(x):
            size = x.shape[index]
            assert isinstance(size, int)
            variable = axis if len(graph.inputs) == 1 else f"{name}.{axis}"
            found.append(InputAxis(name, index, axis, size, variable, ALL, ALL))
    return tuple(found)


def _axes_of(x: ValueType) -> list[tuple[int, str]]:
    if x.kind == "map":
        return list(zip(x.spatial_axes, NAMES[len(x.spatial_axes)], strict=True))
    if x.kind == "mask":
        # A mask's axis of size 1 is broadcast, and so no size to vary.
        return [(index, f"axis {index}") for index, size in enumerate(x.shape) if size != 1]
    return [(0, "length")] if x.kind in ("tokens", "ids") and x.shape else []


def _free_inputs(graph: Graph, axes: Iterable[InputAxis]) -> tuple[ValueType, ...]:
    return with_sizes(graph, {(axis.input, axis.index): Size.free(axis.variable) for axis in axes})


def with_sizes(graph: Graph, sizes: Mapping[tuple[str, int], Dim]) -> tuple[ValueType, ...]:
    """Return the input types with other sizes; these by name of the input and index in its shape."""
    return tuple(
        replace(x, shape=tuple(sizes.get((name, index), size) for index, size in enumerate(x.shape)))
        for name, x in graph.inputs
    )


def _unify(required: Iterable[Condition]) -> dict[str, str]:
    """Return the representative of each variable that must equal another one (union-find over a few variables)."""
    leader: dict[str, str] = {}
    for condition in required:
        a, b = condition.left, condition.right
        if condition.relation == "==" and _is_axis(a) and _is_axis(b):
            assert isinstance(a, Size)
            assert isinstance(b, Size)
            first, second = sorted((leader.get(a.variable, a.variable), leader.get(b.variable, b.variable)))
            leader = {name: first if to == second else to for name, to in leader.items()}
            leader[second] = leader[first] = first
    return leader


def _is_axis(dim: Dim) -> bool:
    return isinstance(dim, Size) and dim.growth == 1 and dim.table == (0,)
