"""What autograd keeps of every op: its own rule against torch's hooks, for each way of using it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

import pytest
import torch
from msgspec.structs import replace
from torch.nn.attention import SDPBackend, sdpa_kernel

from archspec.analysis.memory.forward_trace import input_array, own_array
from archspec.backends.torch.emit.base import Site
from archspec.ir.types import ValueType
from archspec.tracing.arrays import ITEM_BYTES, Array, Storage
from archspec.tracing.tape import Tape, TracedOp
from tests.ops.harness import example, make_op, module_of, run_module, site_of
from tests.ops.test_every_op import CASES

Found = tuple[list[int], list[tuple[Any, ...]]]


@pytest.mark.parametrize(
    "learning",
    [pytest.param(True, id="a gradient flows in"), pytest.param(False, id="none does", marks=pytest.mark.slow)],
)
@pytest.mark.parametrize(("name", "arguments", "inputs"), CASES)
def test_saved_bytes(name: str, arguments: dict[str, Any], inputs: tuple[ValueType, ...], learning: bool) -> None:
    site = site_of(make_op(name, **arguments), *inputs)
    found = kept_by_rule(site, Tape(), [input_array(x, 3, learning) if x.known else None for x in inputs])
    assert found == seen(site, tuple(example(x, 3, "meta") for x in inputs), learning, sdpa_kernel(SDPBackend.MATH))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Mismatch dtype between input and weight")  # rms_norm's, once
@pytest.mark.parametrize(
    ("given", "dtype"),
    [
        ("lower", "bfloat16"),
        ("float32", "float16"),
        ("float32", "bfloat16"),
        ("lower", "float16"),
    ],
)
@pytest.mark.parametrize(("name", "arguments", "inputs"), CASES)
def test_saved_bytes_under_autocast(
    name: str, arguments: dict[str, Any], inputs: tuple[ValueType, ...], given: str, dtype: str
) -> None:
    """On a CPU, for real, on what comes in float32 and in lower precision."""
    kind = dtype if given == "lower" else "float32"
    site = site_of(make_op(name, **arguments), *inputs)
    arrays = [lowered(input_array(x, 3, True), kind) if x.known else None for x in inputs]
    found = kept_by_rule(site, Tape(fused_attention=True, lower=dtype), arrays)
    tensors = tuple(example(x, 3, "cpu") for x in inputs)
    tensors = tuple(t if t is None or not t.is_floating_point() else t.to(getattr(torch, kind)) for t in tensors)
    assert found == seen(site, tensors, True, torch.autocast("cpu", dtype=getattr(torch, dtype)))


def lowered(x: Array, dtype: str) -> Array:
    if x.dtype != "float32":
        return x
    return replace(x, dtype=dtype, storage=Storage(x.elements * ITEM_BYTES[dtype]))


def kept_by_rule(site: Site, tape: Tape, arrays: list[Array | None]) -> Found:
    """What the op's rule keeps, and what it gives."""
    own = {tensor.name: own_array(tensor.shape, tensor.role) for tensor in site.op.tensors(site.inputs)}
    results = site.op.trace(tape, TracedOp(tuple(arrays), site.inputs, site.outputs, own))
    kept = {storage for entry in tape.entries for storage in entry.saved}
    given = [(y.shape, _strides(y.shape, y.strides), y.needs_grad, y.dtype) for y in results]
    return sorted(storage.bytes for storage in kept), given


def seen(
    site: Site, tensors: tuple[torch.Tensor | None, ...], learning: bool, how: AbstractContextManager[Any]
) -> Found:
    """What torch keeps, and what it gives."""
    for tensor in tensors:
        if tensor is not None and tensor.is_floating_point():
            tensor.requires_grad_(learning)
    module = module_of(site, next((t.device.type for t in tensors if t is not None), "meta"))
    learned = {t.untyped_storage()._cdata for t in (*module.parameters(), *module.buffers())}
    kept: dict[int, Any] = {}

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        kept[tensor.untyped_storage()._cdata] = tensor.untyped_storage()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor), how:
        given = run_module(site, module, tensors)
    found = given if isinstance(given, tuple) else (given,)
    saved = sorted(storage.nbytes() for key, storage in kept.items() if key not in learned)
    return saved, [(tuple(t.shape), _strides(t.shape, t.stride()), t.requires_grad, _name(t.dtype)) for t in found]


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def _strides(shape: tuple[int, ...], strides: tuple[int, ...]) -> list[int]:
    """The strides that mean something: of axes with more than one position."""
    return [stride for size, stride in zip(shape, strides, strict=True) if size > 1]
