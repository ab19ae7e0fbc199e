"""resize: a map interpolated to another size."""

from __future__ import annotations

from fractions import Fraction

from archspec.ir.axes import per_axis
from archspec.ir.op import Check, Op, Port, ShapeError
from archspec.ir.parameters import attribute
from archspec.ir.sizes import Dim
from archspec.ir.step_functions import StepFunction, ceil_of, floor_of
from archspec.ir.types import ValueType, optional_input
from archspec.ir.windows import ReadWindows, spatial_rank, windows_of
from archspec.ops._requirements import require_map, require_positive
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp

FINEST = 64


class Resize(Op):
    """[C, *S] to [C, floor(scale * S)], to a size, or to the size of another map (`like`)."""

    family = "resampling"
    upsamples = True
    requires_channels_first = True
    keeps_range = True
    ports = (Port("x"), Port("like", optional=True, shape_only=True))
    scale: float | None = attribute("float", None, main=True, gt=0, nullable=True)
    size: int | tuple[int, ...] | None = attribute("axes", None, ge=1, nullable=True)
    mode: str = attribute("str", "nearest", choices=("nearest", "linear", "bicubic"))
    align_corners: bool = attribute("bool", False)

    def infer(self, inputs: tuple[ValueType, ...], check: Check) -> tuple[ValueType, ...]:
        x, like = inputs[0], optional_input(inputs, 1)
        rank = require_map(self, x)
        self._check_arguments(rank, like)
        if like is not None:
            if require_map(self, like) != rank:
                raise ShapeError("SHP010", f"resize cannot give {x} the size of {like}: they have different axes")
            return (x.with_spatial(like.spatial),)
        if self.size is not None:
            return (x.with_spatial(per_axis(self.size, rank, "size")),)
        # Exact integer arithmetic for floor(n * scale), on ints and free sizes alike.
        ratio = self.ratio()
        spatial: tuple[Dim, ...] = tuple(n * ratio.numerator // ratio.denominator for n in x.spatial)
        require_positive(self, spatial, x, check)
        return (x.with_spatial(spatial),)

    def _check_arguments(self, rank: int, like: ValueType | None) -> None:
        ways = (self.scale is not None) + (self.size is not None) + (like is not None)
        if ways != 1:
            raise ShapeError("SPC002", "resize takes one of scale, size and from: {like: ...}", argument="scale")
        if self.mode == "bicubic" and rank != 2:
            raise ShapeError("SHP010", "mode: bicubic needs a map [C, H, W]", "use mode: linear", "mode")
        if self.align_corners and self.mode == "nearest":
            message = "align_corners means nothing with mode: nearest"
            raise ShapeError("SPC002", message, "use mode: linear", "align_corners")

    def ratio(self) -> Fraction:
        """Return the scale as an exact fraction.

        Refuse one that is no multiple of 1/64: floor(n * scale) in PyTorch's floats might then be another number.
        """
        ratio = Fraction(self.scale or 1)
        if ratio.denominator > FINEST:
            message = f"scale {self.scale:g} is not a multiple of 1/{FINEST}, so sizes would depend on rounding"
            raise ShapeError("SPC002", message, "use size, or from: {like: ...}", "scale")
        return ratio

    def elementwise_flops(self, inputs: tuple[ValueType, ...], outputs: tuple[ValueType, ...]) -> int:
        """Return a multiplication and an addition for each source element read: 2 or 4 along each axis."""
        rank = len(outputs[0].spatial_axes)
        taps = {"nearest": 0, "linear": 2, "bicubic": 4}[self.mode]
        reads = 1
        for _ in range(rank):
            reads *= taps
        return 2 * reads * outputs[0].elements

    def strides(self, inputs: tuple[ValueType, ...], port: int) -> tuple[Fraction, ...] | None:
        rank = len(inputs[port].spatial_axes)
        if optional_input(inputs, 1) is not None:
            return (Fraction(1),) * rank if port == 1 else None
        return None if self.size is not None else (1 / self.ratio(),) * rank

    def receptive_field(self, inputs: tuple[ValueType, ...]) -> ReadWindows | None:
        x, like = inputs[0], optional_input(inputs, 1)
        found = []
        for axis, n in enumerate(x.spatial):
            to: Dim | None = like.spatial[axis] if like is not None else None
            if self.size is not None:
                to = per_axis(self.size, spatial_rank(x), "size")[axis]
            if to is None:
                ratio = self.ratio()
                step = Fraction(ratio.denominator, ratio.numerator)
                to = n * ratio.numerator // ratio.denominator
            elif isinstance(n, int) and isinstance(to, int):
                step = Fraction(n, to)
            else:
                return None
            if self.align_corners:
                if not isinstance(n, int) or not isinstance(to, int):
                    return None
                # With align_corners the first and the last pixels of both maps coincide.
                step = Fraction(n - 1, to - 1) if to > 1 else Fraction(0)
            found.append(_interpolated(self.mode, step, self.align_corners))
        return windows_of(found)

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        rank = len(traced.x.shape) - 2
        linear = ("linear", "bilinear", "trilinear")[rank - 1]
        return (tape.fresh(traced, name=f"upsample_{linear if self.mode == 'linear' else self.mode}{rank}d"),)


def _interpolated(mode: str, step: Fraction, corners: bool) -> tuple[StepFunction, StepFunction]:
    """Return what is read where position p lies at p · step (or where the middles of the pixels correspond so)."""
    if mode == "nearest":
        nearest = floor_of(step.numerator, 0, step.denominator)
        return nearest, nearest
    # Without align_corners the middles of pixels correspond: source = (p + 1/2) step - 1/2.
    offset = Fraction(0) if corners else (step - 1) / 2
    whole = step.denominator * offset.denominator
    numerator, shift = int(step * whole), int(offset * whole)
    first, last = floor_of(numerator, shift, whole), ceil_of(numerator, shift, whole)
    if mode == "linear":
        return first, last
    # Bicubic reads one more pixel on each side, but a pixel that is hit exactly alone.
    between = [int(a < b) for a, b in zip(first.table, last.table, strict=True)]
    wider = tuple(a - more for a, more in zip(first.table, between, strict=True))
    beyond = tuple(b + more for b, more in zip(last.table, between, strict=True))
    return StepFunction(first.growth, wider), StepFunction(last.growth, beyond)
