"""permute: the axes of a sample in another order."""

from __future__ import annotations

from fractions import Fraction

from archspec.ir.op import Check, Op, ShapeError
from archspec.ir.parameters import attribute
from archspec.ir.step_functions import IDENTITY
from archspec.ir.types import ValueType
from archspec.ir.windows import ReadWindows, Window
from archspec.ops._requirements import require_numbers
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp


class Permute(Op):
    """Axis i of the result is axis axes[i] of the input (the batch is not counted); channels are followed.

    Tokens [L, C] permuted become a map [C, L].
    """

    family = "reshaping"
    keeps_range = True

    axes: tuple[int, ...] = attribute("shape", main=True)

    def infer(self, inputs: tuple[ValueType, ...], check: Check) -> tuple[ValueType, ...]:
        (x,) = inputs
        require_numbers(self, x)
        if sorted(self.axes) != list(range(len(x.shape))):
            message = f"axes {list(self.axes)} are no order of the {len(x.shape)} axes of {x}"
            raise ShapeError("SHP010", message, "name each axis once, from 0, without the batch", "axes")
        if self.axes == tuple(range(len(x.shape))):
            return inputs
        shape = tuple(x.shape[axis] for axis in self.axes)
        return (ValueType("map", shape, self.axes.index(x.channel_axis)),)

    def receptive_field(self, inputs: tuple[ValueType, ...]) -> ReadWindows | None:
        x = inputs[0]
        # Tokens become a map whose axes are not those of their grid: its positions are not known.
        if x.kind != "map":
            return None
        axes = [x.spatial_axes.index(axis) for axis in self.axes if axis in x.spatial_axes]
        return ReadWindows(tuple(Window(axis, IDENTITY, IDENTITY) for axis in axes))

    def strides(self, inputs: tuple[ValueType, ...], port: int) -> tuple[Fraction, ...] | None:
        spatial = tuple(axis for axis in self.axes if axis in inputs[0].spatial_axes)
        # Transposed space has no stride for each axis: which axis is which has changed.
        return (Fraction(1),) * len(spatial) if spatial == inputs[0].spatial_axes else None

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        return (tape.permute(traced.x, (0, *(axis + 1 for axis in self.axes))),)
