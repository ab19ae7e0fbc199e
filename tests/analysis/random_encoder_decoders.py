"""Random encoder-decoders: the spec's text, and the same written with torch's functions alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

CHANNELS = 2


@dataclass
class Plan:
    """Layers in order: kind, arguments, and the name of the earlier value that a layer joins."""

    rank: int
    layers: list[tuple[str, dict[str, Any], str]] = field(default_factory=list)

    def text(self, sizes: tuple[int, ...]) -> str:
        """Return the spec with an input of these sizes."""
        lines = [f"input: {[CHANNELS, *sizes]}", "stages:", "  - identity: {name: start}"]
        for number, (kind, given, skip) in enumerate(self.layers):
            name = given.get("name", f"step{number}")
            arguments = {key: value for key, value in given.items() if key != "name"}
            if kind in ("add", "concat"):
                lines.append(f"  - {kind}: [prev, {skip}]")
                lines.append(f"  - conv: {{channels: {CHANNELS}, kernel: 1, padding: 0, name: {name}}}")
                continue
            if kind in ("conv", "conv_transpose"):
                arguments["channels"] = CHANNELS
            if skip:
                arguments["from"] = f"{{like: {skip}, x: prev}}"
            shown = ", ".join(f"{key}: {_yaml(value)}" for key, value in {**arguments, "name": name}.items())
            lines.append(f"  - {kind}: {{{shown}}}")
        return "\n".join(lines) + "\n"

    def runs(self, sizes: tuple[int, ...]) -> bool:
        """Return whether torch takes an input of these sizes, no add being broadcast and no map left empty."""
        x = torch.empty((1, CHANNELS, *sizes), device="meta")
        known = {"start": x}
        try:
            for kind, given, skip in self.layers:
                x = STEPS[kind](x, given, known.get(skip), self.rank)
                if 0 in x.shape:
                    return False
                if "name" in given:
                    known[given["name"]] = x
        except RuntimeError:
            return False
        return True


def _yaml(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(list(value) if isinstance(value, tuple) else value)


def _conv(x: Tensor, given: dict[str, Any], skip: Tensor | None, rank: int) -> Tensor:
    weight = torch.empty((CHANNELS, x.shape[1], *given["kernel"]), device="meta")
    options = {key: given[key] for key in ("stride", "padding", "dilation")}
    return (F.conv1d, F.conv2d)[rank - 1](x, weight, **options)


def _conv_transpose(x: Tensor, given: dict[str, Any], skip: Tensor | None, rank: int) -> Tensor:
    weight = torch.empty((x.shape[1], CHANNELS, *given["kernel"]), device="meta")
    options = {key: given[key] for key in ("stride", "padding", "output_padding")}
    return (F.conv_transpose1d, F.conv_transpose2d)[rank - 1](x, weight, **options)


def _max_pool(x: Tensor, given: dict[str, Any], skip: Tensor | None, rank: int) -> Tensor:
    pool = (F.max_pool1d, F.max_pool2d)[rank - 1]
    options = {"dilation": given["dilation"], "ceil_mode": given["ceil"]}
    found: Tensor = pool(x, given["kernel"], given["stride"], given["padding"], **options)
    return found


def _avg_pool(x: Tensor, given: dict[str, Any], skip: Tensor | None, rank: int) -> Tensor:
    pool = (F.avg_pool1d, F.avg_pool2d)[rank - 1]
    return pool(x, given["kernel"], given["stride"], given["padding"], given["ceil"])


def _resize(x: Tensor, given: dict[str, Any], skip: Tensor | None, rank: int) -> Tensor:
    if skip is not None:
        return F.interpolate(x, size=skip.shape[2:], mode="nearest")
    return F.interpolate(x, scale_factor=given["scale"], mode="nearest")


def _fit(x: Tensor, given: dict[str, Any], skip: Tensor | None, rank: int) -> Tensor:
    assert skip is not None
    amounts: list[int] = []
    for axis in reversed(range(2, 2 + rank)):
        difference = skip.shape[axis] - x.shape[axis]
        amounts += [difference // 2, difference - difference // 2]
    return F.pad(x, amounts)


def _pad(x: Tensor, given: dict[str, Any], skip: Tensor | None, rank: int) -> Tensor:
    amounts = [given["padding"]] * (2 * rank)
    return F.pad(x, amounts, mode="constant" if given["mode"] == "zeros" else given["mode"])


def _add(x: Tensor, given: dict[str, Any], skip: Tensor | None, rank: int) -> Tensor:
    assert skip is not None
    if x.shape != skip.shape:
        # RuntimeError, as torch raises it for shapes that it cannot broadcast either.
        raise RuntimeError("a broadcast, or nothing at all")
    return x + skip


def _concat(x: Tensor, given: dict[str, Any], skip: Tensor | None, rank: int) -> Tensor:
    assert skip is not None
    # The spec has a 1x1 convolution here, which brings the channels back; a slice has the same shape.
    return torch.cat([x, skip], 1)[:, :CHANNELS]


STEPS = {
    "conv": _conv,
    "conv_transpose": _conv_transpose,
    "max_pool": _max_pool,
    "avg_pool": _avg_pool,
    "resize": _resize,
    "fit": _fit,
    "pad": _pad,
    "add": _add,
    "concat": _concat,
}


def random_plan(seed: int) -> Plan:
    """Return an encoder-decoder of one to four levels; each level's map is joined to the decoder, and usually fits."""
    random = Random(seed)
    plan = Plan(rank=random.choice((1, 1, 2)))
    levels: list[tuple[str, Layer]] = []
    shifts = []
    for level in range(random.randint(1, 4)):
        inner = [_inner(random, plan.rank) for _ in range(random.randint(0, 2))]
        shifts.append(_shift(inner, plan.rank))
        name = f"level{level}"
        plan.layers += [*inner, ("conv", {**_window(random, plan.rank, same=True), "name": name}, "")]
        down = _down(random, tuple(random.choice((2, 2, 2, 3)) for _ in range(plan.rank)))
        plan.layers.append(down)
        levels.append((name, down))
    shifts.append((0,) * plan.rank)
    for (name, down), shift in reversed(list(zip(levels, shifts[1:], strict=True))):
        if random.random() < 0.1:
            plan.layers.append(_inner(random, plan.rank))
        _up(plan, random, down[1], shift, name)
    return plan


