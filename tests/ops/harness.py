"""One op as the torch backend emits it: its module, its bare tensor, its call expression, on any device."""

from __future__ import annotations

from itertools import count
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from archspec.backends.torch import emit
from archspec.backends.torch.emit.base import Site
from archspec.ir.op import Op, raise_unless
from archspec.ir.parameters import coerce
from archspec.ir.sizes import value
from archspec.ir.types import ValueType
from archspec.ops import find_op, op_parameters


def make_op(name: str, **arguments: Any) -> Op:
    """Return an op from arguments as YAML has them."""
    parameters = {p.name: p for p in op_parameters(name)}
    found = find_op(name)
    assert found is not None
    return found(**{key: coerce(parameters[key], value) for key, value in arguments.items()})


def site_of(op: Op, *inputs: ValueType) -> Site:
    return Site(op, inputs, op.infer(inputs, raise_unless))


def example(x: ValueType, batch: int, device: str) -> torch.Tensor | None:
    """Return a tensor of that type; None for an optional port left out."""
    if not x.known:
        return None
    shape = (batch, *(value(d, {}) for d in x.shape))
    if x.kind == "ids":
        return torch.zeros(shape, dtype=torch.long, device=device)
    if x.kind == "mask":
        return torch.ones(shape, dtype=torch.bool, device=device)
    return torch.randn(shape, device=device)


def module_of(site: Site, device: str) -> nn.Module:
    """Return the op's module; where it has none, an empty one that holds its bare tensor, if any, under `_`."""
    with torch.device(device):
        construct = emit.construct(site)
        if construct is not None:
            return construct.make()
        holder = nn.Module()
        for tensor in site.op.tensors(site.inputs):
            holder.register_parameter(tensor.name or "_", nn.Parameter(torch.zeros(tensor.shape)))
        return holder


def run(site: Site, batch: int = 2, device: str = "meta", tensors: tuple[Any, ...] | None = None) -> Any:
    """Return the value of the op's call expression for a batch of examples, in training mode."""
    module = module_of(site, device)
    return run_module(site, module, tensors or tuple(example(x, batch, device) for x in site.inputs))


def run_module(site: Site, module: nn.Module, tensors: tuple[Any, ...]) -> Any:
    """Evaluate the call expression with `m` as the module (or the bare tensor)."""
    names = [f"v{i}" for i, _ in zip(count(), tensors, strict=False)]
    has_module = emit.construct(site) is not None
    expression = "m" if has_module or hasattr(module, "_") else ""
    arguments = tuple("None" if t is None else name for name, t in zip(names, tensors, strict=True))
    text = emit.call(site, expression, arguments)
    scope = dict(zip(names, tensors, strict=True)) | {"torch": torch, "F": F}
    scope["m"] = module if has_module else getattr(module, "_", None)
    return eval(text, scope)
