"""The positions of its input that an op reads for each position of its output: what receptive fields are made of."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from archspec.ir.sizes import Dim
from archspec.ir.step_functions import IDENTITY, StepFunction, line
from archspec.ir.types import ValueType

Padding = tuple[tuple[int, int], ...]
"""(before, after) for each axis."""

WindowGeometry = tuple[tuple[tuple[Dim, Dim], ...], tuple[int, ...], tuple[int, ...], tuple[int, ...]]
"""Padding (before, after), kernel, stride and dilation of a sliding window, each with a value for every axis."""


class Window(Struct, frozen=True):
    """Position p of the output reads the positions first(p) to last(p) of one spatial axis of the input."""

    axis: int
    first: StepFunction
    last: StepFunction


class ReadWindows(Struct, frozen=True):
    """The windows of an op, one for each spatial axis of its output.

    exact: false where the op may read less than the windows say. same_position: each position reads itself alone.
    everything: each position reads all of the input, so that there are no windows.
    """

    windows: tuple[Window, ...] = ()
    exact: bool = True
    same_position: bool = False
    everything: bool = False


ALL_POSITIONS = ReadWindows(everything=True)


def windows_of(spans: Iterable[tuple[StepFunction, StepFunction]], exact: bool = True) -> ReadWindows:
    """Return windows from the (first, last) of each axis, the axes in the order of the input's."""
    return ReadWindows(tuple(Window(axis, first, last) for axis, (first, last) in enumerate(spans)), exact)


def sliding_windows(geometry: WindowGeometry) -> ReadWindows:
    """Return the windows of a convolution or pooling."""
    found = []
    padding, kernels, strides, dilations = geometry
    for (before, _), kernel, stride, dilation in zip(known_padding(padding), kernels, strides, dilations, strict=True):
        # Position p reads from p stride - before to the last tap of the dilated kernel.
        found.append((line(stride, -before), line(stride, dilation * (kernel - 1) - before)))
    return windows_of(found)


def known_padding(padding: tuple[tuple[Dim, Dim], ...]) -> Padding:
    """Return the padding of a map whose sizes are all known."""
    known = tuple((before, after) for before, after in padding if isinstance(before, int) and isinstance(after, int))
    assert len(known) == len(padding)
    return known


def same_positions(x: ValueType) -> ReadWindows:
    """Return the windows of an op that works at each position of a map (or of a grid of tokens) alone."""
    windows = tuple(Window(axis, IDENTITY, IDENTITY) for axis in range(spatial_rank(x)))
    return ReadWindows(windows, same_position=True)


def spatial_rank(x: ValueType) -> int:
    """Return the number of spatial axes: of a map, or of the picture that tokens came from."""
    return len(x.spatial_axes) if x.kind == "map" else len(x.grid or ())
