"""The workloads that are timed, as eager modules run them, each with its floating point operations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn

from archspec.ir.op import WorkKind
from archspec.runtime.calibrate.plan import WorkloadShape


@dataclass(frozen=True, slots=True)
class Workload:
    """A function to time, its floating point operations, and the tensors that it reads."""

    run: Callable[[], torch.Tensor]
    flops: int
    operands: tuple[torch.Tensor, ...]

    def with_gradients(self) -> Callable[[], object]:
        """Return the same function followed by the gradients of all that it reads."""
        for operand in self.operands:
            operand.requires_grad_()
        gradient = torch.ones_like(self.run())
        return lambda: torch.autograd.grad(self.run(), self.operands, gradient)


def workload(work: WorkKind, shape: WorkloadShape, batch: int, device: torch.device, dtype: torch.dtype) -> Workload:
    """Return the workload of a kind and shape."""
    made = {"matmul": _matmul, "attention": _attention}.get(work, _convolution)
    return made(shape, batch, device, dtype)


def _matmul(shape: WorkloadShape, batch: int, device: torch.device, dtype: torch.dtype) -> Workload:
    rows, inputs, features = shape
    module = nn.Linear(inputs, features, bias=False, device=device, dtype=dtype)
    x = torch.randn(batch, rows, inputs, device=device, dtype=dtype)
    return Workload(lambda: module(x), 2 * batch * rows * inputs * features, (x, module.weight))


def _convolution(shape: WorkloadShape, batch: int, device: torch.device, dtype: torch.dtype) -> Workload:
    inputs, channels, size, kernel, groups = shape
    padding = kernel // 2
    module = nn.Conv2d(inputs, channels, kernel, 1, padding, 1, groups, bias=False, device=device, dtype=dtype)
    x = torch.randn(batch, inputs, size, size, device=device, dtype=dtype)
    flops = 2 * batch * channels * size * size * (inputs // groups) * kernel * kernel
    return Workload(lambda: module(x), flops, (x, module.weight))


def _attention(shape: WorkloadShape, batch: int, device: torch.device, dtype: torch.dtype) -> Workload:
    heads, length, width = shape
    q, k, v = (torch.randn(batch, heads, length, width, device=device, dtype=dtype) for _ in range(3))
    run = nn.functional.scaled_dot_product_attention
    return Workload(lambda: run(q, k, v), 4 * batch * heads * length * length * width, (q, k, v))


def launches(device: torch.device) -> dict[str, Callable[[], object]]:
    """Return operations on a few numbers: their time is that of a launch."""
    x = torch.randn(2, 8, 4, 4, device=device)  # for a single small image a CPU would take torch's own convolution
    relu, norm = nn.ReLU(), nn.BatchNorm2d(8, device=device).eval()
    convolution = nn.Conv2d(8, 8, 3, 1, 1, bias=False, device=device)
    return {
        "addition": lambda: torch.add(x, x),
        "activation": lambda: relu(x),
        "norm": lambda: norm(x),
        "convolution": lambda: convolution(x),
    }


def addition(mebibytes: float, device: torch.device) -> tuple[Callable[[], object], int]:
    """Return an addition of two arrays that touches about `mebibytes` MiB, and its exact bytes."""
    # 12 bytes for each element in float32: two are read and one is written.
    count = max(1, int(mebibytes * 2**20) // 12)
    a, b = (torch.randn(count, device=device) for _ in range(2))
    return lambda: torch.add(a, b), 12 * count


def activation(elements: int, device: torch.device) -> tuple[Callable[[], object], int]:
    """Return a GELU, and its operations as archspec counts them."""
    x = torch.randn(elements, device=device)
    return lambda: nn.functional.gelu(x), 5 * elements


def pooling(elements: int, device: torch.device) -> tuple[Callable[[], object], int]:
    """Return a max pooling of maps of 56 x 56, and its operations as archspec counts them."""
    module = nn.MaxPool2d(3, 2, 1)
    x = torch.randn(1, max(1, elements // 56**2), 56, 56, device=device)
    return lambda: module(x), 9 * x.shape[1] * 28**2
