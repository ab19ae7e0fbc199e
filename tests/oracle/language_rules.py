"""The rules of the language beyond PyTorch: designs that torch would run by accident, and that are mistakes.

Each convention raises NotMeant. They are few, and each is a sentence of docs/language.md: a broadcasting add is a
finding, an op on maps does not take tokens for a map without a batch, and no value is empty.
"""

from __future__ import annotations

from typing import Any

from archspec.ir.types import ValueType

WINDOWS = ("conv", "conv_transpose", "max_pool", "avg_pool", "adaptive_avg_pool", "adaptive_max_pool")
MOVES = ("resize", "fit", "pad", "channel_shuffle", "depth_to_space", "space_to_depth", "to_tokens")
MAP_OPS = frozenset((*WINDOWS, *MOVES, "instance_norm"))
CHANNEL_OPS = frozenset({"batch_norm", "group_norm"})  # these take vectors, too
FEATURE_OPS = frozenset({"linear", "layer_norm", "rms_norm"})
PLANE_OPS = frozenset({"depth_to_space", "space_to_depth"})


class NotMeant(Exception):
    """A design that torch might run, and that the language calls a mistake."""


def check_inputs(op: Any, inputs: tuple[ValueType, ...]) -> None:
    """Raise NotMeant for kinds of values that an op does not take."""
    x = inputs[0] if inputs else None
    if x is None:
        return
    if op.kind in MAP_OPS and x.kind != "map":
        raise NotMeant(f"{op.kind} on {x.kind}: torch may take it for a map without a batch")
    if op.kind in MAP_OPS | CHANNEL_OPS and x.channel_axis != 0 and op.kind != "to_tokens":
        raise NotMeant(f"{op.kind} would take another axis for the channels")
    if op.kind in PLANE_OPS and len(x.shape) != 3:
        raise NotMeant(f"{op.kind} is for pictures")
    if op.kind == "dropout" and op.mode == "channel" and x.kind != "map":
        raise NotMeant("whole channels are dropped from maps")
    if op.kind in FEATURE_OPS and op.axis == "last" and x.channel_axis != len(x.shape) - 1:
        raise NotMeant(f"{op.kind} over the width of a map")
    if op.kind in ("attention", "to_map") and any(t.known and t.kind != "tokens" for t in inputs[:1]):
        raise NotMeant(f"{op.kind} on {x.kind}")
    if op.kind == "unflatten" and x.kind != "vector":
        raise NotMeant("unflatten of what is no vector")
    if op.kind == "position_embedding" and x.kind == "vector":
        raise NotMeant("a vector has no positions")
    if op.kind == "prelu" and op.shape == "channel" and x.channel_axis != 0:
        raise NotMeant("PReLU counts slopes along the first axis")
    if x.kind in ("ids", "mask") and op.kind not in ("embedding", "identity", "parameter"):
        raise NotMeant(f"{op.kind} on {x.kind}, which are no numbers")
    if op.kind in ("add", "multiply", "gate", "concat"):
        _check_joined(op, inputs)


def _check_joined(op: Any, inputs: tuple[ValueType, ...]) -> None:
    """Raise NotMeant for joined values with channels on different axes, or that torch would broadcast unasked."""
    if op.kind == "gate":
        inputs, opening = inputs[1:], inputs[0]
        if opening.channel_axis != inputs[0].channel_axis or len(opening.shape) != len(inputs[0].shape):
            raise NotMeant("a gate with other axes")
        if any(mine not in (1, its) for mine, its in zip(opening.shape, inputs[0].shape, strict=True)):
            raise NotMeant("a gate larger than what it gates")
    widest = max(inputs, key=lambda t: len(t.shape))
    for x in inputs:
        if len(x.shape) == len(widest.shape):
            if x.channel_axis != widest.channel_axis:
                raise NotMeant("the channels lie on different axes")
        elif op.kind == "concat" or not getattr(op, "broadcast", False) or x.kind != "vector":
            raise NotMeant("values with different numbers of axes")
    stretches = op.kind == "concat" or getattr(op, "broadcast", False)
    if not stretches and len({x.shape for x in inputs}) > 1:
        raise NotMeant("torch broadcasts, or refuses; either is a mistake")


def check_output(shape: tuple[int, ...]) -> None:
    """Raise NotMeant for an empty value."""
    if 0 in shape:
        raise NotMeant("an empty value")
