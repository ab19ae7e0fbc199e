"""What autograd keeps of every op: its own rule against torch's hooks, for each way of using it."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel

from archspec.analysis.memory.tracing import input_array, own_array
from archspec.ir.types import ValueType
from archspec.ops._tape import At, Tape
from tests.ops.harness import example, make_op, module_of, run_module, site_of
from tests.ops.test_every_op import CASES


@pytest.mark.parametrize("learning", [True, False], ids=["a gradient flows in", "none does"])
@pytest.mark.parametrize(("name", "arguments", "inputs"), CASES)
def test_saved_bytes(name: str, arguments: dict[str, Any], inputs: tuple[ValueType, ...], learning: bool) -> None:
    site = site_of(make_op(name, **arguments), *inputs)
    tensors = tuple(example(x, 3, "meta") for x in inputs)
    arrays = [input_array(x, 3, learning) if x.known else None for x in inputs]
    for tensor in tensors:
        if tensor is not None and tensor.is_floating_point():
            tensor.requires_grad_(learning)
    tape = Tape()
    own = {tensor.name: own_array(tensor.shape, tensor.role) for tensor in site.op.tensors(inputs)}
    results = site.op.trace(tape, At(tuple(arrays), inputs, site.outputs, own))
    kept = {storage for step in tape.steps for storage in step.saved if storage.role == "value"}

    module, seen = module_of(site, "meta"), {}
    learned = {t.untyped_storage()._cdata for t in (*module.parameters(), *module.buffers())}

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        seen[tensor.untyped_storage()._cdata] = tensor.untyped_storage()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor), sdpa_kernel(SDPBackend.MATH):
        given = run_module(site, module, tensors)
    expected = sorted(storage.nbytes() for key, storage in seen.items() if key not in learned)
    assert sorted(storage.bytes for storage in kept) == expected
    found = given if isinstance(given, tuple) else (given,)
    laid_out = [(tuple(t.shape), _strides(t.shape, t.stride()), t.requires_grad) for t in found]
    assert [(y.shape, _strides(y.shape, y.strides), y.needs_grad) for y in results] == laid_out


def _strides(shape: tuple[int, ...], strides: tuple[int, ...]) -> list[int]:
    """The strides that mean something: of axes with more than one position."""
    return [stride for size, stride in zip(shape, strides, strict=True) if size > 1]
