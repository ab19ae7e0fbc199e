"""Which positions of its input an op reads for each position of its output."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any, Final

from msgspec import Struct

from archspec.analysis.step_function import ITSELF, StepFunction, ceil_of, floor_of, line
from archspec.ir.op import Op, given, per_axis
from archspec.ir.sizes import Dim
from archspec.ir.types import ValueType
from archspec.ops._axes import resolve_axis
from archspec.ops._elementwise import Elementwise


class Window(Struct, frozen=True):
    """Position p of the output reads the positions first(p) to last(p) of one spatial axis of the input."""

    axis: int
    first: StepFunction
    last: StepFunction


class Reads(Struct, frozen=True):
    """The windows of an op, one for each spatial axis of its output, or that it hands each position on (`passing`)."""

    axes: tuple[Window, ...] = ()
    exact: bool = True
    passing: bool = False
    all: bool = False  # every position reads all of the input


def reads_of(op: Op, inputs: tuple[ValueType, ...]) -> Reads | None:
    """What an op reads of the first of its inputs; None where that is not known."""
    x = inputs[0]
    rule = RULES.get(op.kind)
    return None if rule is None else rule(op, x, inputs)


def passes(op: Op, kind: str) -> bool:
    """Whether an op works at each position alone."""
    return kind in PASSING or (kind not in ALONG_AN_AXIS and isinstance(op, Elementwise))


def _rank(x: ValueType) -> int:
    return len(x.spatial_axes) if x.kind == "map" else len(x.grid or ())


def _same(x: ValueType) -> Reads:
    return Reads(tuple(Window(axis, ITSELF, ITSELF) for axis in range(_rank(x))), passing=True)


def _everything() -> Reads:
    return Reads(all=True)


def _windows(found: list[tuple[StepFunction, StepFunction]], exact: bool = True) -> Reads:
    return Reads(tuple(Window(axis, first, last) for axis, (first, last) in enumerate(found)), exact)


def _window(op: Any, x: ValueType, inputs: tuple[ValueType, ...]) -> Reads:
    """Convolution and pooling."""
    found = []
    for (before, _), kernel, stride, dilation in zip(*op.geometry(_rank(x)), strict=True):
        found.append((line(stride, -before), line(stride, dilation * (kernel - 1) - before)))
    return _windows(found)


def _transposed(op: Any, x: ValueType, inputs: tuple[ValueType, ...]) -> Reads:
    """The positions whose kernel, laid down at every stride, reaches p; a bound where the kernel has holes there."""
    names = ("kernel", "stride", "padding", "dilation")
    found, exact = [], True
    for kernel, stride, padding, dilation in zip(*(per_axis(getattr(op, n), _rank(x), n) for n in names), strict=True):
        reach = dilation * (kernel - 1)
        first, last = ceil_of(1, padding - reach, stride), floor_of(1, padding, stride)
        if reach + 1 < stride:  # some positions see nothing
            first = floor_of(1, padding - reach, stride)
        exact = exact and stride <= reach + 1 and (dilation == 1 or stride == 1)
        found.append((first, last))
    return _windows(found, exact)


def _adaptive(op: Any, x: ValueType, inputs: tuple[ValueType, ...]) -> Reads | None:
    sizes = per_axis(op.size, _rank(x), "size")
    if all(size == 1 for size in sizes):
        return _everything()
    found = []
    for n, size in zip(x.spatial, sizes, strict=True):
        if not isinstance(n, int):
            return None
        found.append((floor_of(n, 0, size), floor_of(n, n + size - 1, size).plus(-1)))
    return _windows(found)


def _resize(op: Any, x: ValueType, inputs: tuple[ValueType, ...]) -> Reads | None:
    like = given(inputs, 1)
    found = []
    for axis, n in enumerate(x.spatial):
        to: Dim | None = like.spatial[axis] if like is not None else None
        if op.size is not None:
            to = per_axis(op.size, _rank(x), "size")[axis]
        if to is None:
            ratio = op.ratio()
            step = Fraction(ratio.denominator, ratio.numerator)
            to = n * ratio.numerator // ratio.denominator
        elif isinstance(n, int) and isinstance(to, int):
            step = Fraction(n, to)
        else:
            return None
        if op.align_corners:
            if not isinstance(n, int) or not isinstance(to, int):
                return None
            step = Fraction(n - 1, to - 1) if to > 1 else Fraction(0)
        found.append(_interpolated(op.mode, step, op.align_corners))
    return _windows(found)


def _interpolated(mode: str, step: Fraction, corners: bool) -> tuple[StepFunction, StepFunction]:
    """What is read where position p lies at p · step (or the middles of the pixels correspond so)."""
    if mode == "nearest":
        nearest = floor_of(step.numerator, 0, step.denominator)
        return nearest, nearest
    offset = Fraction(0) if corners else (step - 1) / 2
    whole = step.denominator * offset.denominator
    numerator, shift = int(step * whole), int(offset * whole)
    first, last = floor_of(numerator, shift, whole), ceil_of(numerator, shift, whole)
    if mode == "linear":
        return first, last
    between = [int(a < b) for a, b in zip(first.table, last.table, strict=True)]  # a pixel that is hit is read alone
    wider = tuple(a - more for a, more in zip(first.table, between, strict=True))
    return StepFunction(first.growth, wider), StepFunction(
        last.growth, tuple(b + more for b, more in zip(last.table, between, strict=True))
    )


def _pad(op: Any, x: ValueType, inputs: tuple[ValueType, ...]) -> Reads:
    return _windows([(line(1, -before), line(1, -before)) for before, _ in op.pairs(_rank(x))])


def _fit(op: Any, x: ValueType, inputs: tuple[ValueType, ...]) -> Reads | None:
    found = []
    for n, to in zip(x.spatial, inputs[1].spatial, strict=True):
        if not isinstance(n, int) or not isinstance(to, int):
            return None
        moved = line(1, -((to - n) // 2))
        found.append((moved, moved))
    return _windows(found)


def _slice(op: Any, x: ValueType, inputs: tuple[ValueType, ...]) -> Reads | None:
    axis = op.position(x)
    if x.kind != "map":
        return _same(x) if x.grid is not None and op.index is None and 0 <= op.start <= x.prefix else None
    if axis == x.channel_axis:
        return _same(x) if op.index is None else None
    size = x.shape[axis]
    if op.index is not None or not isinstance(size, int):
        return None
    start = op.start if op.start >= 0 else size + op.start
    moved = line(op.step, start)
    return _windows([(moved, moved) if a == axis else (ITSELF, ITSELF) for a in x.spatial_axes])


def _along(op: Any, x: ValueType, inputs: tuple[ValueType, ...]) -> Reads | None:
    """Ops along one axis: along the channels they stay at their position."""
    return _same(x) if resolve_axis(op, op.axis, x) == x.channel_axis else None


def _reduce(op: Any, x: ValueType, inputs: tuple[ValueType, ...]) -> Reads | None:
    if resolve_axis(op, op.axis, x) == x.channel_axis:
        return _same(x) if op.keep else None
    return _everything() if _rank(x) == 1 else None


def _space_to_depth(op: Any, x: ValueType, inputs: tuple[ValueType, ...]) -> Reads:
    return _windows([(line(op.factor), line(op.factor, op.factor - 1))] * _rank(x))


def _depth_to_space(op: Any, x: ValueType, inputs: tuple[ValueType, ...]) -> Reads:
    return _windows([(floor_of(1, 0, op.factor), floor_of(1, 0, op.factor))] * _rank(x))


def _permute(op: Any, x: ValueType, inputs: tuple[ValueType, ...]) -> Reads | None:
    if x.kind != "map":
        return None
    axes = [x.spatial_axes.index(axis) for axis in op.axes if axis in x.spatial_axes]
    return Reads(tuple(Window(axis, ITSELF, ITSELF) for axis in axes))


def _regrid(op: Any, x: ValueType, inputs: tuple[ValueType, ...]) -> Reads:
    """to_tokens and to_map: tokens remember where they were."""
    return _same(x)


PASSING: Final = (
    *("batch_norm", "instance_norm", "group_norm", "layer_norm", "rms_norm", "linear", "identity", "channel_shuffle"),
    *("glu",),
)
ALONG_AN_AXIS: Final = ("softmax", "l2_normalize")
RULES: Final[dict[str, Callable[[Any, ValueType, tuple[ValueType, ...]], Reads | None]]] = {
    "conv": _window,
    "max_pool": _window,
    "avg_pool": _window,
    "conv_transpose": _transposed,
    "adaptive_avg_pool": _adaptive,
    "adaptive_max_pool": _adaptive,
    "resize": _resize,
    "pad": _pad,
    "fit": _fit,
    "slice": _slice,
    "split": _along,
    "softmax": _along,
    "l2_normalize": _along,
    "mean": _reduce,
    "max": _reduce,
    "sum": _reduce,
    "space_to_depth": _space_to_depth,
    "depth_to_space": _depth_to_space,
    "permute": _permute,
    "to_tokens": _regrid,
    "to_map": _regrid,
}
