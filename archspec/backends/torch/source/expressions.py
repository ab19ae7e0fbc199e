"""The expressions that make a body's modules, as data: constructor calls, blocks, rows of modules, tensors."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from functools import cache
from typing import Any

from msgspec import Struct
from torch import nn

from archspec.backends.torch.emit.base import Construct, class_at
from archspec.backends.torch.program import is_attribute
from archspec.ir.graph import Body, Node
from archspec.ir.op import Tensor

REPEATED = ("nn.Conv", "modules.same_windows", "nn.MaxPool", "nn.AvgPool", "nn.AdaptiveAvgPool", "nn.AdaptiveMaxPool")


class ConstructorCall(Struct, frozen=True):
    """A constructor call with the names of all arguments; the first `positional` of them are written without."""

    target: str
    arguments: tuple[tuple[str, Any], ...]
    positional: int

    @property
    def name(self) -> str:
        """The name of the class in the file."""
        return self.target if self.target.startswith("nn.") else self.target.rpartition(".")[2]


class BlockModule(Struct, frozen=True):
    """A block's module."""

    body: Body


class ModuleRow(Struct, frozen=True):
    """nn.Sequential or nn.ModuleList of modules; `names` are empty where they are 0, 1, 2 ..."""

    target: str
    names: tuple[str, ...]
    children: tuple[ModuleExpression, ...]


class BareTensor(Struct, frozen=True):
    """A tensor that the block itself holds: its shape, and the expression that makes it."""

    shape: tuple[int, ...]
    fill: str


class LayerTensor(Struct, frozen=True):
    """A tensor that the block holds, initialised as a layer's: the layer is made for that and dropped."""

    made: ConstructorCall
    tensor: str


ModuleExpression = ConstructorCall | BlockModule | ModuleRow | BareTensor | LayerTensor


def new_of(construct: Construct) -> ConstructorCall:
    """Return a constructor call with the names of all arguments; equal sizes along all axes become one number."""
    names = list(defaults_of(construct.target))
    given = [*zip(names, construct.arguments, strict=False), *construct.keywords]
    short = tuple((name, _once(construct.target, name, value)) for name, value in given)
    return ConstructorCall(construct.target, short, len(construct.arguments))


def _once(target: str, name: str, value: Any) -> Any:
    # A PaddedConv takes pairs of paddings, and all other arguments as torch's class does.
    padded = target.startswith("modules.padded_conv") and name != "padding"
    if (padded or target.startswith(REPEATED)) and isinstance(value, tuple) and len(set(value)) == 1:
        return value[0]
    return value


@cache
def defaults_of(target: str) -> dict[str, Any]:
    """Return the parameters of a class in order, with their defaults (`inspect.Parameter.empty` without one)."""
    made = class_at(target)
    found = inspect.signature(made).parameters
    if any(p.kind is inspect.Parameter.VAR_POSITIONAL for p in found.values()):  # passes them on to its base class
        found = inspect.signature(made.__mro__[1]).parameters
    return {name: parameter.default for name, parameter in found.items()}


def bare_of(node: Node, tensor: str, tensors: tuple[Tensor, ...], filled: bool) -> BareTensor:
    """Return a node's tensor that has no module; `filled` where a separate line initialises it."""
    found = next(t for t in tensors if t.name == tensor)
    shape = tuple(int(size) for size in found.shape)
    scheme, value = node.op.fill or ("zeros", 0.0)
    fills = {"zeros": "torch.zeros({})", "ones": "torch.ones({})", "normal": f"torch.randn({{}}) * {value!r}"}
    fills["constant"] = f"torch.full([{{}}], {value!r})"
    return BareTensor(shape, "torch.empty({})" if filled else fills[scheme])


def each(expression: ModuleExpression) -> Iterator[ModuleExpression]:
    """Yield the expression and all within it."""
    yield expression
    if isinstance(expression, ModuleRow):
        for child in expression.children:
            yield from each(child)
    if isinstance(expression, LayerTensor):
        yield expression.made


def is_name(text: str) -> bool:
    """Return whether a module may be an attribute of that name."""
    return is_attribute(text) and not hasattr(nn.Module, text) and not hasattr(nn.Sequential, text)
