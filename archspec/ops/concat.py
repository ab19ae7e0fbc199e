"""concat: values joined along one axis, by default the channels."""

from __future__ import annotations

from msgspec.structs import replace

from archspec.ir.op import Check, Op, Port, ShapeError
from archspec.ir.parameters import attribute
from archspec.ir.sizes import Dim, equal
from archspec.ir.types import ValueType
from archspec.ops._axes import AXIS_WORDS, resolve_axis
from archspec.ops._merge import tokens_of
from archspec.ops._requirements import require_numbers, require_values
from archspec.tracing.arrays import Array, channels_last, prefers_channels_last
from archspec.tracing.autocast import promoted
from archspec.tracing.tape import Tape, TracedOp


class Concat(Op):
    """Values that agree on all other axes, one after the other (Huang et al. 2016, DenseNet, equation 2).

    Along the length, tokens before the first that have a grid become its prefix (ViT's class token).
    """

    family = "merges"
    is_merge = True
    output_overwritable = True
    ports = (Port("values", variadic=True),)
    axis: int | str = attribute("int", "channel", words=AXIS_WORDS)

    def infer(self, inputs: tuple[ValueType, ...], check: Check) -> tuple[ValueType, ...]:
        require_values(self, inputs)
        first = inputs[0]
        joined = resolve_axis(self, self.axis, first)
        total: Dim = 0
        for x in inputs:
            require_numbers(self, x)
            if len(x.shape) != len(first.shape) or x.channel_axis != first.channel_axis:
                raise self._mismatch(first, x)
            for axis, (size, its) in enumerate(zip(first.shape, x.shape, strict=True)):
                if axis != joined and size != its:  # the message costs more than the comparison
                    check(equal(size, its), self._mismatch(first, x))
            total = total + x.shape[joined]
        kept = tokens_of(inputs, first)
        shape = (*first.shape[:joined], total, *first.shape[joined + 1 :])
        # Lengths add up, so that the grid of one part is no longer that of all tokens.
        if kept.kind == "tokens" and joined == 0:
            return (_longer(inputs, shape),)
        return (replace(kept, shape=shape),)

    def residual_ports(self, count: int) -> tuple[int, tuple[int, ...]]:
        # A residual concatenates shortcut first, body last (DenseNet).
        return count - 1, tuple(range(count - 1))

    def _mismatch(self, first: ValueType, other: ValueType) -> ShapeError:
        message = f"concat along {self.axis} needs equal other axes, but gets {first} and {other}"
        return ShapeError("SHP002", message, "make them equal with resize, fit or a stride")

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        values = traced.present_inputs
        if tape.device != "gpu":  # on a GPU one kernel reads values of several dtypes
            values = tuple(tape.to(x, promoted(*values)) for x in values)
        return (tape.run(values, tape.shape_of(traced), joined_strides(tape, traced), passes=True),)


def _longer(inputs: tuple[ValueType, ...], shape: tuple[Dim, ...]) -> ValueType:
    """Return tokens joined along the length: those before the only value with a grid are its prefix."""
    with_grid = [x for x in inputs if x.grid is not None]
    before: Dim = 0
    for x in inputs:
        if x.grid is not None:
            before = before + x.prefix
            break
        before = before + x.shape[0]
    if len(with_grid) != 1 or not isinstance(before, int):
        return ValueType.tokens(shape[0], shape[1])
    return ValueType.tokens(shape[0], shape[1], with_grid[0].grid, before)


def joined_strides(tape: Tape, traced: TracedOp) -> tuple[int, ...] | None:
    """Return channels-last strides if all values have them."""
    keeps_order = all(prefers_channels_last(x) for x in traced.present_inputs)
    return channels_last(tape.shape_of(traced)) if keeps_order else None
