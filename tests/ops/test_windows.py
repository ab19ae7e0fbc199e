"""Convolutions and pools with random arguments against torch on the CPU: an error exactly where torch has one.

The CPU and not the meta device, since meta accepts output padding that the CPU refuses.
"""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from archspec.backends.torch import emit
from archspec.backends.torch.emit.base import Site
from archspec.ir.op import ShapeError, raise_unless
from archspec.ir.sizes import Condition, PeriodTooLong, Size, value
from archspec.ir.types import ValueType
from tests.ops.harness import make_op, run_module, site_of


@st.composite
def cases(draw: st.DrawFn, names: tuple[str, ...], low: dict[str, int]) -> tuple[tuple[int, ...], dict[str, Any]]:
    """A spatial size of rank 1 to 3, and for each name an int or one int an axis from its lowest value on."""
    rank = draw(st.integers(1, 3))
    size = tuple(draw(st.integers(1, 9)) for _ in range(rank))
    arguments: dict[str, Any] = {}
    for name in names:
        number = st.integers(low.get(name, 1), 3 if name.endswith("padding") else 4)
        arguments[name] = draw(st.one_of(number, st.tuples(*(number for _ in range(rank)))))
    return size, arguments


def agrees(name: str, size: tuple[int, ...], arguments: dict[str, Any], theirs: nn.Module) -> None:
    """Our shape, or our error, is what torch's own module makes of it."""
    x = ValueType.map(4, *size)
    tensor = torch.zeros(2, *x.shape)  # type: ignore[arg-type]
    try:
        expected = theirs(tensor).shape[1:]
    except RuntimeError:
        expected = None
    if expected is not None and 0 in expected:
        expected = None  # torch returns an empty map here and there; no later layer could use it
    op = make_op(name, **arguments)
    if expected is None:
        with pytest.raises(ShapeError):
            op.infer((x,), raise_unless)
        return
    (found,) = op.infer((x,), raise_unless)
    assert expected == found.shape
    construct = emit.construct(Site(op, (x,), (found,)))
    assert construct is not None
    assert run_module(Site(op, (x,), (found,)), construct.make(), (tensor,)).shape[1:] == found.shape
    free = ValueType.map(4, *(Size.free("hwd"[axis]) for axis in range(len(size))))
    conditions: list[bool | Condition] = []
    try:
        (symbolic,) = op.infer((free,), lambda condition, error: conditions.append(condition))
    except PeriodTooLong:
        return
    sizes = dict(zip("hwd", size, strict=False))
    assert all(c.holds(sizes) if isinstance(c, Condition) else c for c in conditions)
    assert tuple(value(d, sizes) for d in symbolic.shape) == found.shape


MODES = st.sampled_from(["zeros", "zeros", "reflect", "replicate", "circular"])
CONV = ("kernel", "stride", "padding", "dilation")


@settings(max_examples=250)
@given(cases(CONV, {"padding": 0}), st.sampled_from([1, 2, 3, 4]), st.sampled_from([2, 4, 6]), MODES)
def test_conv(case: tuple[Any, Any], groups: int, channels: int, mode: str) -> None:
    size, given_arguments = case
    arguments = given_arguments | {"channels": channels, "groups": groups, "padding_mode": mode}
    if 4 % groups or channels % groups:
        with pytest.raises(ShapeError, match="groups"):
            site_of(make_op("conv", **arguments), ValueType.map(4, *size))
        with pytest.raises(ValueError, match="divisible"):
            nn.Conv2d(4, channels, 1, groups=groups)
        return
    words = {"kernel_size" if key == "kernel" else key: v for key, v in given_arguments.items()}
    theirs = getattr(nn, f"Conv{len(size)}d")(4, channels, groups=groups, padding_mode=mode, **words)
    agrees("conv", size, arguments, theirs)


@settings(max_examples=250)
@given(cases((*CONV, "output_padding"), {"padding": 0, "output_padding": 0}), st.sampled_from([1, 2, 4]))
def test_conv_transpose(case: tuple[Any, Any], groups: int) -> None:
    size, arguments = case
    words = {"kernel_size" if key == "kernel" else key: v for key, v in arguments.items()}
    theirs = getattr(nn, f"ConvTranspose{len(size)}d")(4, 4, groups=groups, **words)
    agrees("conv_transpose", size, arguments | {"channels": 4, "groups": groups}, theirs)


@settings(max_examples=500)
@given(cases(CONV, {"padding": 0}), st.booleans())
def test_max_pool(case: tuple[Any, Any], ceil: bool) -> None:
    size, arguments = case
    words = {"kernel_size" if key == "kernel" else key: v for key, v in arguments.items()}
    theirs = getattr(nn, f"MaxPool{len(size)}d")(ceil_mode=ceil, **words)
    agrees("max_pool", size, arguments | {"ceil": ceil}, theirs)


@settings(max_examples=500)
@given(cases(("kernel", "stride", "padding"), {"padding": 0}), st.booleans(), st.booleans())
def test_avg_pool(case: tuple[Any, Any], ceil: bool, include: bool) -> None:
    size, arguments = case
    words = {"kernel_size" if key == "kernel" else key: v for key, v in arguments.items()}
    theirs = getattr(nn, f"AvgPool{len(size)}d")(ceil_mode=ceil, count_include_pad=include, **words)
    agrees("avg_pool", size, arguments | {"ceil": ceil, "include_pad": include}, theirs)


@settings(max_examples=150)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=3), st.data())
def test_pad(pairs: list[tuple[int, int]], data: st.DataObject) -> None:
    size = tuple(data.draw(st.integers(1, 6)) for _ in pairs)
    mode = data.draw(MODES)
    names = {"zeros": "Constant", "reflect": "Reflection", "replicate": "Replication", "circular": "Circular"}
    amounts = tuple(amount for pair in reversed(pairs) for amount in pair)
    value_argument = (0.0,) if mode == "zeros" else ()
    theirs = getattr(nn, f"{names[mode]}Pad{len(pairs)}d")(amounts, *value_argument)
    agrees("pad", size, {"padding": pairs, "mode": mode}, theirs)


@settings(max_examples=150)
@given(st.lists(st.integers(1, 70), min_size=1, max_size=3), st.integers(1, 256))
def test_resize_by_a_scale(size: list[int], sixtyfourths: int) -> None:
    scale = sixtyfourths / 64
    agrees("resize", tuple(size), {"scale": scale}, nn.Upsample(scale_factor=scale))
