"""to_map as a module with the grid in it, or a reshape to another map's size."""

from __future__ import annotations

from archspec.backends.torch.emit.base import Construct, Site
from archspec.ir.types import optional_input


def construct(site: Site) -> Construct | None:
    """modules.to_map.ToMap where no other map gives the size."""
    if optional_input(site.inputs, 1) is not None:
        return None
    return Construct("modules.to_map.ToMap", (site.outputs[0].spatial,))


def call(site: Site, module: str, arguments: tuple[str, ...]) -> str:
    """The module, or a reshape to the size that `like` has when it runs."""
    if module:
        return f"{module}({arguments[0]})"
    x, like = arguments[:2]
    sizes = ", ".join(f"{like}.shape[{axis + 1}]" for axis in site.inputs[1].spatial_axes)
    return f"{x}.transpose(1, 2).unflatten(2, ({sizes},))"
