"""The losses of a training step: what each allocates, and what it keeps for its gradient.

A loss is computed in float32 from every output that has a gradient, and reduced to one number. Its outputs may be the
largest arrays of a step: torch's gradient of `x.square().mean()` has four arrays of their size at once besides `x`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from msgspec import Struct

from archspec.ir.types import ValueType
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape

Loss = Literal["mean_square", "mse", "cross_entropy"]
Output = tuple[Array, ValueType]


class TracedLoss(Struct, frozen=True):
    """The number that is minimised, None where no output has a gradient, and the targets that come with the batch."""

    value: Array | None
    targets: tuple[Array, ...] = ()


def trace_loss(tape: Tape, loss: Loss, outputs: Sequence[Output]) -> TracedLoss:
    """Write a loss of the outputs that have a gradient."""
    trained = [(tape.to(x, "float32"), kind) for x, kind in outputs if x.needs_grad]
    if not trained:
        return TracedLoss(None)
    terms = [_LOSSES[loss](tape, x, kind) for x, kind in trained]
    return TracedLoss(tape.add(*(value for value, _ in terms)), tuple(t for _, targets in terms for t in targets))


def _mean_square(tape: Tape, x: Array, _: ValueType) -> tuple[Array, tuple[Array, ...]]:
    """Write x.square().mean()."""
    return tape.run([tape.square(x)], ()), ()


def _mse(tape: Tape, x: Array, _: ValueType) -> tuple[Array, tuple[Array, ...]]:
    """Write mse_loss(x, target), the target a tensor of the same shape."""
    target = tape.made(x.shape, "float32")
    return tape.run([x, target], (), keeps=[x, target]), (target,)


def _cross_entropy(tape: Tape, x: Array, kind: ValueType) -> tuple[Array, tuple[Array, ...]]:
    """Write cross_entropy over the channels, the target a class id for each position."""
    axis = kind.channel_axis + 1
    target = tape.made((*x.shape[:axis], *x.shape[axis + 1 :]), "int64")
    logarithms = tape.elementwise(x, keeps_output=True)
    return tape.run([logarithms, target], (), keeps=[logarithms, target]), (target,)


_LOSSES: dict[Loss, Callable[[Tape, Array, ValueType], tuple[Array, tuple[Array, ...]]]] = {
    "mean_square": _mean_square,
    "mse": _mse,
    "cross_entropy": _cross_entropy,
}
LOSSES: tuple[Loss, ...] = tuple(_LOSSES)
