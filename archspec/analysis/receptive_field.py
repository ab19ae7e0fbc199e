"""The receptive field: how much of the network's input one position of a value depends on, over all paths.

Along each axis a position p depends on an interval of input positions, from first(p) to last(p). Both are step
functions (`ir/step_functions.py`): an op's own intervals are composed with those of its input, and a merge takes the
least first and the greatest last. Exact for everything that moves over a map (convolution, pooling, transposed
convolution, resizing, cropping). Global pooling, attention and a linear layer after flatten see everything. An op about
which nothing is known counts as seeing everything, labelled as an upper bound. Borders and the statistics of norms are
ignored.

Values that move over the input at different speeds (a map interpolated between its corners beside one that was not)
have no interval that repeats. As the map is finite, its positions are listed one by one: what each sees, labelled as a
bound, since what lies outside of the map is not followed.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from msgspec import Struct

from archspec.analysis.seen_interval import (
    SeenInterval,
    cover_listed,
    cover_repeating,
    is_listed,
    list_through,
    listable,
    read_through,
)
from archspec.ir.flat import FlatGraph, FlatNode, flatten
from archspec.ir.graph import Graph
from archspec.ir.op import Op, Port
from archspec.ir.sizes import Dim
from archspec.ir.step_functions import IDENTITY, StepFunctionTooLong
from archspec.ir.types import ValueType
from archspec.ir.windows import ReadWindows


class SeenRegion(Struct, frozen=True):
    """The part of the input that each position of a value sees, by spatial axis; `axes` None: all of it."""

    axes: tuple[SeenInterval, ...] | None
    exact: bool = True


EVERYTHING, AT_MOST_EVERYTHING = SeenRegion(None), SeenRegion(None, exact=False)


class ReceptiveField(Struct, frozen=True):
    """The size of what one position sees along each axis of the input, and the step from one position to the next.

    `sizes` None: everything. Not `exact`: at most so much.
    """

    sizes: tuple[int, ...] | None
    strides: tuple[Fraction, ...] | None
    exact: bool

    def __str__(self) -> str:
        text = "everything" if self.sizes is None else "×".join(map(str, self.sizes))
        return text if self.exact else f"at most {text}"


def receptive_field(graph: Graph, output: int = 0, source: int = 0) -> ReceptiveField | None:
    """Return the receptive field of an output of a Graph in one of its inputs; None if it does not depend on that."""
    flat = flatten(graph)
    return receptive_fields(flat, source, (flat.outputs[output],)).get(flat.outputs[output])


def receptive_fields(flat: FlatGraph, source: int, values: Iterable[int]) -> dict[int, ReceptiveField]:
    """Return the receptive fields in input number `source` of those of some values that depend on it."""
    wanted = tuple(values)
    fields = seen_regions(flat, flat.inputs[source], wanted)
    return {value: _measured(fields[value], flat.types[value]) for value in wanted if value in fields}


def seen_regions(flat: FlatGraph, start: int, values: tuple[int, ...]) -> dict[int, SeenRegion]:
    """Return what each position sees, for all values between an input (by its value number) and some values."""
    source = flat.types[start]
    axes = tuple(SeenInterval(number, IDENTITY, IDENTITY) for number in range(len(source.spatial_axes)))
    # Tokens and vectors have no positions to follow: all that is known is a bound.
    fields = {start: SeenRegion(axes) if source.kind == "map" else AT_MOST_EVERYTHING}
    for node in _ancestors(flat, values):
        field = _field(flat, node, fields)
        if field is not None:
            fields.update(dict.fromkeys(node.outputs, field))
    return fields


def _ancestors(flat: FlatGraph, values: tuple[int, ...]) -> list[FlatNode]:
    """Return the ancestors of some values in order of execution; by hand, since the linter does without networkx."""
    needed, waiting = set(), list(values)
    while waiting:
        index = flat.producers[waiting.pop()]
        if index >= 0 and index not in needed:
            needed.add(index)
            waiting.extend(value for value in flat.nodes[index].inputs if value is not None)
    return [flat.nodes[index] for index in sorted(needed)]


def _field(flat: FlatGraph, node: FlatNode, fields: dict[int, SeenRegion]) -> SeenRegion | None:
    """Return what an op's output sees, by what its inputs see; None where the input does not lead to it."""
    op = node.node.op
    if op.is_merge:
        return _merge(flat, node, fields)
    seen = [fields[value] for value in _values_read(node) if value in fields]
    if not seen:
        return None
    field = seen[0]
    # Once everything is seen, an op that reads that value alone can add nothing.
    if len(seen) == 1 and (op.is_pointwise or (field.axes is None and len(_read_ports(op)) == 1)):
        return field
    try:
        windows = op.receptive_field(flat.input_types(node))
    except StepFunctionTooLong:
        return AT_MOST_EVERYTHING
    if windows is not None and windows.everything:
        return EVERYTHING
    # Only merges and attention read the numbers of several values: of another op that does, nothing is known.
    if len(seen) > 1 or field.axes is None:
        return AT_MOST_EVERYTHING
    read = flat.types[next(value for value in _values_read(node) if value in fields)]
    return _through(windows, field, field.axes, _positions(read), _positions(flat.types[node.outputs[0]]))


