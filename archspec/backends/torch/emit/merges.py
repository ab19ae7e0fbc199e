"""Merges: expressions without a module."""

from __future__ import annotations

from archspec.backends.torch.emit.base import Site, axis_of
from archspec.backends.torch.emit.registry import emits_expression


@emits_expression("add")
def add(site: Site, module: str, arguments: tuple[str, ...]) -> str:
    """Write the values with + between them."""
    return _with_operator(site, "+", arguments)


@emits_expression("multiply")
def multiply(site: Site, module: str, arguments: tuple[str, ...]) -> str:
    """Write the values with * between them."""
    return _with_operator(site, "*", arguments)


@emits_expression("concat")
def concat(site: Site, module: str, arguments: tuple[str, ...]) -> str:
    """Write torch.cat of the values along one axis of the sample."""
    return f"torch.cat([{', '.join(arguments)}], dim={axis_of(site)})"


@emits_expression("gate")
def gate(site: Site, module: str, arguments: tuple[str, ...]) -> str:
    """Write t * body + (1 - t) * shortcut."""
    t, body, shortcut = arguments
    return f"{t} * {body} + (1 - {t}) * {shortcut}"


def _with_operator(site: Site, operator: str, arguments: tuple[str, ...]) -> str:
    """Join the values by an operator; a vector among maps gets the axes that it lacks."""
    rank = max(len(x.shape) for x in site.inputs)
    channel_axis = next(x.channel_axis for x in site.inputs if len(x.shape) == rank)
    terms = []
    for x, argument in zip(site.inputs, arguments, strict=True):
        if len(x.shape) < rank:
            # Axes of size 1 at the positions: torch broadcasts from the last axis and would take channels for a width.
            axes = [":" if axis == channel_axis else "None" for axis in range(rank)]
            argument = f"{argument}[:, {', '.join(axes)}]"
        terms.append(argument)
    return f" {operator} ".join(terms)
