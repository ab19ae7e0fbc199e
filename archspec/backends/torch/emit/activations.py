"""Activations: modules of torch."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from archspec.backends.torch.emit.base import Construct, Site, axis_of, keywords
from archspec.backends.torch.emit.registry import EmitModule, Emitter, emits_module, register_emitter

if TYPE_CHECKING:
    from archspec.ops.elu import ELU
    from archspec.ops.gelu import GELU
    from archspec.ops.leaky_relu import LeakyReLU
    from archspec.ops.prelu import PReLU

WITHOUT_ARGUMENTS = {
    "relu": "nn.ReLU",
    "relu6": "nn.ReLU6",
    "silu": "nn.SiLU",
    "mish": "nn.Mish",
    "hardswish": "nn.Hardswish",
    "hardsigmoid": "nn.Hardsigmoid",
    "sigmoid": "nn.Sigmoid",
    "tanh": "nn.Tanh",
    "softplus": "nn.Softplus",
}


def _without_arguments(target: str) -> EmitModule:
    # Made by a call for each op: lambdas of one loop would all see its last target.
    return lambda site: Construct(target)


for _kind, _target in WITHOUT_ARGUMENTS.items():
    register_emitter(_kind, Emitter(module=_without_arguments(_target)))


@emits_module("leaky_relu")
def leaky_relu(site: Site) -> Construct:
    """Construct nn.LeakyReLU."""
    return Construct("nn.LeakyReLU", (cast("LeakyReLU", site.op).slope,))


@emits_module("elu")
def elu(site: Site) -> Construct:
    """Construct nn.ELU."""
    return Construct("nn.ELU", (cast("ELU", site.op).alpha,))


@emits_module("gelu")
def gelu(site: Site) -> Construct:
    """Construct nn.GELU, exact or by tanh."""
    approximate = cast("GELU", site.op).approximate
    return Construct("nn.GELU", (), keywords(approximate=approximate if approximate != "none" else None))


@emits_module("prelu")
def prelu(site: Site) -> Construct:
    """Construct nn.PReLU with one slope, or one for each channel."""
    return Construct("nn.PReLU", (site.inputs[0].channels if cast("PReLU", site.op).shape == "channel" else 1,))


@emits_module("softmax")
def softmax(site: Site) -> Construct:
    """Construct nn.Softmax over one axis of the sample."""
    return Construct("nn.Softmax", (), (("dim", axis_of(site)),))


@emits_module("glu")
def glu(site: Site) -> Construct:
    """Construct nn.GLU over the channels."""
    return Construct("nn.GLU", (), (("dim", site.inputs[0].channel_axis + 1),))
