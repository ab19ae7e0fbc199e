"""Every op as one would write it in PyTorch, from its attributes and what it is given: archspec's shape rules and
emitters take no part. The answer is torch's own, on the meta device and, where that is cheap, on the CPU."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from math import prod
from typing import Any

import torch
import torch.nn.functional as F
from msgspec.structs import replace
from torch import Tensor, nn

from archspec.ir.types import ValueType
from tests.narrow import present, sizes
from tests.oracle.language_rules import NotMeant, check_inputs, check_output

BATCH = 2
CHEAP = 1 << 20  # elements up to which an op also runs on the CPU
Given = tuple[Tensor | None, ...]
Types = tuple[ValueType, ...]
Made = tuple[Tensor, ValueType]


def _rank(x: ValueType) -> int:
    return len(x.shape) - 1 if x.kind == "map" else 2


def _nd(name: str, rank: int) -> Any:
    return getattr(nn, f"{name}{rank}d")


def _channels(x: ValueType) -> int:
    return sizes(x)[x.channel_axis]


def _each(value: Any, rank: int) -> tuple[int, ...]:
    return (value,) * rank if isinstance(value, int) else tuple(value)


def _automatic(op: Any, rank: int, stride: Any, dilation: Any) -> tuple[int, ...]:
    """Return `padding: auto` as docs/language.md defines it."""
    found = []
    kernel = _each(op.kernel, rank)
    for k, s, d in zip(kernel, _each(stride, rank), _each(dilation, rank), strict=True):
        if k != s and d * (k - 1) % 2:
            raise NotMeant(f"padding: auto of kernel {k}, dilation {d}")
        found.append(0 if k == s else d * (k - 1) // 2)
    return tuple(found)


def _conv(op: Any, xs: Given, ts: Types) -> Tensor:
    rank = _rank(ts[0])
    (x, *_), padding = xs, op.padding
    assert x is not None
    if padding == "auto":
        padding = _automatic(op, rank, op.stride, op.dilation)
    if padding == "causal":
        reach = [d * (k - 1) for k, d in zip(_each(op.kernel, rank), _each(op.dilation, rank), strict=True)]
        mode = "constant" if op.padding_mode == "zeros" else op.padding_mode
        x = F.pad(x, [side for r in reversed(reach) for side in (r, 0)], mode)
        padding = 0
    if padding == "same" and set(_each(op.stride, rank)) != {1}:
        if op.padding_mode != "zeros" and _strided(op, rank):
            raise NotMeant("TensorFlow's SAME pads with zeros")
        mode = "constant" if op.padding_mode == "zeros" else op.padding_mode
        sides = _tensorflows_padding(x, rank, op.kernel, op.stride, op.dilation)
        x, padding = F.pad(x, sides, mode), 0
    return convolution(op, ts[0], padding)(x)


def _strided(op: Any, rank: int) -> bool:
    return any(k > 1 and s > 1 for k, s in zip(_each(op.kernel, rank), _each(op.stride, rank), strict=True))


def _tensorflows_padding(x: Tensor, rank: int, kernel: Any, stride: Any, dilation: Any) -> list[int]:
    """Return F.pad's amounts for ceil(size / stride) windows, the odd rest at the end (tensorflow.org)."""
    sides: list[int] = []
    axes = zip(x.shape[2:], _each(kernel, rank), _each(stride, rank), _each(dilation, rank), strict=True)
    for size, k, s, d in reversed([*axes]):
        windows = -(-size // s)
        missing = max((windows - 1) * s + d * (k - 1) + 1 - size, 0)
        sides += [missing // 2, missing - missing // 2]
    return sides


def convolution(op: Any, x: ValueType, padding: Any = 0) -> nn.Module:
    """Return the module of a convolution."""
    make = _nd("Conv", _rank(x))
    numbers = (op.channels, op.kernel, op.stride, padding, op.dilation, op.groups)
    return make(_channels(x), *numbers, bool(op.bias), op.padding_mode)


def _conv_transpose(op: Any, xs: Given, ts: Types) -> Tensor:
    make = _nd("ConvTranspose", _rank(ts[0]))
    numbers = (op.channels, op.kernel, op.stride, op.padding, op.output_padding, op.groups)
    return make(_channels(ts[0]), *numbers, bool(op.bias), op.dilation)(xs[0])


def _pool(op: Any, xs: Given, ts: Types) -> Tensor:
    rank = _rank(ts[0])
    stride = op.kernel if op.stride is None else op.stride
    if op.padding == "same":
        return _same_pool(op, xs[0], rank, stride)
    padding = _automatic(op, rank, stride, getattr(op, "dilation", 1)) if op.padding == "auto" else op.padding
    if op.kind == "max_pool":
        return _nd("MaxPool", rank)(op.kernel, stride, padding, op.dilation, ceil_mode=op.ceil)(xs[0])
    return _nd("AvgPool", rank)(op.kernel, stride, padding, op.ceil, op.include_pad)(xs[0])


def _same_pool(op: Any, x: Any, rank: int, stride: Any) -> Tensor:
    dilation = getattr(op, "dilation", 1)
    sides = _tensorflows_padding(x, rank, op.kernel, stride, dilation)
    if op.kind == "max_pool":
        return _nd("MaxPool", rank)(op.kernel, stride, 0, dilation)(F.pad(x, sides, value=-float("inf")))
    if rank == 3:
        nn.AvgPool3d(op.kernel, 1)(x)  # wants a whole kernel in the map itself
    pool = _nd("AvgPool", rank)(op.kernel, stride)
    return pool(F.pad(x, sides)) / pool(F.pad(torch.ones_like(x), sides))


def _adaptive(op: Any, xs: Given, ts: Types) -> Tensor:
    name = "AdaptiveAvgPool" if op.kind == "adaptive_avg_pool" else "AdaptiveMaxPool"
    return _nd(name, _rank(ts[0]))(op.size)(xs[0])


def _batch_norm(op: Any, xs: Given, ts: Types) -> Tensor:
    x = xs[0]
    assert x is not None
    rank = 1 if x.dim() == 2 else x.dim() - 2
    return _nd("BatchNorm", rank)(_channels(ts[0]), op.eps, op.momentum, op.affine, op.track)(x)


def _instance_norm(op: Any, xs: Given, ts: Types) -> Tensor:
    return _nd("InstanceNorm", _rank(ts[0]))(_channels(ts[0]), op.eps, op.momentum, op.affine, op.track)(xs[0])


def _over_features(op: Any, x: Tensor, module: nn.Module) -> Tensor:
    """Apply a module over the last axis, or over the channels if the op is set so."""
    return module(x.movedim(1, -1)).movedim(-1, 1) if op.axis == "channel" else module(x)


def _linear(op: Any, xs: Given, ts: Types) -> Tensor:
    module = nn.Linear(_channels(ts[0]), op.features, bool(op.bias))
    channels_last = ts[0].channel_axis == len(ts[0].shape) - 1
    return module(xs[0]) if channels_last else _over_features(op, present(xs[0]), module)


def _feature_norm(op: Any, xs: Given, ts: Types) -> Tensor:
    make = nn.LayerNorm if op.kind == "layer_norm" else nn.RMSNorm
    module = make(_channels(ts[0]), eps=op.eps, elementwise_affine=op.affine)
    channels_last = ts[0].channel_axis == len(ts[0].shape) - 1
    return module(xs[0]) if channels_last else _over_features(op, present(xs[0]), module)


def _attention(op: Any, xs: Given, ts: Types) -> Tensor:
    q, k, v, mask = (*xs, None, None, None)[:4]
    k = q if k is None else k
    v = k if v is None else v
    few = op.heads if op.kv_heads is None else op.kv_heads
    assert q is not None
    assert k is not None
    assert v is not None
    query, key, value = (t.unflatten(2, (n, -1)).transpose(1, 2) for t, n in ((q, op.heads), (k, few), (v, few)))
    if mask is not None:
        mask = mask[(slice(None), *[None] * (4 - mask.dim()))]
    if k.shape[1] != v.shape[1]:
        raise NotMeant("a value for each key")
    made = F.scaled_dot_product_attention(
        query,
        key,
        value,
        attn_mask=mask,
        is_causal=op.causal and mask is None,
        scale=op.scale,
        enable_gqa=few != op.heads,
    )
    return made.transpose(1, 2).flatten(2)


def _widened(xs: Given, ts: Types) -> list[Tensor]:
    """Return the values; a vector among maps gets an axis of 1 for each that it lacks."""
    widest = max(ts, key=lambda t: len(t.shape))
    found = []
    for x, t in zip(xs, ts, strict=True):
        assert x is not None
        if len(t.shape) < len(widest.shape):
            shape = [1] * len(widest.shape)
            shape[widest.channel_axis] = x.shape[1]
            x = x.reshape(BATCH, *shape)
        found.append(x)
    return found


def _joined(op: Any, xs: Given, ts: Types) -> Tensor:
    values = _widened(xs, ts)
    total = values[0]
    for value in values[1:]:
        total = total + value if op.kind == "add" else total * value
    return total


def _gate(op: Any, xs: Given, ts: Types) -> Tensor:
    t, body, shortcut = xs
    return t * body + (1 - t) * shortcut  # type: ignore[operator]


def _resize(op: Any, xs: Given, ts: Types) -> Tensor:
    ways = (op.scale is not None) + (op.size is not None) + (len(xs) > 1 and xs[1] is not None)
    if ways != 1:
        raise NotMeant("resize says the size in one way")
    mode = ("linear", "bilinear", "trilinear")[_rank(ts[0]) - 1] if op.mode == "linear" else op.mode
    corners = True if op.align_corners else None
    if len(xs) > 1 and xs[1] is not None:
        if len(ts[1].shape) != len(ts[0].shape):
            raise NotMeant("another number of axes")
        return F.interpolate(xs[0], size=xs[1].shape[2:], mode=mode, align_corners=corners)  # type: ignore[arg-type]
    return nn.Upsample(op.size, op.scale, mode, corners)(xs[0])


def _fit(op: Any, xs: Given, ts: Types) -> Tensor:
    x, like = xs
    assert x is not None
    assert like is not None
    if ts[1].kind != "map" or x.dim() != like.dim():
        raise NotMeant("fit to what has other axes")
    sides: list[int] = []
    for mine, its in zip(reversed(x.shape[2:]), reversed(like.shape[2:]), strict=True):
        before = (its - mine) // 2
        sides += [before, its - mine - before]
    return F.pad(x, sides)


def _pad(op: Any, xs: Given, ts: Types) -> Tensor:
    rank = _rank(ts[0])
    entries = [op.padding] * rank if isinstance(op.padding, int) else list(op.padding)
    pairs = [(e, e) if isinstance(e, int) else tuple(e) for e in entries]
    if (
        min(*op.channels, *(side for pair in pairs for side in pair)) < 0
        or len(pairs) != rank
        or any(len(p) != 2 for p in pairs)
    ):
        raise NotMeant("padding takes nothing away, and says something of each axis")
    sides = [side for pair in reversed(pairs) for side in pair]
    if any(op.channels):
        sides += op.channels
    if op.mode == "zeros":
        return F.pad(xs[0], sides, value=op.value)  # type: ignore[arg-type]
    return F.pad(xs[0], sides, op.mode)  # type: ignore[arg-type]


def _axis(op: Any, x: ValueType) -> int:
    """Return the axis of the batch's tensor that `channel`, `length`, `last` or a number means."""
    word = op.axis
    if word == "auto":
        word = "length" if x.kind == "tokens" else "channel"
    if word == "length" and x.kind != "tokens" and not (x.kind == "map" and len(x.shape) == 2):
        raise NotMeant("only tokens and maps [C, L] have a length")
    length = 0 if x.kind == "tokens" else 1 - x.channel_axis
    named = {"channel": x.channel_axis, "last": len(x.shape) - 1, "length": length}
    axis = named[word] if isinstance(word, str) else word
    if not -len(x.shape) <= axis < len(x.shape):
        raise IndexError(axis)
    return axis % len(x.shape) + 1


def _dropped(x: ValueType, axis: int, made: Tensor) -> ValueType:
    """Return the type without an axis."""
    if axis - 1 == x.channel_axis:
        raise NotMeant("a value without channels")
    shape = tuple(made.shape[1:])
    if len(shape) == 1:
        return ValueType.vector(shape[0])
    return ValueType("map", shape, x.channel_axis - (axis - 1 < x.channel_axis))


def _reduce(op: Any, xs: Given, ts: Types) -> Tensor | list[Made]:
    x, axis = xs[0], _axis(op, ts[0])
    assert x is not None
    how: dict[str, Callable[..., Tensor]] = {"mean": torch.mean, "sum": torch.sum, "max": torch.amax}
    made = how[op.kind](x, dim=axis, keepdim=op.keep)
    return made if op.keep else [(made, _dropped(ts[0], axis, made))]


def _slice(op: Any, xs: Given, ts: Types) -> Tensor | list[Made]:
    x, axis = xs[0], _axis(op, ts[0])
    assert x is not None
    size = x.shape[axis]
    if op.index is not None:
        if (op.start, op.stop, op.step) != (0, None, 1):
            raise NotMeant("an index and a stretch")
        made = x.select(axis, op.index)
        return [(made, _dropped(ts[0], axis, made))]
    stop = size if op.stop is None else op.stop
    if not -size <= op.start <= size or not -size <= stop <= size:
        raise NotMeant("a stretch outside of the axis, which Python cuts off")
    whole = [slice(None)] * x.dim()
    whole[axis] = slice(op.start, op.stop, op.step)
    made = x[tuple(whole)]
    t = replace(ts[0], shape=tuple(made.shape[1:]))
    if t.kind == "tokens" and axis == 1:
        only_start = op.stop is None and op.step == 1 and 0 <= op.start <= t.prefix
        t = replace(t, prefix=t.prefix - op.start) if only_start else replace(t, grid=None, prefix=0)
    return [(made, t)]


def _split(op: Any, xs: Given, ts: Types) -> list[Made]:
    x, axis = xs[0], _axis(op, ts[0])
    assert x is not None
    if (op.parts is None) == (op.sizes is None):
        raise NotMeant("split takes parts or sizes")
    if op.sizes is None:
        made = list(x.unflatten(axis, (op.parts, -1)).unbind(axis))
    else:
        made = list(x.split(list(op.sizes), axis))
    return [(part, _lengthened(ts[0], part, axis)) for part in made]


def _lengthened(x: ValueType, made: Tensor, axis: int) -> ValueType:
    t = replace(x, shape=tuple(made.shape[1:]))
    other = t.kind == "tokens" and axis == 1 and t.shape != x.shape
    return replace(t, grid=None, prefix=0) if other else t


def _concat(op: Any, xs: Given, ts: Types) -> list[Made]:
    axis = _axis(op, ts[0])
    made = torch.cat([x for x in xs if x is not None], axis)
    first = next((t for t in ts if t.kind == ts[0].kind == "tokens" and t.grid is not None), ts[0])
    t = replace(first, shape=tuple(made.shape[1:]))
    if t.kind == "tokens" and axis == 1:
        with_grid = [i for i, x in enumerate(ts) if x.grid is not None]
        if len(with_grid) != 1:
            return [(made, replace(t, grid=None, prefix=0))]
        before = sum(sizes(x)[0] for x in ts[: with_grid[0]])
        t = replace(t, grid=ts[with_grid[0]].grid, prefix=before + ts[with_grid[0]].prefix)
    return [(made, t)]


def _permute(op: Any, xs: Given, ts: Types) -> list[Made]:
    x = xs[0]
    assert x is not None
    if any(axis < 0 for axis in op.axes):
        raise NotMeant("axes are counted from 0")
    made = x.permute(0, *(axis + 1 for axis in op.axes))
    if op.axes == tuple(range(len(ts[0].shape))):
        return [(made, ts[0])]
    return [(made, ValueType("map", tuple(made.shape[1:]), op.axes.index(ts[0].channel_axis)))]


def _to_tokens(op: Any, xs: Given, ts: Types) -> list[Made]:
    x, t = xs[0], ts[0]
    assert x is not None
    if t.channel_axis not in (0, len(t.shape) - 1):
        raise NotMeant("the channels in the middle")
    made = x.flatten(2).transpose(1, 2) if t.channel_axis == 0 else x.flatten(1, -2)
    return [(made, ValueType.tokens(made.shape[1], made.shape[2], grid=t.spatial))]


def _to_map(op: Any, xs: Given, ts: Types) -> list[Made]:
    x, t = xs[0], ts[0]
    assert x is not None
    if t.prefix:
        raise NotMeant("tokens before the grid")
    if len(ts) > 1 and ts[1].known and ts[1].kind != "map":
        raise NotMeant("like a map")
    grid = ts[1].spatial if len(ts) > 1 and ts[1].known else t.grid
    if grid is None:
        raise NotMeant("tokens that came from no map")
    made = x.transpose(1, 2).unflatten(2, tuple(int(n) for n in grid))  # type: ignore[arg-type]
    return [(made, ValueType.map(*made.shape[1:]))]


def _unflatten(op: Any, xs: Given, ts: Types) -> list[Made]:
    x = xs[0]
    assert x is not None
    if not 2 <= len(op.shape) <= 4 or min(op.shape) < 1:
        raise NotMeant("tokens have two sizes, a map up to four")
    made = x.unflatten(1, op.shape)
    shape = tuple(made.shape[1:])
    return [(made, ValueType.tokens(*shape) if len(shape) == 2 else ValueType.map(*shape))]


def _embedding(op: Any, xs: Given, ts: Types) -> list[Made]:
    x, t = xs[0], ts[0]
    if t.kind != "ids" or len(t.shape) > 1:
        raise NotMeant("an embedding of what are no ids")
    count = t.range if op.count is None else op.count
    if count is None or (t.range is not None and count < t.range):
        raise NotMeant("ids without a row of their own")
    made = nn.Embedding(count, op.features)(x)
    shape = tuple(made.shape[1:])
    return [(made, ValueType.tokens(*shape) if len(shape) == 2 else ValueType.vector(*shape))]


def _parameter(op: Any, xs: Given, ts: Types) -> list[Made]:
    if not 2 <= len(op.shape) <= 5 or op.shape[0] != 1:
        raise NotMeant("the first axis is the batch")
    made = torch.empty(op.shape).expand(BATCH, *op.shape[1:])
    sample = tuple(op.shape[1:])
    kinds: dict[int, Callable[..., ValueType]] = {1: ValueType.vector, 2: ValueType.tokens}
    return [(made, kinds.get(len(sample), ValueType.map)(*sample))]


def _global(op: Any, xs: Given, ts: Types) -> list[Made]:
    x, t = xs[0], ts[0]
    assert x is not None
    if t.kind not in ("map", "tokens"):
        raise NotMeant(f"{op.kind} on {t.kind}")
    flat = x.movedim(t.channel_axis + 1, 1).flatten(2)
    made = flat.mean(2) if op.kind == "global_avg_pool" else flat.amax(2)
    return [(made, ValueType.vector(made.shape[1]))]


def _scale(op: Any, xs: Given, ts: Types) -> Tensor:
    x, t = xs[0], ts[0]
    assert x is not None
    shape = [1] * len(t.shape)
    if op.shape == "channel":
        shape[t.channel_axis] = _channels(t)
    return x * torch.ones(shape)


def _drop_path(op: Any, xs: Given, ts: Types) -> Tensor:
    x = xs[0]
    assert x is not None
    kept = torch.empty(BATCH, device="cpu").bernoulli_(1.0 - op.rate)  # meta would take any rate
    return x * torch.empty_like(kept, device=x.device).reshape(BATCH, *[1] * (x.dim() - 1))


def _dropout(op: Any, xs: Given, ts: Types) -> Tensor:
    return (nn.Dropout if op.mode == "element" else _nd("Dropout", _rank(ts[0])))(op.rate)(xs[0])


def _shuffle(op: Any, xs: Given, ts: Types) -> Tensor:
    return present(xs[0]).unflatten(1, (op.groups, -1)).transpose(1, 2).flatten(1, 2)


def _prelu(op: Any, xs: Given, ts: Types) -> Tensor:
    return nn.PReLU(_channels(ts[0]) if op.shape == "channel" else 1)(xs[0])


OPS: dict[str, Callable[[Any, Given, Types], Tensor | list[Made]]] = {
    "conv": _conv,
    "conv_transpose": _conv_transpose,
    "max_pool": _pool,
    "avg_pool": _pool,
    "adaptive_avg_pool": _adaptive,
    "adaptive_max_pool": _adaptive,
    "batch_norm": _batch_norm,
    "instance_norm": _instance_norm,
    "group_norm": lambda op, xs, ts: nn.GroupNorm(op.groups, _channels(ts[0]), op.eps, op.affine)(xs[0]),
    "layer_norm": _feature_norm,
    "rms_norm": _feature_norm,
    "linear": _linear,
    "attention": _attention,
    "add": _joined,
    "multiply": _joined,
    "gate": _gate,
    "concat": _concat,
    "resize": _resize,
    "fit": _fit,
    "pad": _pad,
    "mean": _reduce,
    "sum": _reduce,
    "max": _reduce,
    "slice": _slice,
    "split": _split,
    "permute": _permute,
    "to_tokens": _to_tokens,
    "to_map": _to_map,
    "unflatten": _unflatten,
    "embedding": _embedding,
    "parameter": _parameter,
    "global_avg_pool": _global,
    "global_max_pool": _global,
    "flatten": lambda op, xs, ts: [(y := nn.Flatten()(xs[0]), ValueType.vector(y.shape[1]))],
    "scale": _scale,
    "drop_path": _drop_path,
    "dropout": _dropout,
    "channel_shuffle": _shuffle,
    "depth_to_space": lambda op, xs, ts: nn.PixelShuffle(op.factor)(xs[0]),
    "space_to_depth": lambda op, xs, ts: nn.PixelUnshuffle(op.factor)(xs[0]),
    "position_embedding": lambda op, xs, ts: present(xs[0]) + torch.empty(present(xs[0]).shape[1:]),
    "prelu": _prelu,
    "glu": lambda op, xs, ts: F.glu(present(xs[0]), ts[0].channel_axis + 1),
    "softmax": lambda op, xs, ts: F.softmax(present(xs[0]), _axis(op, ts[0])),
    "l2_normalize": lambda op, xs, ts: F.normalize(present(xs[0]), dim=_axis(op, ts[0]), eps=op.eps),
    "identity": lambda op, xs, ts: present(xs[0]),
}
ACTIVATIONS: dict[str, Callable[[Any], nn.Module]] = {
    "relu": lambda op: nn.ReLU(),
    "relu6": lambda op: nn.ReLU6(),
    "gelu": lambda op: nn.GELU(op.approximate),
    "silu": lambda op: nn.SiLU(),
    "mish": lambda op: nn.Mish(),
    "elu": lambda op: nn.ELU(op.alpha),
    "leaky_relu": lambda op: nn.LeakyReLU(op.slope),
    "sigmoid": lambda op: nn.Sigmoid(),
    "hardsigmoid": lambda op: nn.Hardsigmoid(),
    "hardswish": lambda op: nn.Hardswish(),
    "softplus": lambda op: nn.Softplus(),
    "tanh": lambda op: nn.Tanh(),
}


def example(x: ValueType, device: str) -> Tensor | None:
    """Return a batch of values of a type; None for a port left out."""
    if not x.known:
        return None
    shape = (BATCH, *sizes(x))
    if x.kind == "ids":
        return torch.full(shape, (x.range or 1) - 1, dtype=torch.long, device=device)
    return torch.ones(shape, dtype=torch.bool if x.kind == "mask" else torch.float32, device=device)


def _apply(op: Any, inputs: Types, device: str) -> Types:
    check_inputs(op, inputs)
    with torch.device(device), torch.no_grad():
        given = tuple(example(x, device) for x in inputs)
        own = OPS.get(op.kind)
        made = ACTIVATIONS[op.kind](op)(given[0]) if own is None else own(op, given, inputs)
    pairs = made if isinstance(made, list) else [(made, replace(_widest(inputs), shape=tuple(made.shape[1:])))]
    for tensor, _ in pairs:
        check_output(tuple(tensor.shape))
    return tuple(t for _, t in pairs)


def _widest(inputs: Types) -> ValueType:
    """Return the input with the type of a shape-keeping op's result: the most axes; of tokens, one with a grid."""
    widest = max((x for x in inputs if x.known), key=lambda x: len(x.shape))
    same = (x for x in inputs if x.kind == widest.kind == "tokens" and x.grid is not None)
    return next(same, widest)


def _elements(types: Types) -> int:
    return sum(prod(sizes(t)) for t in types if t.known)


@dataclass(slots=True)
class Torch:
    """Torch's answers, each computed once: from an op and its input types to output types, or an error."""

    answers: dict[tuple[Any, Types], Types | str] = field(default_factory=dict)
    differ: list[str] = field(default_factory=list)  # where meta and CPU do not agree: the CPU is right
    on_cpu: int = 0

    def ask(self, op: Any, inputs: Types) -> Types | str:
        """Return the types of the outputs, or the message of the error."""
        key = (op, inputs)
        if key not in self.answers:
            self.answers[key] = self._settled(op, inputs)
        return self.answers[key]

    def _settled(self, op: Any, inputs: Types) -> Types | str:
        meta = self._run(op, inputs, "meta")
        work = _elements(inputs) + (0 if isinstance(meta, str) else _elements(meta))
        if work > CHEAP:
            return meta
        self.on_cpu += 1
        real = self._run(op, inputs, "cpu")
        if isinstance(meta, str) != isinstance(real, str) or (not isinstance(real, str) and meta != real):
            self.differ.append(f"{op} on {', '.join(map(str, inputs))}: meta {meta}, cpu {real}")
        return real

    def _run(self, op: Any, inputs: Types, device: str) -> Types | str:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # a warning is no refusal
                return _apply(op, inputs, device)
        except Exception as error:  # any exception of torch is its answer
            return f"{type(error).__name__}: {error}".split("\n")[0][:200]
