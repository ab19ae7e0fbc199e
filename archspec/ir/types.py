"""The type of a value of the Graph: the kind and shape of one sample, without the batch."""

from __future__ import annotations

from math import prod
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from archspec.ir.sizes import Dim

Kind = Literal["map", "tokens", "vector", "ids", "mask", "unknown"]


class ValueType(Struct, frozen=True):
    """Kind, shape (PyTorch's order, no batch) and where the channels are.

    map [C, *S], tokens [L, C], vector [F], ids [L] or [] (integers), mask (booleans).
    `grid` and `prefix` say what picture a row of tokens came from: grid h x w after `prefix` extra tokens.
    """

    kind: Kind
    shape: tuple[Dim, ...]
    channel_axis: int = 0
    grid: tuple[Dim, ...] | None = None
    prefix: int = 0
    range: int | None = None  # ids lie below it

    @staticmethod
    def map(*shape: Dim) -> ValueType:
        return ValueType("map", shape, 0)

    @staticmethod
    def tokens(length: Dim, channels: Dim, grid: tuple[Dim, ...] | None = None, prefix: int = 0) -> ValueType:
        return ValueType("tokens", (length, channels), 1, grid, prefix)

    @staticmethod
    def vector(features: Dim) -> ValueType:
        return ValueType("vector", (features,), 0)

    @property
    def known(self) -> bool:
        """Whether the type is known; False after a failure upstream, whose consequences are not reported."""
        return self.kind != "unknown"

    @property
    def channels(self) -> int:
        """The number of channels (features of a vector, width of tokens). Always a plain int."""
        channels = self.shape[self.channel_axis] if self.shape else 0
        return channels if isinstance(channels, int) else 0

    @property
    def spatial_axes(self) -> tuple[int, ...]:
        """The axes of the shape that are height, width ...: all but the channels of a map, none otherwise."""
        if self.kind != "map":
            return ()
        if self.channel_axis == 0:
            return tuple(range(1, len(self.shape)))
        return tuple(axis for axis in range(len(self.shape)) if axis != self.channel_axis)

    @property
    def spatial(self) -> tuple[Dim, ...]:
        if self.kind == "map" and self.channel_axis == 0:
            return self.shape[1:]  # a shortcut for nearly all maps: every layer reads it
        return tuple(self.shape[axis] for axis in self.spatial_axes)

    @property
    def elements(self) -> int:
        """The number of elements of one sample; only for concrete shapes."""
        return prod([d for d in self.shape if isinstance(d, int)])

    def with_channels(self, channels: int) -> ValueType:
        shape = list(self.shape)
        shape[self.channel_axis] = channels
        return replace(self, shape=tuple(shape))

    def with_spatial(self, spatial: tuple[Dim, ...]) -> ValueType:
        """Return a map with the same channels and other spatial sizes (same rank)."""
        shape = list(self.shape)
        for axis, size in zip(self.spatial_axes, spatial, strict=True):
            shape[axis] = size
        return replace(self, shape=tuple(shape))

    def __str__(self) -> str:
        return show_shape(self.shape)


UNKNOWN = ValueType("unknown", ())


def optional_input(inputs: tuple[ValueType, ...], port: int) -> ValueType | None:
    """Return the input at an optional port, or None where it is left out (UNKNOWN, or the list ends before it)."""
    return inputs[port] if port < len(inputs) and inputs[port].known else None


def positions(value: ValueType) -> int:
    """Return the number of positions of a map: height x width."""
    return prod(int(size) for size in value.spatial if isinstance(size, int))


def show_shape(shape: tuple[Dim, ...]) -> str:
    """Return a shape as people write it: 64×56×56; a single number for a vector; `scalar` for no axes."""
    return "×".join(str(d) for d in shape) if shape else "scalar"
