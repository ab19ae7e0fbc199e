"""One emitter for each op: what module to construct, and what expression calls it in the generated `forward`."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from types import ModuleType

from archspec.backends.torch.emit.base import Construct, Site, default_call


@cache
def _emitter(kind: str) -> ModuleType:
    return import_module(f"archspec.backends.torch.emit.{kind}")


def construct(site: Site) -> Construct | None:
    """The torch module of an op, or None where the op is an expression only (add, concat) or a bare tensor."""
    found: Construct | None = _emitter(site.op.kind).construct(site)
    return found


def call(site: Site, module: str, arguments: tuple[str, ...]) -> str:
    """The Python expression of an op in `forward`; several outputs make it a tuple.

    `module` is the expression of its module or bare tensor ("self.conv1"; "" where it has neither), `arguments` one
    name for each input given, in the order of the op's ports ("None" for an optional port left out). The expression
    may use `torch` and `F` (torch.nn.functional), and each argument any number of times. The batch comes first.
    """
    emit = getattr(_emitter(site.op.kind), "call", default_call)
    text: str = emit(site, module, arguments)
    return text


def functional(site: Site, tensors: dict[str, str], arguments: tuple[str, ...]) -> str:
    """The expression of an op whose tensors are kept beside it under other names (`keys:`)."""
    text: str = _emitter(site.op.kind).functional(site, tensors, arguments)
    return text
