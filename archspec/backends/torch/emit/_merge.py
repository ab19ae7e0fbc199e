"""Values joined by an operator: what add and multiply share."""

from __future__ import annotations

from archspec.backends.torch.emit.base import Site


def joined(site: Site, operator: str, arguments: tuple[str, ...]) -> str:
    """The values with an operator between them; a vector among maps gets the axes it lacks."""
    rank = max(len(x.shape) for x in site.inputs)
    channel_axis = next(x.channel_axis for x in site.inputs if len(x.shape) == rank)
    terms = []
    for x, argument in zip(site.inputs, arguments, strict=True):
        if len(x.shape) < rank:
            axes = [":" if axis == channel_axis else "None" for axis in range(rank)]
            argument = f"{argument}[:, {', '.join(axes)}]"
        terms.append(argument)
    return f" {operator} ".join(terms)
