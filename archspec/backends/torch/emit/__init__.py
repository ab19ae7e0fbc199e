"""Emitters, a module for each family of ops: the module to construct, and the expression that calls it in `forward`."""

from __future__ import annotations

from msgspec.structs import replace

from archspec.backends.torch.emit.base import Construct, Site
from archspec.backends.torch.emit.registry import find_emitter


def construct(site: Site) -> Construct | None:
    """Return the constructor call of an op's module, or None where it is an expression (add) or a bare tensor."""
    made = find_emitter(site.op).module(site)
    if made is not None and site.in_place:
        # Only ops with the trait `inplace_safe` are ever in place, and torch calls the argument `inplace` in all.
        made = replace(made, keywords=(*made.keywords, ("inplace", True)))
    return made


def call(site: Site, module: str, arguments: tuple[str, ...]) -> str:
    """Return the Python expression of an op in `forward`; several outputs make it a tuple.

    `module` is the expression of its module or bare tensor ("self.conv1"; "" where it has neither), `arguments` one
    name for each input, in the order of the op's ports ("None" for an optional port left out). The expression may use
    `torch` and `F` (torch.nn.functional), and each argument any number of times. The batch comes first.
    """
    return find_emitter(site.op).expression(site, module, arguments)


def functional(site: Site, tensors: dict[str, str], arguments: tuple[str, ...]) -> str:
    """Return the expression of an op whose tensors lie in its parent under other names (`keys:`)."""
    emit = find_emitter(site.op).functional
    assert emit is not None, f"{site.op.kind} has no functional form"
    return emit(site, tensors, arguments)
