"""Axes of a sample by number or by word, and values without an axis or with another size along one."""

from __future__ import annotations

from msgspec.structs import replace

from archspec.ir.op import Op, ShapeError
from archspec.ir.sizes import Dim
from archspec.ir.types import ValueType
from archspec.ops._requirements import require_numbers

AXIS_WORDS = ("channel", "length", "last")


def resolve_axis(op: Op, axis: int | str, x: ValueType) -> int:
    """Return the position in the sample's shape of `channel`, `length`, `last` or a number (negative: from the end)."""
    rank = len(x.shape)
    if axis == "channel":
        return x.channel_axis
    if axis == "last":
        return rank - 1
    if axis == "length":
        if x.kind == "tokens":
            return 0
        if x.kind == "map" and rank == 2:
            return 1 - x.channel_axis
        message = f"axis: length needs tokens [L, C] or a map [C, L], but {op.kind} gets {x.kind} [{x}]"
        raise ShapeError("SHP010", message, "to_tokens makes a map tokens; or write the axis as a number", "axis")
    assert isinstance(axis, int)
    if not -rank <= axis < rank:
        message = f"axis {axis} is outside the {rank} axes of {x} (the batch is not counted)"
        raise ShapeError("SHP010", message, argument="axis")
    return axis % rank


def feature_axis(op: Op, axis: str, x: ValueType) -> int:
    """Return the axis of the features that `axis: last` or `axis: channel` means: the channels, first or last.

    On a channels-first map `last` would mean the width, which is never what is meant (SHP010).
    """
    require_numbers(op, x)
    last = len(x.shape) - 1
    if axis == "last" and x.channel_axis != last:
        hint = "put global_avg_pool, to_tokens or flatten before it, or write axis: channel to work at each position"
        if len(x.shape) == 2:
            hint = _mixing_hint(x)
        message = f"{op.kind} works on the last axis, but the channels of {x} are axis {x.channel_axis}"
        raise ShapeError("SHP010", message, hint, "axis")
    # Modules work on the last axis; only channels that come first are transposed for them.
    if x.channel_axis not in (0, last):
        message = f"{op.kind} needs the channels first or last, but gets {x} with channels at axis {x.channel_axis}"
        raise ShapeError("SHP010", message, "permute first")
    return x.channel_axis


def _mixing_hint(x: ValueType) -> str:
    """Return what to do for a linear layer over positions, which permuted tokens or a signal [C, L] are made for."""
    channels, length = x.shape
    return (
        f"for the {channels} channels write axis: channel; to mix the {length} positions (MLP-Mixer), leave the tokens"
        f" unpermuted and make positions channels: flatten, unflatten: [{length}, {channels}, 1],"
        f" conv: {{channels: ..., kernel: 1}}; then flatten, unflatten: [{length}, {channels}];"
        " in a residual with shortcut: identity"
    )


def with_axis(x: ValueType, axis: int, size: Dim) -> ValueType:
    """Return the value with another size along one axis; tokens of another length lose their grid."""
    shape = (*x.shape[:axis], size, *x.shape[axis + 1 :])
    # The grid says which position each token came from; with other tokens that no longer holds.
    if x.kind == "tokens" and axis == 0 and size != x.shape[0]:
        return replace(x, shape=shape, grid=None, prefix=0)
    return replace(x, shape=shape)


def without_axis(op: Op, x: ValueType, axis: int, hint: str) -> ValueType:
    """Return the value without one axis: tokens without length are a vector, so is a map without space."""
    if axis == x.channel_axis:
        raise ShapeError("SHP010", f"{op.kind} would leave {x} without channels", hint, "axis")
    shape = (*x.shape[:axis], *x.shape[axis + 1 :])
    if len(shape) == 1:
        return ValueType.vector(shape[0])
    return ValueType("map", shape, x.channel_axis - (axis < x.channel_axis))
