"""Arrays without numbers: a storage, a shape and strides, laid out as torch lays out its tensors.

The layout functions repeat those of torch's C++ code, whose names they give; tests/ops compares them with torch.
"""

from __future__ import annotations

from math import prod
from typing import Literal

from msgspec import Struct

ArrayShape = tuple[int, ...]

ITEM_BYTES = {"float32": 4, "bfloat16": 2, "float16": 2, "int64": 8, "bool": 1}


class Storage(Struct, frozen=True, eq=False):
    """A piece of memory. What the network owns (`parameter`, `buffer`) is not counted as saved."""

    bytes: int
    role: Literal["value", "parameter", "buffer"] = "value"


class Array(Struct, frozen=True, eq=False):
    """A tensor as autograd sees it: its storage, its layout, and whether a gradient flows to it."""

    storage: Storage
    shape: ArrayShape
    strides: ArrayShape
    dtype: str = "float32"
    needs_grad: bool = False

    @property
    def elements(self) -> int:
        return prod(self.shape)

    @property
    def bytes(self) -> int:
        return self.elements * ITEM_BYTES[self.dtype]

    @property
    def contiguous(self) -> bool:
        """Whether the elements are in row-major order without gaps."""
        expected = 1
        for size, stride in zip(reversed(self.shape), reversed(self.strides), strict=True):
            # The stride of an axis of size 1 moves nowhere: torch ignores it, too.
            if size != 1:
                if stride != expected:
                    return False
                expected *= size
        return True

    @property
    def dense(self) -> bool:
        """Whether the elements fill their memory without gaps, in any order of axes."""
        expected = 1
        for stride, size in sorted(p for p in zip(self.strides, self.shape, strict=True) if p[1] != 1):
            if stride != expected:
                return False
            expected *= size
        return True


def row_major(shape: ArrayShape) -> ArrayShape:
    """Return the strides of a contiguous tensor."""
    strides, step = [], 1
    for size in reversed(shape):
        strides.append(step)
        step *= max(size, 1)
    return tuple(reversed(strides))


def channels_last(shape: ArrayShape) -> ArrayShape:
    """Return the strides of [B, C, *S] stored as [B, *S, C]."""
    order = (0, *range(2, len(shape)), 1)
    return in_order(shape, order)


def in_order(shape: ArrayShape, order: tuple[int, ...]) -> ArrayShape:
    """Return strides without gaps, with the axes in that order from the outermost to the innermost."""
    strides, step = [0] * len(shape), 1
    for axis in reversed(order):
        strides[axis] = step
        step *= max(shape[axis], 1)
    return tuple(strides)


def prefers_channels_last(x: Array) -> bool:
    """Return whether convolutions, pools and norms make their output channels last (c10 `is_channels_last_strides`)."""
    # A broadcast channel axis (stride 0) fits both orders; torch then takes channels first.
    if len(x.shape) not in (4, 5) or x.strides[1] == 0:
        return False
    least = 0
    for axis in (1, *range(len(x.shape) - 1, 1, -1), 0):
        stride = x.strides[axis]
        # Where only the batch has more than one element, strides fit both orders: torch takes channels first.
        if stride < least or (axis == 0 and least == x.strides[1]):
            return False
        least = stride * x.shape[axis] if x.shape[axis] > 1 else stride
    return True


def viewed(x: Array, shape: ArrayShape) -> ArrayShape | None:
    """Return the strides of a view of another shape; None where torch would copy (ATen `computeStride`).

    Axes that are contiguous with one another form a block; the new axes must divide each block evenly, from the
    innermost on.
    """
    strides = [0] * len(shape)
    at, base = len(shape) - 1, x.strides[-1] if x.strides else 1
    elements, mine = 1, 1
    for axis in range(len(x.shape) - 1, -1, -1):
        elements *= x.shape[axis]
        # Contiguous with the axis before it: the block goes on.
        if axis and (x.shape[axis - 1] == 1 or x.strides[axis - 1] == elements * base):
            continue
        while at >= 0 and (mine < elements or shape[at] == 1):
            strides[at] = mine * base
            mine *= shape[at]
            at -= 1
        if mine != elements:
            return None
        if axis:
            base, elements, mine = x.strides[axis - 1], 1, 1
    while at >= 0:  # a tensor without axes
        strides[at], at = 1, at - 1
    return tuple(strides)


def broadcast(*shapes: ArrayShape) -> ArrayShape:
    """Return the shape that all broadcast to."""
    rank = max(len(shape) for shape in shapes)
    padded = [(1,) * (rank - len(shape)) + shape for shape in shapes]
    return tuple(next((size for size in sizes if size != 1), 1) for sizes in zip(*padded, strict=True))


def elementwise_strides(shape: ArrayShape, operands: tuple[Array, ...]) -> ArrayShape:
    """Return the strides of an elementwise result, as ATen's TensorIterator chooses them.

    Its fast paths first: all contiguous, or all dense with the same strides. Else the axes are sorted by the operands'
    strides, in an insertion sort in which operands that say nothing (stride 0) leave the order as it is.
    """
    if all(x.shape == shape for x in operands):
        if all(x.contiguous for x in operands):
            return row_major(shape)
        if all(x.dense and x.strides == operands[0].strides for x in operands):
            return operands[0].strides
    order = list(range(len(shape) - 1, -1, -1))
    stretched = [_stretched(x, shape) for x in operands]
    for first in range(1, len(order)):
        moving = first
        for other in range(first - 1, -1, -1):
            swap = _compare(order[other], order[moving], shape, stretched)
            if swap > 0:
                order[other], order[moving] = order[moving], order[other]
                moving = other
            elif swap < 0:
                break
    return in_order(shape, tuple(reversed(order)))


def _stretched(x: Array, shape: ArrayShape) -> ArrayShape:
    """Return its strides along the axes of the result, 0 where it is broadcast."""
    missing = len(shape) - len(x.shape)
    own = zip(x.strides, x.shape, shape[missing:], strict=True)
    return (0,) * missing + tuple(0 if mine == 1 and size != 1 else stride for stride, mine, size in own)


def _compare(one: int, other: int, shape: ArrayShape, strides: list[ArrayShape]) -> int:
    """Return 1 where axis `one` belongs outside axis `other`, -1 where inside, 0 where no operand decides."""
    for operand in strides:
        a, b = operand[one], operand[other]
        # A broadcast operand has no order of these axes.
        if a == 0 or b == 0:
            continue
        if a != b:
            return 1 if a > b else -1
        # With equal strides TensorIterator puts the smaller axis inside.
        if shape[one] > shape[other]:
            return 1
    return 0
