"""torch's FlopCounterMode over forward and backward."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archspec.runtime.audit.checker import Checker, CountRule, FigureName
from archspec.runtime.audit.layers import CountedLayer

if TYPE_CHECKING:
    from archspec.ir.graph import Graph


def count(graph: Graph) -> dict[FigureName, int]:
    """Return half of its FLOPs of a forward and a backward pass on the meta device."""
    from torch.nn.attention import SDPBackend, sdpa_kernel
    from torch.utils.flop_counter import FlopCounterMode

    from archspec.runtime.audit.building import on_meta, tensors_of

    model, inputs = on_meta(graph)
    with FlopCounterMode(display=False) as counter, sdpa_kernel(SDPBackend.MATH):
        outputs = [output for output in tensors_of(model(*inputs)) if output.requires_grad]
        if outputs:
            sum(output.sum() for output in outputs).backward()  # type: ignore[union-attr]  # the sum is no int 0
    return {"training_macs": counter.get_total_flops() // 2}


def _groups(layer: CountedLayer) -> int:
    """Return the surplus of a grouped kernel's gradient, which is counted as if there were one group."""
    # The gradient of a grouped kernel has as many products as the forward pass; FlopCounterMode takes those of all
    # pairs of channels, across groups too.
    if not layer.trained or not layer.multiplications:  # an op without a product may have no input either
        return 0
    return (layer.op.weight_groups(layer.inputs[0]) - 1) * layer.multiplications


CHECKER = Checker(
    name="FlopCounterMode, training",
    package="torch",
    about="half of its FLOPs; forward and backward with SDPA's math backend, on the meta device",
    count=count,
    rules=(
        CountRule("training_macs", "a grouped convolution's weight gradient counted as that of one group", _groups),
    ),
)
