"""pad: rows, columns and channels added around a map."""

from __future__ import annotations

from math import prod

from msgspec.structs import force_setattr

from archspec.ir.op import Check, Op, ShapeError
from archspec.ir.parameters import attribute
from archspec.ir.sizes import Dim, at_least
from archspec.ir.step_functions import line
from archspec.ir.types import ValueType
from archspec.ir.windows import ReadWindows, spatial_rank, windows_of
from archspec.ops._requirements import require_map
from archspec.tracing.arrays import ITEM_BYTES, Array, channels_last, prefers_channels_last
from archspec.tracing.tape import Tape, TracedOp


class Pad(Op):
    """[C, *S] to [C, *(S + before + after)]; with `channels` also to more channels, for `mode: zeros` alone."""

    family = "resampling"
    requires_channels_first = True

    padding: int | tuple[int | tuple[int, int], ...] = attribute(
        "any", 0, main=True, about="an int, one for each axis, or [before, after] for each axis"
    )
    mode: str = attribute("str", "zeros", choices=("zeros", "reflect", "replicate", "circular"))
    value: float = attribute("float", 0.0, about="what mode: zeros pads with")
    channels: tuple[int, ...] = attribute("shape", (0, 0), about="[before, after]: channels added")

    def __post_init__(self) -> None:
        # An op is a value: YAML's lists become tuples, which can be hashed.
        if isinstance(self.padding, (list, tuple)):
            frozen = tuple(tuple(p) if isinstance(p, (list, tuple)) else p for p in self.padding)
            force_setattr(self, "padding", frozen)

    def pairs(self, rank: int) -> tuple[tuple[int, int], ...]:
        """Return (before, after) for each axis."""
        entries = self.padding if isinstance(self.padding, tuple) else (self.padding,) * rank
        pairs = tuple(p if isinstance(p, tuple) else (p, p) for p in entries)
        numbers = [n for pair in pairs for n in pair]
        whole = all(isinstance(n, int) and not isinstance(n, bool) and n >= 0 for n in numbers)
        if not whole or any(len(pair) != 2 for pair in pairs):
            message = "padding takes an int of at least 0, one for each axis, or [before, after] for each axis"
            raise ShapeError("SPC002", message, argument="padding")
        if len(pairs) != rank:
            message = f"padding has {len(pairs)} entries, but the map has {rank} axes"
            raise ShapeError("SPC002", message, argument="padding")
        return pairs

    def infer(self, inputs: tuple[ValueType, ...], check: Check) -> tuple[ValueType, ...]:
        (x,) = inputs
        pairs = self.pairs(require_map(self, x))
        if len(self.channels) != 2:
            raise ShapeError("SPC002", "channels takes [before, after]", argument="channels")
        if min(self.channels) < 0:
            before, after = self.channels
            message = f"pad adds channels, and [{before}, {after}] would take {-min(before, 0) - min(after, 0)} away"
            hint = "a shortcut beside a body that gives fewer channels can be a projection"
            raise ShapeError("SPC002", message, hint, "channels")
        if self.mode != "zeros" and any(self.channels):
            raise ShapeError("SPC002", f"channels can be added with mode: zeros, not {self.mode}", argument="channels")
        spatial: list[Dim] = []
        for size, pair in zip(x.spatial, pairs, strict=True):
            check_padding_mode(self.mode, size, pair, check)
            spatial.append(size + sum(pair))
        return (ValueType.map(x.channels + sum(self.channels), *spatial),)

    def receptive_field(self, inputs: tuple[ValueType, ...]) -> ReadWindows:
        return windows_of([(line(1, -before), line(1, -before)) for before, _ in self.pairs(spatial_rank(inputs[0]))])

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        rank = len(traced.x.shape) - 2
        # F.pad with channels is always zeros: nothing is saved, and no mode matters.
        if any(self.channels):
            return (tape.fresh(traced),)
        return (padded_map(tape, traced.x, self.pairs(rank), self.mode),)


def check_padding_mode(mode: str, size: Dim, pair: tuple[int, int], check: Check) -> None:
    """Require a map larger than its padding for reflection, and at least as large for wrapping around (SHP012)."""
    if mode not in ("reflect", "circular"):
        return
    # torch's limits: a reflection leaves the border pixel out, so that it needs one more.
    needed = max(pair) + (mode == "reflect")
    message = f"{mode} padding of {max(pair)} needs a size of at least {needed}, not {size}"
    check(at_least(size, needed), ShapeError("SHP012", message, "pad less, or with replicate or zeros", "padding"))


def padded_map(tape: Tape, x: Array, pairs: tuple[tuple[int, int], ...], mode: str) -> Array:
    """Write a padded map; torch saves the input of mirrored or repeated edges, though it needs its sizes alone."""
    spatial = (size + sum(pair) for size, pair in zip(x.shape[2:], pairs, strict=True))
    shape = (*x.shape[:2], *spatial)
    strides = channels_last(shape) if prefers_channels_last(x) else None
    name = {"reflect": "reflection", "replicate": "replication"}.get(mode, mode)
    x = tape.cast(f"{name}_pad{len(pairs)}d", x)
    whole = prod(shape) * ITEM_BYTES[x.dtype]
    # Wrapping around copies slices within the result: gradients of the whole are copied, and of a slice.
    scratch = max(0, 3 * whole // 2 - x.bytes) if mode == "circular" else 0
    return tape.run([x], shape, strides, keeps=[x] if mode in ("reflect", "replicate") else [], scratch=scratch)
