"""parameter: a bare tensor, once for each sample of the batch."""

from __future__ import annotations

from archspec.backends.torch.emit.base import Construct, Site


def construct(site: Site) -> Construct | None:
    """No module: its tensor belongs to the parent."""
    return None


def call(site: Site, module: str, arguments: tuple[str, ...]) -> str:
    """The tensor, expanded to the batch of `like`; `module` is the tensor."""
    if not arguments or arguments[0] == "None":
        return module
    rest = ", ".join("-1" for _ in site.outputs[0].shape)
    return f"{module}.expand({arguments[0]}.shape[0], {rest})"
