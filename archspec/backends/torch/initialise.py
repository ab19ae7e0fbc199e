"""Initialisation of a module's tensors, once each: by the spec's `init:`, else by the usual scheme for its op."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from archspec.ir.graph import RESIDUAL_MERGE, Body, Initializer, Node


def initialise_module(node: Node, module: nn.Module, zero: bool) -> None:
    """Fill an op's tensors; `zero` makes the weight zero.

    By `init:` of the layer, else by kaiming normal (fan out) for convolutions (He et al. 2015, arXiv:1502.01852,
    section 2.2) and by torch's own scheme for the rest.
    """
    reset = getattr(module, "reset_parameters", None)
    own = {initial.tensor for initial in node.init if initial.scheme == "default"}
    convolution = node.op.is_convolution
    # Each tensor is filled once: for a convolution, torch's scheme would be overwritten by the next lines.
    if callable(reset) and (own or not convolution):
        reset()
    if convolution:
        _usual_convolution(module, own)
    # `init: default` in the spec wins over zero_init_residual; other schemes overwrite the zeros below.
    if zero and "weight" not in own and isinstance(getattr(module, "weight", None), torch.Tensor):
        nn.init.zeros_(module.weight)  # type: ignore[arg-type]
    for initial in node.init:
        apply_initial(initial, _tensor_of(module, initial.tensor))


def _usual_convolution(module: nn.Module, own: set[str]) -> None:
    """Fill a convolution, except the tensors that keep torch's `own` scheme."""
    weight, bias = module.weight, module.bias
    if "weight" not in own and isinstance(weight, torch.Tensor):
        nn.init.kaiming_normal_(weight, mode="fan_out", nonlinearity="relu")
    if "bias" not in own and isinstance(bias, torch.Tensor):
        nn.init.zeros_(bias)


def _tensor_of(module: nn.Module, name: str) -> torch.Tensor:
    tensor = getattr(module, name, None)
    if not isinstance(tensor, torch.Tensor):
        raise AttributeError(f"{type(module).__name__} has no tensor {name} to initialise")
    return tensor


def initialise_bare(node: Node, tensor: torch.Tensor) -> None:
    """Fill the tensor of a bare op (scale, parameter, position_embedding); `default` is the op's own scheme."""
    if node.init and node.init[0].scheme != "default":
        apply_initial(node.init[0], tensor)
        return
    scheme, value = node.op.fill or ("zeros", 0.0)
    fills = {"zeros": nn.init.zeros_, "ones": nn.init.ones_}
    if scheme in fills:
        fills[scheme](tensor)
    elif scheme == "constant":
        nn.init.constant_(tensor, value)
    else:
        nn.init.normal_(tensor, std=value)


def apply_initial(initial: Initializer, tensor: torch.Tensor) -> None:
    """Fill one tensor by a named scheme; `default` leaves what reset_parameters() has written."""
    arguments: dict[str, Any] = dict(initial.arguments)
    scheme = initial.scheme
    if scheme == "default":
        return
    if scheme == "constant":
        nn.init.constant_(tensor, float(arguments["value"]))
    elif scheme == "uniform":
        nn.init.uniform_(tensor, arguments.get("low", 0.0), arguments.get("high", 1.0))
    elif scheme == "truncated_normal":
        std = arguments.get("std", 1.0)
        low, high = arguments.get("low", -2.0), arguments.get("high", 2.0)
        nn.init.trunc_normal_(tensor, arguments.get("mean", 0.0), std, low, high)
    else:
        # All other schemes of the language have the names and arguments of torch.nn.init.
        getattr(nn.init, f"{scheme}_")(tensor, **arguments)


def last_norms(body: Body) -> frozenset[int]:
    """Return the steps that are the last norm of an added residual's body, for `zero_init_residual`.

    Goyal et al. 2017 (arXiv:1706.02677), section 5.1.
    """
    producer = {first: index for index, first in enumerate(body.starts)}
    found = set()
    for step in body.steps:
        if not isinstance(step, Node) or step.kind != "add" or step.origin.inserted != RESIDUAL_MERGE:
            continue
        index = producer.get(step.inputs[0]) if step.inputs[0] is not None else None
        while index is not None:
            made = body.steps[index]
            # Only ops that keep zeros at zero may lie between the norm and the addition.
            if not isinstance(made, Node) or not (made.op.is_norm or made.op.scales_input):
                break
            if made.op.is_norm:
                found.add(index)
                break
            index = producer.get(made.inputs[0]) if made.inputs and made.inputs[0] is not None else None
    return frozenset(found)
