"""What emitters are given and what they answer."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

import torch
from msgspec import Struct
from torch import nn

from archspec.ir.op import Op
from archspec.ir.types import ValueType


class Site(Struct, frozen=True):
    """An op where it stands: its attributes, what goes in and comes out, and whether it may overwrite its input."""

    op: Op
    inputs: tuple[ValueType, ...]
    outputs: tuple[ValueType, ...]
    in_place: bool = False


class Construct(Struct, frozen=True):
    """A constructor call as data: built here, printed by the source backend.

    `target` is "nn.Conv2d", or "modules.drop_path.DropPath" for a class of our own.
    """

    target: str
    arguments: tuple[Any, ...] = ()
    keywords: tuple[tuple[str, Any], ...] = ()

    def source(self) -> str:
        """The call as Python source."""
        words = [repr(a) for a in self.arguments] + [f"{k}={v!r}" for k, v in self.keywords]
        return f"{self.target}({', '.join(words)})"

    def make(self) -> nn.Module:
        """The module, on torch's current default device."""
        module: nn.Module = class_at(self.target)(*self.arguments, **dict(self.keywords))
        return module


@cache
def class_at(target: str) -> type[nn.Module]:
    """The class that a Construct names."""
    package, _, rest = target.partition(".")
    if package == "nn":
        found: type[nn.Module] = getattr(torch.nn, rest)
        return found
    file, _, name = rest.rpartition(".")
    found = getattr(import_module(f"archspec.backends.torch.modules.{file}"), name)
    return found


def default_call(site: Site, module: str, arguments: tuple[str, ...]) -> str:
    """Call the module with its inputs."""
    return f"{module}({', '.join(arguments)})"


def keywords(**given: Any) -> tuple[tuple[str, Any], ...]:
    """Keyword arguments for a Construct, those that are None left out."""
    return tuple((name, value) for name, value in given.items() if value is not None)
