"""resize: a map interpolated to another size."""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar

from archspec.ir.op import Check, Op, Port, ShapeError, given, per_axis, require_map, require_positive
from archspec.ir.parameters import attribute
from archspec.ir.sizes import Dim
from archspec.ir.types import ValueType
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp

FINEST = 64


class Resize(Op):
    """[C, *S] to [C, floor(scale * S)], to a size, or to the size of another map (`like`)."""

    ports: ClassVar[tuple[Port, ...]] = (Port("x"), Port("like", optional=True))
    scale: float | None = attribute("float", None, main=True, gt=0, nullable=True)
    size: int | tuple[int, ...] | None = attribute("axes", None, ge=1, nullable=True)
    mode: str = attribute("str", "nearest", choices=("nearest", "linear", "bicubic"))
    align_corners: bool = attribute("bool", False)

    def infer(self, inputs: tuple[ValueType, ...], check: Check) -> tuple[ValueType, ...]:
        x, like = inputs[0], given(inputs, 1)
        rank = require_map(self, x)
        self._check_arguments(rank, like)
        if like is not None:
            if require_map(self, like) != rank:
                raise ShapeError("SHP010", f"resize cannot give {x} the size of {like}: they have different axes")
            return (x.with_spatial(like.spatial),)
        if self.size is not None:
            return (x.with_spatial(per_axis(self.size, rank, "size")),)
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
        """The scale as an exact fraction; only such scales give the same floor here and in PyTorch's floats."""
        ratio = Fraction(self.scale or 1)
        if ratio.denominator > FINEST:
            message = f"scale {self.scale:g} is not a multiple of 1/{FINEST}, so sizes would depend on rounding"
            raise ShapeError("SPC002", message, "use size, or from: {like: ...}", "scale")
        return ratio

    def elementwise_flops(self, inputs: tuple[ValueType, ...], outputs: tuple[ValueType, ...]) -> int:
        """A multiplication and an addition for each source element read: 2 or 4 along each axis."""
        rank = len(outputs[0].spatial_axes)
        taps = {"nearest": 0, "linear": 2, "bicubic": 4}[self.mode]
        reads = 1
        for _ in range(rank):
            reads *= taps
        return 2 * reads * outputs[0].elements

    def strides(self, inputs: tuple[ValueType, ...], port: int) -> tuple[Fraction, ...] | None:
        rank = len(inputs[port].spatial_axes)
        if given(inputs, 1) is not None:
            return (Fraction(1),) * rank if port == 1 else None
        return None if self.size is not None else (1 / self.ratio(),) * rank

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        rank = len(traced.x.shape) - 2
        linear = ("linear", "bilinear", "trilinear")[rank - 1]
        return (tape.fresh(traced, name=f"upsample_{linear if self.mode == 'linear' else self.mode}{rank}d"),)
