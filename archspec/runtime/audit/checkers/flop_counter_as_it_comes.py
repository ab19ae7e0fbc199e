"""torch's FlopCounterMode as it is usually used: evaluation without gradients on a CPU, attention as torch chooses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archspec.ops.attention import Attention
from archspec.runtime.audit.checker import Checker, CountRule, FigureName
from archspec.runtime.audit.layers import CountedLayer

if TYPE_CHECKING:
    from archspec.ir.graph import Graph


def count(graph: Graph) -> dict[FigureName, int]:
    """Return half of its FLOPs with fake tensors on the CPU, for which torch chooses the kernels of real ones."""
    import torch
    from torch._subclasses.fake_tensor import FakeTensorMode
    from torch.utils.flop_counter import FlopCounterMode

    from archspec.backends.torch.build import module_of
    from archspec.backends.torch.samples import random_inputs

    model = module_of(graph, device="cpu", init=False).eval().requires_grad_(False)
    inputs = random_inputs(graph, 1, "cpu", 0)
    with FakeTensorMode(allow_non_fake_inputs=True), torch.no_grad(), FlopCounterMode(display=False) as counter:
        model(*inputs)
    return {"macs": counter.get_total_flops() // 2}


def _fused(layer: CountedLayer) -> int:
    """Return minus the MACs of attention that torch runs as one fused kernel, which FlopCounterMode has no rule for."""
    if not isinstance(layer.op, Attention):
        return 0
    q, _, v = layer.op.operands(layer.inputs)
    heads, kv_heads = layer.op.heads, layer.op.kv_heads or layer.op.heads
    # Otherwise torch falls back to the math backend, whose matrix products are counted.
    alike = heads == kv_heads and q.channels // heads == v.channels // kv_heads
    return -layer.multiplications if alike else 0


CHECKER = Checker(
    name="FlopCounterMode as it comes",
    package="torch",
    about="half of its FLOPs; forward without gradients on a CPU",
    count=count,
    rules=(CountRule("macs", "attention counted as 0: a CPU's fused kernel has no rule", _fused),),
)
