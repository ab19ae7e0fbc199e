"""One network of each family of the gallery, small enough that a test of it takes a moment."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

import torch
from msgspec.structs import replace

from archspec import Graph, Spec, build, load, lower
from archspec.language.load import to_trees
from tests.parity.assertions import randomise


@dataclass(frozen=True)
class Small:
    """A gallery spec made small; `sizes` are other inputs that the module must accept, `ids` is the number of ids."""

    spec: str
    params: dict[str, Any] = field(default_factory=dict)
    shape: tuple[int, ...] = (3, 32, 32)
    sizes: tuple[tuple[int, ...], ...] = ((3, 32, 48), (3, 61, 40), (3, 64, 64))
    ids: int = 0

    def load(self) -> Spec:
        """Return the spec with its small input."""
        ((_, shape),) = to_trees({"input": list(self.shape)})
        return replace(load(self.spec, **self.params), input=shape)

    def samples(self, batch: int = 2, shape: tuple[int, ...] | None = None, seed: int = 0) -> torch.Tensor:
        """Return a random batch."""
        size, generator = (batch, *(shape or self.shape)), torch.Generator().manual_seed(seed)
        return (
            torch.randint(self.ids, size, generator=generator) if self.ids else torch.randn(size, generator=generator)
        )


WIDTHS, SHALLOW = [32, 48, 64, 80], [1, 2, 1, 2]
EVEN = ((3, 32, 48), (3, 48, 16), (3, 64, 64))
FAMILIES = {
    "resnet": Small("resnet", {"block": "basic", "depths": SHALLOW, "widths": WIDTHS, "classes": 7}),
    "bottleneck": Small("resnet", {"depths": SHALLOW, "widths": WIDTHS, "classes": 7}),
    "cifar_resnet": Small("cifar_resnet", {"depth": 8}),
    "cifar_preact_resnet": Small("cifar_preact_resnet", {"depth": 8}),
    "preact_resnet": Small("preact_resnet", {"depths": SHALLOW, "widths": WIDTHS, "classes": 7}),
    "resnet50d": Small("resnet50d", {"depths": [1, 1, 1, 1], "stem_width": 8, "classes": 7}),
    "se_resnet50": Small("se_resnet50", {"depths": [1, 1, 1, 1], "classes": 7}),
    "small_resnet": Small("small_resnet"),
    "densenet": Small("densenet", {"depths": [2, 2, 2, 2], "growth": 8, "width": 16, "classes": 7}),
    "mobilenet_v2": Small("mobilenet_v2", {"width": 0.25, "classes": 7, "drop_rate": 0.0}),
    "squeezenet": Small("squeezenet", {"width": 8, "classes": 7}),
    "googlenet": Small("googlenet", {"classes": 7}),
    "hrnet": Small("hrnet", {"width": 4, "stem_channels": 16, "depth": 1, "classes": 7}),
    "unet": Small("unet", {"base": 4}, sizes=EVEN),
    "unet3d": Small("unet", {"base": 2}, (1, 16, 32, 16), ((1, 16, 16, 16), (1, 32, 16, 16), (1, 16, 16, 48))),
    "highway": Small("highway", {"layers": 3, "width": 12}, (20,), ()),
    "highway_conv": Small("highway_conv", {"widths": [8, 12]}),
    "residual_mlp": Small("residual_mlp", {"widths": [12, 20], "depth": 2}, (9,), ()),
    "vit": Small("vit", {"patch": 8, "depth": 2, "heads": 2, "width": 24, "hidden": 32, "classes": 7}, sizes=()),
    "convnext": Small(
        "convnext",
        {"depths": [1, 1, 2, 1], "widths": [8, 12, 16, 20], "classes": 7},
        (3, 64, 64),
        ((3, 32, 48), (3, 75, 64), (3, 96, 33)),
    ),
    "digits_resnet": Small("digits_resnet", {}, (1, 8, 8), ((1, 8, 16), (1, 13, 9))),
    "small_unet": Small("small_unet", {"base": 4}, (1, 16, 16), ((1, 16, 24), (1, 32, 20))),
    "small_gpt": Small("small_gpt", {"heads": 2, "width": 24}, (12,), (), ids=128),
    "guest_net": Small("guest_net"),
    "custom_block": Small("custom_block"),
}


@cache
def small_graph(family: str) -> Graph:
    """Return the Graph of a family's small network."""
    return lower(FAMILIES[family].load())


def model_of(family: str, **options: Any) -> Any:
    """Return the family's module in eval mode, every tensor random, so that every part has an effect."""
    model = build(FAMILIES[family].load(), **options)
    randomise(model)
    return model.eval()
