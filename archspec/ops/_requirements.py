"""Requirements of ops on their inputs, with their errors."""

from __future__ import annotations

from archspec.ir.op import Check, Op, ShapeError
from archspec.ir.sizes import Dim, at_least
from archspec.ir.types import ValueType, show_shape

CONVERSION_HINTS = {
    "tokens": "to_map makes tokens a map again",
    "vector": "unflatten: [C, H, W] makes a vector a map",
    "ids": "an embedding makes ids tokens",
}


def require_numbers(op: Op, x: ValueType) -> None:
    """Require a map, tokens or a vector: ids and masks hold no numbers to compute with."""
    if x.kind not in ("map", "tokens", "vector"):
        hint = "an embedding turns ids into tokens" if x.kind == "ids" else ""
        raise ShapeError("SHP010", f"{op.kind} needs a map, tokens or a vector, but gets {x.kind} [{x}]", hint)


def require_map(op: Op, x: ValueType, ranks: tuple[int, ...] = (1, 2, 3)) -> int:
    """Require a channels-first map of one of these ranks; return its number of spatial axes."""
    if x.kind != "map":
        hint = CONVERSION_HINTS.get(x.kind, "take another value with `from: name`")
        raise ShapeError("SHP010", f"{op.kind} needs a map [C, H, W], but gets {x.kind} [{x}]", hint)
    if x.channel_axis != 0:
        raise ShapeError("SHP010", f"{op.kind} needs the channels first, but gets a permuted map [{x}]", "permute back")
    rank = len(x.shape) - 1
    if rank not in ranks:
        raise ShapeError("SHP010", f"{op.kind} does not work on a map with {rank} spatial axes [{x}]")
    return rank


def require_channels_first(op: Op, x: ValueType) -> None:
    """Require a channels-first map or a vector: what norms over channels take."""
    if x.kind == "vector":
        return
    if x.kind == "tokens":
        message = f"{op.kind} would take the length of tokens [{x}] for channels"
        raise ShapeError("SHP010", message, "use layer_norm, or to_map first")
    require_map(op, x)


def require_values(op: Op, inputs: tuple[ValueType, ...]) -> None:
    """Require at least one value."""
    if not inputs:
        raise ShapeError("SPC009", f"{op.kind} needs at least one value", f"write {op.kind}: [one, other]")


def require_positive(op: Op, spatial: tuple[Dim, ...], x: ValueType, check: Check) -> None:
    """Require every output size to be at least 1 (SHP006)."""
    for size in spatial:
        if isinstance(size, int) and size >= 1:
            continue  # the usual case, without the cost of a message
        message = f"{op.kind} leaves nothing: the input {x} would become {show_shape((x.channels, *spatial))}"
        check(at_least(size, 1), ShapeError("SHP006", message, "use a smaller kernel or stride, or a larger input"))


def require_probability(rate: float) -> None:
    """Require a drop rate in [0, 1]."""
    if not 0 <= rate <= 1:
        raise ShapeError("SPC002", f"rate takes a number from 0 to 1, not {rate:g}", argument="rate")


def require_groups(inputs: int, channels: int, groups: int) -> None:
    """Require groups to divide both channel counts (CNV001); one group a channel needs a multiple of them (CNV002)."""
    # Before CNV001: a depthwise convolution always breaks that rule, too, and CNV002 knows the correction.
    if groups == inputs and channels % inputs:
        message = f"groups = {groups} takes each of the {inputs} channels alone; {channels} is no multiple of {inputs}"
        low, high = channels // inputs * inputs, (channels // inputs + 1) * inputs
        near = f"{low} or {high}" if low else str(high)
        raise ShapeError("CNV002", message, f"give it {near} channels; a 1x1 convolution mixes them", "groups")
    for what, number in (("input", inputs), ("output", channels)):
        if number % groups:
            message = f"groups = {groups} does not divide the {number} {what} channels"
            raise ShapeError("CNV001", message, "choose a divisor of both channel counts", "groups")
