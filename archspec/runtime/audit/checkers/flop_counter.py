"""torch's FlopCounterMode as it should be used: forward, with gradients on and attention as matrix products."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archspec.runtime.audit.checker import Checker, FigureName

if TYPE_CHECKING:
    from archspec.ir.graph import Graph


def count(graph: Graph) -> dict[FigureName, int]:
    """Return half of its FLOPs, on the meta device; the parameters are those of `model.parameters()`."""
    from torch.nn.attention import SDPBackend, sdpa_kernel
    from torch.utils.flop_counter import FlopCounterMode

    from archspec.runtime.audit.building import on_meta

    model, inputs = on_meta(graph)
    # The math backend splits attention into matrix products, for which FlopCounterMode has rules.
    with FlopCounterMode(display=False) as counter, sdpa_kernel(SDPBackend.MATH):
        model(*inputs)
    return {"params": sum(p.numel() for p in model.parameters()), "macs": counter.get_total_flops() // 2}


CHECKER = Checker(
    name="FlopCounterMode",
    package="torch",
    about="half of its FLOPs; forward with gradients on and SDPA's math backend, on the meta device",
    count=count,
)
