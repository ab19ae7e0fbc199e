"""to_map: a row of tokens as the map it came from."""

from __future__ import annotations

from fractions import Fraction

from archspec.ir.op import Check, Op, Port, ShapeError
from archspec.ir.sizes import Dim, equal
from archspec.ir.types import ValueType, optional_input
from archspec.ir.windows import ReadWindows, same_positions
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp


class ToMap(Op):
    """[product of S, C] to [C, *S], S being the tokens' grid; with `like`, the size of that map when it runs."""

    family = "reshaping"
    keeps_range = True
    ports = (Port("x"), Port("like", optional=True, shape_only=True))

    def infer(self, inputs: tuple[ValueType, ...], check: Check) -> tuple[ValueType, ...]:
        x, like = inputs[0], optional_input(inputs, 1)
        if x.kind != "tokens":
            raise ShapeError("SHP010", f"to_map needs tokens, but gets {x.kind} [{x}]")
        if x.prefix:
            message = f"to_map gets tokens with {x.prefix} before the grid"
            raise ShapeError("SHP010", message, f"slice: {{start: {x.prefix}}} drops them")
        if like is not None and like.kind != "map":
            raise ShapeError("SHP010", f"like needs a map, but is {like.kind} [{like}]")
        spatial = x.grid if like is None else like.spatial
        if spatial is None:
            message = f"to_map gets tokens [{x}] that came from no map"
            raise ShapeError("SHP010", message, "name a map of that size: from: {like: ...}")
        length: Dim = 1
        for size in spatial:
            length = length * size
        message = f"to_map cannot lay {x.shape[0]} tokens out as {'×'.join(map(str, spatial))}"
        check(equal(x.shape[0], length), ShapeError("SHP010", message))
        return (ValueType.map(x.shape[1], *spatial),)

    def pinned(self, inputs: tuple[ValueType, ...]) -> tuple[Dim, ...]:
        # Without `like` the built module lays tokens out as the grid that it was built for.
        return (inputs[0].grid or ()) if optional_input(inputs, 1) is None else ()

    def receptive_field(self, inputs: tuple[ValueType, ...]) -> ReadWindows:
        return same_positions(inputs[0])  # tokens keep their grid

    def strides(self, inputs: tuple[ValueType, ...], port: int) -> tuple[Fraction, ...] | None:
        return (Fraction(1),) * len(inputs[1].spatial_axes) if port == 1 else None

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        return (tape.reshape(tape.move(traced.x, 1, 2), tape.shape_of(traced)),)
