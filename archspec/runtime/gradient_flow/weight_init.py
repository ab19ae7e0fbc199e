"""Initialisation of all convolutions and linear layers by one scheme, from one seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import sqrt

import torch
from torch import nn

from archspec.analysis.gradient_flow import FlowLayer

Fill = Callable[[torch.Tensor, torch.Generator], object]


def initialise(model: nn.Module, layers: tuple[FlowLayer, ...], scheme: str, seed: int) -> None:
    """Initialise the weights and biases of the layers; `default` leaves them as the design has them.

    he: normal, fan in (He et al. 2015, arXiv:1502.01852, equation 10). xavier: normal (Glorot and Bengio 2010). Both
    with biases of zero. torch: uniform weights and biases, as torch initialises its own layers.
    """
    if scheme == "default":
        return
    fills: Mapping[str, Fill] = {"he": _he, "xavier": _xavier, "torch": _uniform}
    generator = torch.Generator().manual_seed(seed)
    tensors = dict(model.named_parameters(remove_duplicate=False))
    done: set[int] = set()
    with torch.no_grad():
        for layer in layers:
            weight, bias = tensors[layer.weight], tensors.get(_bias_of(layer.weight))
            if id(weight) in done:  # shared with an earlier layer
                continue
            done.add(id(weight))
            fresh = torch.empty(weight.shape)  # filled on the CPU: the same numbers on every device
            fills[scheme](fresh, generator)
            weight.copy_(fresh)
            if bias is not None:
                _initialise_bias(bias, fresh, scheme, generator)


def _he(weight: torch.Tensor, generator: torch.Generator) -> None:
    nn.init.kaiming_normal_(weight, mode="fan_in", nonlinearity="relu", generator=generator)


def _xavier(weight: torch.Tensor, generator: torch.Generator) -> None:
    nn.init.xavier_normal_(weight, generator=generator)


def _uniform(weight: torch.Tensor, generator: torch.Generator) -> None:
    # a=√5 as in torch's reset_parameters, where it gives the bound 1/√(fan in).
    nn.init.kaiming_uniform_(weight, a=sqrt(5), generator=generator)


def _initialise_bias(bias: torch.Tensor, weight: torch.Tensor, scheme: str, generator: torch.Generator) -> None:
    if scheme != "torch":
        bias.zero_()
        return
    # weight[0].numel() is torch's fan in, also that of a transposed convolution, whose first two axes are exchanged.
    bound = 1 / sqrt(weight[0].numel())
    bias.copy_(torch.empty(bias.shape).uniform_(-bound, bound, generator=generator))


def _bias_of(weight: str) -> str:
    """Return the key of the bias of a weight's layer (in_proj_weight: in_proj_bias)."""
    return weight.removesuffix("weight") + "bias"
