"""The mistakes: each as a spec for archspec, and as rows of plain torch layers from which the peers' forms are made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Row = tuple[str, str, dict[str, Any], tuple[str, ...]]  # name, class of torch.nn (or Add, Concat), arguments, inputs


@dataclass(frozen=True)
class Mistake:
    """One mistake, the public thread in which somebody made it, and the batch at which it is tried."""

    name: str
    thread: str
    spec: str
    shape: tuple[int, ...]
    rows: tuple[Row, ...]
    batch: int = 2


def conv(name: str, before: str, inputs: int, outputs: int, kernel: int = 3, stride: int = 1, **more: Any) -> Row:
    """Return a convolution that keeps the size at stride 1."""
    arguments = {"in_channels": inputs, "out_channels": outputs, "kernel_size": kernel}
    if stride != 1:
        arguments["stride"] = stride
    if kernel > 1:
        arguments["padding"] = kernel // 2
    return name, "Conv2d", {**arguments, **more}, (before,)


def pool(name: str, before: str) -> Row:
    """Return a max pooling that halves the size."""
    return name, "MaxPool2d", {"kernel_size": 2, "stride": 2}, (before,)


MISTAKES = (
    Mistake(
        "add of unequal channels",
        "https://github.com/GengDavid/pytorch-cpn/issues/45",
        """\
input: [3, 32, 32]
stages:
  - conv: 16
  - residual:
      body:
        - conv: 32
      shortcut: identity
""",
        (3, 32, 32),
        (conv("a", "x", 3, 16), conv("b", "a", 16, 32), ("sum", "Add", {}, ("b", "a"))),
    ),
    Mistake(
        "shortcut without the body's stride",
        "https://github.com/AlexeyAB/darknet/issues/3809",
        """\
input: [3, 32, 32]
stages:
  - conv: 16
  - residual:
      body:
        - conv: {channels: 32, stride: 2}
      shortcut:
        - conv: {channels: 32, kernel: 1}
""",
        (3, 32, 32),
        (
            conv("a", "x", 3, 16),
            conv("b", "a", 16, 32, stride=2),
            conv("c", "a", 16, 32, kernel=1),
            ("sum", "Add", {}, ("b", "c")),
        ),
    ),
    Mistake(
        "U-Net on a size that halves unevenly",
        "https://github.com/bigmb/Unet-Segmentation-Pytorch-Nest-of-Unets/issues/52",
        """\
input: [3, 100, 100]
stages:
  - conv: {name: one, channels: 8}
  - max_pool: 2
  - conv: 16
  - max_pool: 2
  - conv: {name: two, channels: 32}
  - max_pool: 2
  - conv: 64
  - conv_transpose: {channels: 32, kernel: 2, stride: 2}
  - concat: [two, prev]
  - conv: 32
""",
        (3, 100, 100),
        (
            conv("one", "x", 3, 8),
            pool("p1", "one"),
            conv("c", "p1", 8, 16),
            pool("p2", "c"),
            conv("two", "p2", 16, 32),
            pool("p3", "two"),
            conv("d", "p3", 32, 64),
            ("up", "ConvTranspose2d", {"in_channels": 64, "out_channels": 32, "kernel_size": 2, "stride": 2}, ("d",)),
            ("cat", "Concat", {"dim": 1}, ("two", "up")),
            conv("e", "cat", 64, 32),
        ),
    ),
    Mistake(
        "groups that do not divide the channels",
        "https://github.com/ultralytics/ultralytics/issues/5012",
        """\
input: [3, 32, 32]
stages:
  - conv: 48
  - conv: {channels: 64, groups: 5}
""",
        (3, 32, 32),
        (conv("a", "x", 3, 48), conv("b", "a", 48, 64, groups=5)),
    ),
    Mistake(
        "heads that do not divide the width",
        "https://github.com/facebookresearch/detr/issues/499",
        """\
inputs: {x: {kind: tokens, shape: [16, 64]}}
stages:
  - self_attention: {heads: 5}
""",
        (16, 64),
        (("a", "MultiheadAttention", {"embed_dim": 64, "num_heads": 5, "batch_first": True}, ("x",)),),
    ),
    Mistake(
        "batch norm over one value",
        "https://github.com/YudeWang/deeplabv3plus-pytorch/issues/34",
        """\
input: [3, 32, 32]
stages:
  - conv: 16
  - adaptive_avg_pool: 1
  - conv: {channels: 32, kernel: 1}
  - batch_norm
  - relu
""",
        (3, 32, 32),
        (
            conv("a", "x", 3, 16),
            ("p", "AdaptiveAvgPool2d", {"output_size": 1}, ("a",)),
            conv("b", "p", 16, 32, kernel=1, bias=False),
            ("n", "BatchNorm2d", {"num_features": 32}, ("b",)),
            ("r", "ReLU", {}, ("n",)),
        ),
        batch=1,
    ),
    Mistake(
        "checkerboard of a transposed convolution",
        "https://github.com/NVIDIA/pix2pixHD/issues/149",
        """\
input: [16, 32, 32]
stages:
  - conv_transpose: {channels: 8, kernel: 3, stride: 2, padding: 1, output_padding: 1}
  - relu
""",
        (16, 32, 32),
        (
            (
                "up",
                "ConvTranspose2d",
                {
                    "in_channels": 16,
                    "out_channels": 8,
                    "kernel_size": 3,
                    "stride": 2,
                    "padding": 1,
                    "output_padding": 1,
                },
                ("x",),
            ),
            ("r", "ReLU", {}, ("up",)),
        ),
    ),
    Mistake(
        "a bias that the batch norm takes away",
        "https://github.com/4uiiurz1/pytorch-nested-unet/issues/39",
        """\
input: [3, 32, 32]
stages:
  - conv: {channels: 16, bias: true}
  - batch_norm
  - relu
""",
        (3, 32, 32),
        (
            conv("a", "x", 3, 16),
            ("n", "BatchNorm2d", {"num_features": 16}, ("a",)),
            ("r", "ReLU", {}, ("n",)),
        ),
    ),
    Mistake(
        "nothing left of the map",
        "https://github.com/milesial/Pytorch-UNet/issues/134",
        """\
input: [3, 64, 16]
stages:
  - conv: 8
  - max_pool: 2
  - max_pool: 2
  - max_pool: 2
  - max_pool: 2
  - max_pool: 2
""",
        (3, 64, 16),
        (
            conv("a", "x", 3, 8),
            pool("p1", "a"),
            pool("p2", "p1"),
            pool("p3", "p2"),
            pool("p4", "p3"),
            pool("p5", "p4"),
        ),
    ),
    Mistake(
        "a misspelt key",
        "https://github.com/alrojo/tensorflow-tutorial/issues/2",
        """\
input: [3, 32, 32]
stages:
  - conv: {channels: 16, dilaton: 2}
""",
        (3, 32, 32),
        (conv("a", "x", 3, 16, dilaton=2),),
    ),
)
