"""torchinfo: hooks around modules; MACs guessed from a module's parameters and its output's shape."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from archspec.ir.op import Op
from archspec.ir.types import positions
from archspec.runtime.audit.checker import Checker, CountRule, FigureName, NetworkCountRule
from archspec.runtime.audit.layers import CountedLayer

if TYPE_CHECKING:
    from archspec.ir.graph import Graph


def count(graph: Graph) -> dict[FigureName, int]:
    """Return parameters and "total mult-adds" of the module on the meta device."""
    import torchinfo

    from archspec.runtime.audit.building import on_meta

    model, inputs = on_meta(graph)
    found = torchinfo.summary(model, input_data=inputs, device="meta", verbose=0)
    return {"params": found.total_params, "macs": found.total_mult_adds}


# torchinfo 1.8's LayerInfo.calculate_macs: every element of a module's `weight` and `bias` is one MAC, for each
# position of the output if "Conv" is in the name of the class, else once for a sample.
def _bias(layer: CountedLayer) -> int:
    """Return a convolution's bias at each position of its output, a linear layer's once."""
    if not layer.own_module:
        return 0
    if layer.op.is_convolution:
        return layer.bias * positions(layer.outputs[0])
    return layer.bias if layer.kind == "linear" else 0


def _once(layer: CountedLayer) -> int:
    return layer.weight * (1 - layer.places) if layer.kind == "linear" and layer.own_module else 0


def _at_outputs(layer: CountedLayer) -> int:
    if layer.kind != "conv_transpose" or not layer.own_module:
        return 0
    return layer.weight * (positions(layer.outputs[0]) - positions(layer.inputs[0]))


def _parameters_of(what: str, matches: Callable[[Op], bool]) -> CountRule:
    def amount(layer: CountedLayer) -> int:
        return layer.weight + layer.bias if layer.own_module and matches(layer.op) else 0

    return CountRule("macs", f"{what} counted: a MAC for each of its parameters", amount)


def _is_another(op: Op) -> bool:
    """Return whether no other rule knows the op's parameters."""
    return not (op.is_weighted or op.is_norm or op.is_lookup or op.is_activation)


def _missed(layer: CountedLayer) -> int:
    return -layer.multiplications if not layer.own_module and layer.kind != "attention" else 0


def _attention(layer: CountedLayer) -> int:
    return -layer.multiplications if layer.kind == "attention" else 0


def _again(layers: tuple[CountedLayer, ...]) -> tuple[int, int]:
    """Return the parameters counted more than once, and in how many layers.

    Shared tensors are counted in every module that has them. Bare tensors of the network itself are counted as the rest
    of its total, which the surplus makes smaller by as much.
    """
    twice = [sum(layer.parameters[name] for name in layer.tied) for layer in layers if layer.tied and layer.own_module]
    bare = sum(sum(layer.parameters.values()) for layer in layers if layer.at_root and not layer.own_module)
    return max(0, sum(twice) - bare), len(twice)


CHECKER = Checker(
    name="torchinfo",
    package="torchinfo",
    about="hooks around modules, on the meta device",
    count=count,
    rules=(
        NetworkCountRule("params", "a tensor that layers share counted in each", _again),
        _parameters_of("a norm", lambda op: op.is_norm),
        _parameters_of("an embedding", lambda op: op.is_lookup),
        _parameters_of("a PReLU", lambda op: op.is_activation),
        _parameters_of("another layer", _is_another),
        CountRule("macs", "biases counted", _bias),
        CountRule("macs", "a linear layer counted at one position only", _once),
        CountRule("macs", "a transposed convolution counted at its outputs' positions", _at_outputs),
        CountRule("macs", "attention's matrix products missed: no module", _attention),
        CountRule("macs", "a layer missed whose tensors lie in the block around it", _missed),
    ),
)
