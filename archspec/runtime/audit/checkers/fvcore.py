"""fvcore: a trace of the module, with a handle for each kind of operator that it knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archspec.ops.batch_norm import BatchNorm
from archspec.ops.group_norm import GroupNorm
from archspec.ops.instance_norm import InstanceNorm
from archspec.ops.layer_norm import LayerNorm
from archspec.ops.resize import Resize
from archspec.runtime.audit.checker import Checker, CountRule, FigureName
from archspec.runtime.audit.layers import CountedLayer

if TYPE_CHECKING:
    from archspec.ir.graph import Graph


def count(graph: Graph) -> dict[FigureName, int]:
    """Return FlopCountAnalysis's "flops", which are MACs, of a real forward pass on the CPU."""
    import torch
    from fvcore.nn import FlopCountAnalysis, parameter_count

    from archspec.runtime.audit.building import on_cpu

    model, inputs = on_cpu(graph)
    with torch.no_grad():
        analysis = FlopCountAnalysis(model, tuple(inputs))
        analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False).tracer_warnings("none")
        return {"params": parameter_count(model)[""], "macs": int(analysis.total())}


# The numbers are those of fvcore/nn/jit_handles.py. Without running statistics a batch norm takes those of the batch in
# evaluation too, and fvcore counts it as one in training.
def _batch_norm(layer: CountedLayer) -> int:
    if not isinstance(layer.op, BatchNorm):
        return 0
    if layer.op.track:
        return layer.outputs[0].elements * (2 if layer.weight else 1)
    return layer.outputs[0].elements * (5 if layer.weight else 4)


def _other_norm(layer: CountedLayer) -> int:
    if not isinstance(layer.op, (GroupNorm, InstanceNorm, LayerNorm)):  # fvcore has handles for these
        return 0
    return layer.outputs[0].elements * (5 if layer.weight else 4)


def _resize(layer: CountedLayer) -> int:
    if not isinstance(layer.op, Resize) or len(layer.inputs[0].spatial_axes) != 2:
        return 0
    return layer.outputs[0].elements * {"nearest": 1, "linear": 4}.get(layer.op.mode, 0)


def _pooling(layer: CountedLayer) -> int:
    # fvcore has a handle for aten::adaptive_avg_pool2d, and none for 1-D and 3-D.
    two = layer.kind == "adaptive_avg_pool" and len(layer.inputs[0].spatial_axes) == 2
    return layer.inputs[0].elements if two else 0


def _attention(layer: CountedLayer) -> int:
    return -layer.multiplications if layer.kind == "attention" else 0


CHECKER = Checker(
    name="fvcore",
    package="fvcore",
    about="a trace of a forward pass on the CPU",
    count=count,
    rules=(
        CountRule("macs", "batch norm counted: 2 for each element (1 without scale)", _batch_norm),
        CountRule("macs", "a norm counted: 5 for each element (4 without scale)", _other_norm),
        CountRule("macs", "a resized map counted: 1 for each element (nearest), 4 (bilinear)", _resize),
        CountRule("macs", "adaptive average pooling counted: 1 for each element read", _pooling),
        CountRule("macs", "attention's matrix products missed: SDPA has no handle", _attention),
    ),
)