def _read_ports(op: Op) -> tuple[Port, ...]:
    """Return the ports whose numbers an op reads; of the others (`like`) it takes the size alone."""
    return tuple(port for port in op.ports if not port.shape_only)


def _values_read(node: FlatNode) -> list[int]:
    """Return the inputs whose numbers an op reads."""
    ports = node.node.op.ports
    if ports and ports[0].variadic:
        return [value for value in node.inputs if value is not None]
    pairs = zip(node.inputs, ports, strict=False)
    return [value for value, port in pairs if value is not None and not port.shape_only]


def _positions(value_type: ValueType) -> tuple[Dim, ...]:
    """Return the number of positions along each axis: of a map, or of the picture that tokens came from."""
    return value_type.spatial if value_type.kind == "map" else value_type.grid or ()


def _through(
    reads: ReadWindows | None,
    field: SeenRegion,
    axes: tuple[SeenInterval, ...],
    lengths_read: tuple[Dim, ...],
    lengths: tuple[Dim, ...],
) -> SeenRegion:
    """Return a field seen through an op that reads these windows, from a map of one size to that of another."""
    if reads is None or len(reads.windows) != len(axes):
        return AT_MOST_EVERYTHING
    if reads.same_position:
        return field
    seen = []
    for number, window in enumerate(reads.windows):
        before = axes[window.axis]
        found = read_through(before, window) or list_through(
            before, window, listable(lengths_read, window.axis), listable(lengths, number)
        )
        if found is None:
            return AT_MOST_EVERYTHING
        seen.append(found)
    return SeenRegion(tuple(seen), field.exact and reads.exact and not is_listed(seen))


def _merge(flat: FlatGraph, node: FlatNode, fields: dict[int, SeenRegion]) -> SeenRegion | None:
    """Return the union of what the inputs of a merge see; everything as a bound if that is not known."""
    read = [(fields[v], flat.types[v]) for v in dict.fromkeys(node.inputs) if v is not None and v in fields]
    if not read:
        return None
    # Exact, although other inputs may be bounds: a union with everything is everything.
    if any(field == EVERYTHING for field, _ in read):
        return EVERYTHING
    result = flat.types[node.outputs[0]]
    axes, exact = read[0][0].axes, True
    for field, value_type in read:
        # A broadcast input has other positions than the result, and so has a row of tokens from another grid or one
        # that was joined to a second row: their intervals cannot be compared.
        if field.axes is None or axes is None or value_type.kind != read[0][1].kind:
            return AT_MOST_EVERYTHING
        if (value_type.spatial, value_type.grid) != (result.spatial, result.grid):
            return AT_MOST_EVERYTHING
        axes, exact = _cover(axes, field.axes, _positions(result)), exact and field.exact
    return AT_MOST_EVERYTHING if axes is None else SeenRegion(axes, exact and not is_listed(axes))


def _cover(
    left: tuple[SeenInterval, ...], right: tuple[SeenInterval, ...], lengths: tuple[Dim, ...]
) -> tuple[SeenInterval, ...] | None:
    """Return the intervals that cover two regions of a map; None where they are along different axes."""
    if left == right:
        return left
    if len(left) != len(right):
        return None
    axes = []
    for number, (a, b) in enumerate(zip(left, right, strict=True)):
        if a.source != b.source:
            return None
        covering = cover_repeating(a, b) or cover_listed(a, b, listable(lengths, number))
        if covering is None:
            return None
        axes.append(covering)
    return tuple(axes)


def _measured(field: SeenRegion, value_type: ValueType) -> ReceptiveField:
    """Return the largest size over all positions of a value."""
    if field.axes is None:
        return ReceptiveField(None, None, field.exact)
    lengths = _positions(value_type)
    sizes: dict[int, int] = {}
    strides: dict[int, Fraction] = {}
    # Upsampling and adaptive pooling see more at some positions than at others: the largest over one period counts.
    for axis, length in zip(field.axes, lengths, strict=True):
        period = max(len(axis.first.table), len(axis.last.table))
        positions = range(min(period, length) if isinstance(length, int) else period)
        sizes[axis.source] = max(axis.last.at(p) - axis.first.at(p) + 1 for p in positions)
        strides[axis.source] = axis.slope
    order = sorted(sizes)
    return ReceptiveField(tuple(sizes[axis] for axis in order), tuple(strides[axis] for axis in order), field.exact)
