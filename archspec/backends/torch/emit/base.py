"""The argument and the result of emitters: an op with its types, and the constructor call of its module."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

import torch
from msgspec import Struct
from torch import nn

from archspec.ir.op import Op
from archspec.ir.types import ValueType
from archspec.ops._axes import resolve_axis


class Site(Struct, frozen=True):
    """An op with the types of its inputs and outputs; in_place: it may overwrite its input."""

    op: Op
    inputs: tuple[ValueType, ...]
    outputs: tuple[ValueType, ...]
    in_place: bool = False


class Construct(Struct, frozen=True):
    """A constructor call as data: made by `build`, printed by the export to Python.

    `target` is "nn.Conv2d", "modules.drop_path.DropPath" for a class of this package's `modules`, or the full name of a
    class of another package, whose module imports only torch: the export copies it.
    """

    target: str
    arguments: tuple[Any, ...] = ()
    keywords: tuple[tuple[str, Any], ...] = ()

    def source(self) -> str:
        """Return the call as Python source."""
        words = [repr(a) for a in self.arguments] + [f"{k}={v!r}" for k, v in self.keywords]
        return f"{self.target}({', '.join(words)})"

    def make(self) -> nn.Module:
        """Construct the module on torch's current default device."""
        module: nn.Module = class_at(self.target)(*self.arguments, **dict(self.keywords))
        return module


@cache
def class_at(target: str) -> type[nn.Module]:
    """Return the class that a Construct names."""
    if target.startswith("nn."):
        found: type[nn.Module] = getattr(torch.nn, target.removeprefix("nn."))
        return found
    found = getattr(import_module(module_file(target)), target.rpartition(".")[2])
    return found


def module_file(target: str) -> str:
    """Return the full name of the Python module that defines the class of a target that is not torch's."""
    file = target.rpartition(".")[0]
    return f"archspec.backends.torch.{file}" if file.startswith("modules.") else file


def default_call(site: Site, module: str, arguments: tuple[str, ...]) -> str:
    """Write the call of the module with its inputs."""
    return f"{module}({', '.join(arguments)})"


def keywords(**options: Any) -> tuple[tuple[str, Any], ...]:
    """Return keyword arguments for a Construct, those that are None left out."""
    # Emitters pass None for torch's own defaults, so that exported source has the arguments that a person would write.
    return tuple((name, value) for name, value in options.items() if value is not None)


def axis_of(site: Site) -> int:
    """Return the axis of the batch that an op's `axis` attribute means: one more than that of the sample."""
    op: Any = site.op
    # Types of the Graph are those of one sample; tensors have the batch first.
    return resolve_axis(op, op.axis, site.inputs[0]) + 1


def channels_are_last(x: ValueType) -> bool:
    """Return whether the channels are the last axis, on which torch's linear layers and layer norms work."""
    return x.channel_axis == len(x.shape) - 1
