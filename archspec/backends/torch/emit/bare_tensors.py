"""Ops that are one tensor of their parent, without a module: `module` is the expression of the tensor."""

from __future__ import annotations

from archspec.backends.torch.emit.base import Site
from archspec.backends.torch.emit.registry import emits_expression


@emits_expression("parameter")
def parameter(site: Site, module: str, arguments: tuple[str, ...]) -> str:
    """Write the tensor, expanded to the batch of `like`."""
    if not arguments or arguments[0] == "None":
        return module
    rest = ", ".join("-1" for _ in site.outputs[0].shape)
    return f"{module}.expand({arguments[0]}.shape[0], {rest})"


@emits_expression("scale")
def scale(site: Site, module: str, arguments: tuple[str, ...]) -> str:
    """Write the product with the factor."""
    return f"{arguments[0]} * {module}"


@emits_expression("position_embedding")
def position_embedding(site: Site, module: str, arguments: tuple[str, ...]) -> str:
    """Write the sum with the position embedding."""
    return f"{arguments[0]} + {module}"
