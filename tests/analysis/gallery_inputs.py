"""The gallery as the oracles see it: which variants differ in structure, and three inputs that each spec takes."""

from __future__ import annotations

from msgspec.structs import replace

from archspec import Spec, load
from archspec.language.files import gallery_names
from archspec.language.load import to_trees

Shape = tuple[int, ...]

PICTURES: tuple[Shape, ...] = ((3, 224, 224), (3, 192, 256), (3, 161, 97))
THUMBNAILS: tuple[Shape, ...] = ((3, 32, 32), (3, 48, 40), (3, 37, 61))
BY_PATCH: tuple[Shape, ...] = ((3, 224, 224), (3, 192, 256), (3, 96, 160))
BY_SIXTEEN: tuple[Shape, ...] = ((3, 256, 256), (3, 64, 96), (3, 128, 32))
VOLUMES: tuple[Shape, ...] = ((3, 32, 64, 64), (3, 16, 32, 48), (3, 48, 16, 32))
SHRINKING: tuple[Shape, ...] = ((1, 572, 572), (1, 188, 204), (1, 236, 188))

SIZES: dict[str, tuple[Shape, ...]] = {
    "cifar_preact_resnet": THUMBNAILS,
    "cifar_resnet": THUMBNAILS,
    "custom_block": THUMBNAILS,
    "digits_resnet": ((1, 8, 8), (1, 16, 12), (1, 28, 28)),
    "guest_net": THUMBNAILS,
    "highway": ((784,), (10,), (33,)),
    "highway_conv": THUMBNAILS,
    "residual_mlp": ((64,), (1,), (100,)),
    "small_gpt": ((64,), (16,), (33,)),
    "small_resnet": THUMBNAILS,
    "small_unet": ((1, 32, 32), (1, 16, 24), (1, 64, 20)),
    "unet": BY_SIXTEEN,
    "unet:unet3d": VOLUMES,
    "unet:unet3d_trilinear": VOLUMES,
    "unet:unet_original": SHRINKING,
    "vit": BY_PATCH,
}
"""By spec, or by variant where it takes others; everything else takes pictures."""

BAKED_IN = ("highway", "residual_mlp", "small_gpt", "vit")
"""A linear layer or learned positions fix the size: built for each."""

STRUCTURES = (
    "cifar_resnet:resnet20",
    "cifar_resnet:resnet20_b",
    "cifar_resnet:plain20",
    "convnext:convnext_tiny",
    "cifar_preact_resnet:preact_resnet110",
    "cifar_preact_resnet:preact_resnet164",
    "densenet:densenet121",
    "hrnet:hrnet_w18_small_v2",
    "preact_resnet:preact_resnet18",
    "resnet:resnet18",
    "resnet:resnet50",
    "resnet:resnext50_32x4d",
    "squeezenet:squeezenet1_0",
    "squeezenet:squeezenet1_1",
    "unet:unet_bilinear",
    "unet:unet3d",
    "unet:unet_original",
    "vit:vit_b_32",
)
"""The variants that are not only deeper or wider than another."""


def everything() -> tuple[str, ...]:
    """Return every spec of the gallery and every variant, by the names that `load` takes."""
    return tuple(name for spec in gallery_names() for name in (spec, *(f"{spec}:{v}" for v in load(spec).variants)))


def quick() -> tuple[str, ...]:
    """Return one for each structure: every spec as it is, less those that a variant repeats, and STRUCTURES."""
    families = {name.partition(":")[0] for name in STRUCTURES}
    return tuple(name for name in everything() if name in STRUCTURES or (":" not in name and name not in families))


def sizes_of(name: str) -> tuple[Shape, ...]:
    """Return three shapes of one sample that a spec takes, its own first."""
    return SIZES.get(name) or SIZES.get(name.partition(":")[0], PICTURES)


def at_size(name: str, shape: Shape) -> Spec:
    """Return a gallery spec with another input."""
    ((_, tree),) = to_trees({"input": list(shape)})
    return replace(load(name), input=tree)