Layer = tuple[str, dict[str, Any], str]


def _shift(layers: list[Layer], rank: int) -> tuple[int, ...]:
    """Return by how much layers of stride 1 enlarge a map, for each axis."""
    total = [0] * rank
    for kind, given, _ in layers:
        for axis in range(rank):
            if kind == "pad":
                total[axis] += 2 * given["padding"]
            else:
                reach = given["dilation"][axis] * (given["kernel"][axis] - 1)
                total[axis] += 2 * given["padding"][axis] - reach
    return tuple(total)


def _window(random: Random, rank: int, same: bool) -> dict[str, Any]:
    kernel = tuple(random.choice((1, 3, 3, 5)) for _ in range(rank))
    dilation = tuple(random.choice((1, 1, 2)) for _ in range(rank))
    short = 0 if same or random.random() < 0.8 else 1
    padding = tuple(max(0, d * (k - 1) // 2 - short) for k, d in zip(kernel, dilation, strict=True))
    return {"kernel": kernel, "stride": (1,) * rank, "padding": padding, "dilation": dilation}


def _inner(random: Random, rank: int) -> Layer:
    if random.random() < 0.2:
        mode = random.choice(("zeros", "reflect", "circular", "replicate"))
        return ("pad", {"padding": random.randint(1, 2), "mode": mode}, "")
    return ("conv", _window(random, rank, same=False), "")


def _down(random: Random, stride: tuple[int, ...]) -> Layer:
    kernel = tuple(s + random.choice((0, 0, 1)) for s in stride)
    padding = tuple(random.randint(0, k // 2) if random.random() < 0.5 else 0 for k in kernel)
    given: dict[str, Any] = {"kernel": kernel, "stride": stride, "padding": padding, "dilation": (1,) * len(stride)}
    kind = random.choice(("max_pool", "avg_pool", "conv"))
    if kind == "conv":
        return (kind, {**given, "dilation": tuple(random.choice((1, 1, 2)) for _ in stride)}, "")
    given["ceil"] = random.random() < 0.4
    return (kind, {key: v for key, v in given.items() if key != "dilation" or kind == "max_pool"}, "")


def _up(plan: Plan, random: Random, down: dict[str, Any], shift: tuple[int, ...], skip: str) -> None:
    chance, stride = random.random(), down["stride"]
    if chance < 0.15:
        plan.layers.append(("resize", {"mode": "nearest"}, skip))
    elif chance < 0.3 and len(set(stride)) == 1:
        plan.layers.append(("resize", {"scale": float(stride[0])}, ""))
    else:
        plan.layers.append(_transposed(random, down, shift))
    if random.random() < 0.25:
        plan.layers.append(("fit", {}, skip))
    plan.layers.append((random.choice(("add", "concat")), {}, skip))


def _transposed(random: Random, down: dict[str, Any], shift: tuple[int, ...]) -> Layer:
    """Return a transposed convolution that restores the size before `down`, for one remainder by the stride."""
    kernels, paddings, extras = [], [], []
    dilation = down.get("dilation", (1,) * len(shift))
    for k, s, p, d, more in zip(down["kernel"], down["stride"], down["padding"], dilation, shift, strict=True):
        rest = random.randrange(s) - (s - 1 if down.get("ceil") else 0)
        extra = random.choice((0, 0, 1))
        wanted = d * (k - 1) + 1 - 2 * p + rest - s * more - extra
        # Padding takes twice its amount off: the kernel, larger by as much, stays at least 1.
        padding = max(0, (2 - wanted) // 2) + random.choice((0, 0, 1))
        kernels.append(wanted + 2 * padding)
        paddings.append(padding)
        extras.append(extra)
    given = {"kernel": tuple(kernels), "stride": down["stride"], "padding": tuple(paddings)}
    return ("conv_transpose", {**given, "output_padding": tuple(extras)}, "")
