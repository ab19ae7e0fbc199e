"""Training steps whose peak memory is compared with what torch tracks.

OUTPUTS and ONE_OP are dominated by their outputs, and by one op among cheap ones, which the proportions of the networks
in the gallery hide: their outputs are small, and convolutions take most.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import archspec
from archspec.analysis.memory.losses import Loss


@dataclass(frozen=True)
class Step:
    """A training step of a design; `text` is its spec where it is not in the gallery."""

    name: str
    variant: str = ""
    text: str = ""
    batch: int = 4
    optimizer: Literal["sgd", "momentum", "adamw"] = "momentum"
    dtype: Literal["float32", "bfloat16", "float16"] = "float32"
    loss: Loss = "mean_square"
    quick: bool = False  # less than a second

    def __str__(self) -> str:
        words = (self.name, self.variant, self.dtype, self.optimizer, self.loss)
        return "-".join(word for word in words if word)

    def load(self) -> archspec.Spec:
        """Return the spec."""
        return archspec.loads(self.text) if self.text else archspec.load(self.name, self.variant or None)


def _spec(shape: str, *layers: str, head: str = "") -> str:
    body = "".join(f"  - {layer}\n" for layer in layers)
    return f"input: {shape}\nstages:\n{body}" + (f"head:\n  - {head}\n" if head else "")


def _tokens(count: int, *layers: str, length: int = 64) -> str:
    body = "".join(f"  - {layer}\n" for layer in layers)
    return f"inputs: {{text: {{shape: [{length}], kind: ids, range: {count}}}}}\nstages:\n{body}"


MODEL = "encoder_layer: {heads: 4, causal: true}"
TIED = """
inputs: {text: {shape: [64], kind: ids, range: 8000}}
stages:
  - embedding: {name: embed, features: 64}
  - encoder_layer: {heads: 4, causal: true}
  - linear: {features: 8000, bias: false, share: {weight: embed.weight}}
"""
DETECTOR = """
input: [3, 128, 128]
stem:
  - conv: {channels: 16, stride: 4}
  - norm
  - act
stages:
  - basic: {name: c3, channels: 16, stride: 2}
  - basic: {name: c4, channels: 32, stride: 2}
head:
  - conv: {name: boxes3, channels: 9 * 4, kernel: 3, from: c3}
  - conv: {name: classes3, channels: 9 * 91, kernel: 3, from: c3}
  - conv: {name: boxes4, channels: 9 * 4, kernel: 3, from: c4}
  - conv: {name: classes4, channels: 9 * 91, kernel: 3, from: c4}
outputs: {boxes3: boxes3, classes3: classes3, boxes4: boxes4, classes4: classes4}
"""
FEW = "conv: {channels: 8, kernel: 1}"  # a cheap end: the op before it takes most memory
WIDE = "conv: {channels: 64, kernel: 1}"
POOLED = ("global_avg_pool", "linear: 4")

OUTPUTS = (
    Step(
        "head of 150 classes",
        text=_spec("[64, 48, 48]", "conv: {channels: 150, kernel: 1}"),
        optimizer="sgd",
        quick=True,
    ),
    Step("embedding and linear 300", text=_tokens(100, "embedding: 16", "linear: 300"), optimizer="sgd", quick=True),
    Step("language model of 8,000 words", text=_tokens(8000, "embedding: 64", MODEL, "linear: 8000")),
    Step("language model of 8,000 words", text=_tokens(8000, "embedding: 64", MODEL, "linear: 8000"), dtype="bfloat16"),
    Step(
        "language model of 8,000 words",
        text=_tokens(8000, "embedding: 64", MODEL, "linear: 8000"),
        loss="cross_entropy",
        optimizer="adamw",
    ),
    Step("language model with tied weights", text=TIED, batch=16, loss="cross_entropy", optimizer="adamw"),
    Step(
        "segmentation of 21 classes",
        text=_spec(
            "[3, 96, 96]",
            "conv: {channels: 16, stride: 4}",
            "norm",
            "act",
            "conv: 21",
            head="resize: {scale: 4, mode: linear}",
        ),
        loss="cross_entropy",
        quick=True,
    ),
    Step(
        "segmentation by a U-Net",
        text=_spec("[3, 64, 64]", "double_conv: 8", "conv: {channels: 91, kernel: 1}"),
        loss="mse",
    ),
    Step("detector of two levels", text=DETECTOR),
    Step("detector of two levels", text=DETECTOR, dtype="bfloat16", optimizer="adamw"),
    Step(
        "decoder of pictures",
        text=_spec(
            "[32]",
            "linear: 256",
            "unflatten: {shape: [16, 4, 4]}",
            "resize: 4",
            "conv_transpose: {channels: 8, stride: 2}",
            "conv_transpose: {channels: 64, stride: 4}",
        ),
        batch=8,
        quick=True,
    ),
)
ONE_OP = (
    Step("scale", text=_spec("[3, 32, 32]", WIDE, "scale: 0.1", FEW, *POOLED), dtype="bfloat16", optimizer="sgd"),
    Step(
        "scale of tokens",
        text=_tokens(50, "embedding: 64", "linear: 256", "scale: 0.1", "linear: 4"),
        dtype="bfloat16",
        quick=True,
    ),
    Step("squeeze and excitation", text=_spec("[3, 32, 32]", WIDE, "squeeze_excite", FEW, *POOLED), dtype="bfloat16"),
    Step("attention", text=_tokens(50, "embedding: 16", "attention: {heads: 4}", "linear: 4", length=256), batch=8),
    Step(
        "attention",
        text=_tokens(50, "embedding: 16", "attention: {heads: 4}", "linear: 4", length=256),
        dtype="bfloat16",
    ),
    Step("softmax", text=_spec("[3, 32, 32]", WIDE, "softmax: channel", FEW, *POOLED), dtype="bfloat16", quick=True),
    Step("resize, linear", text=_spec("[3, 16, 16]", WIDE, "resize: {scale: 4, mode: linear}", *POOLED), quick=True),
    Step("resize, nearest", text=_spec("[3, 16, 16]", WIDE, "resize: 4", *POOLED), dtype="bfloat16"),
    Step("resize, bicubic", text=_spec("[3, 16, 16]", WIDE, "resize: {scale: 3, mode: bicubic}", FEW, *POOLED)),
    Step("rms_norm", text=_tokens(50, "embedding: 128", "rms_norm", "linear: 4")),
    Step("rms_norm", text=_tokens(50, "embedding: 128", "linear: 128", "rms_norm", "linear: 4"), dtype="bfloat16"),
    Step("l2_normalize", text=_spec("[3, 32, 32]", WIDE, "l2_normalize", FEW, *POOLED), quick=True),
    Step(
        "group_norm",
        text=_spec("[3, 32, 32]", WIDE, "group_norm: {groups: 8}", FEW, *POOLED),
        dtype="bfloat16",
        quick=True,
    ),
    Step("global_max_pool", text=_spec("[3, 32, 32]", WIDE, "global_max_pool", "linear: 4")),
    Step(
        "max over channels",
        text=_spec("[3, 32, 32]", WIDE, "max: {axis: channel, keep: true}", FEW, *POOLED),
        quick=True,
    ),
    Step(
        "sum over channels",
        text=_spec("[3, 32, 32]", WIDE, "sum: {axis: channel, keep: true}", FEW, *POOLED),
        quick=True,
    ),
    Step("no weights on the way", text=_spec("[64, 32, 32]", "relu", "avg_pool: 2", "sigmoid"), quick=True),
)
NETWORKS = (
    Step("cifar_resnet", batch=8),
    Step("convnext", "convnext_tiny"),
    Step("custom_block", batch=8),
    Step("googlenet"),
    Step("guest_net", batch=8),
    Step("highway", batch=8),
    Step("highway_conv", batch=8),
    Step("mobilenet_v2"),
    Step("preact_resnet", "preact_resnet18"),
    Step("preact_resnet", "preact_resnet18", dtype="bfloat16", optimizer="adamw"),
    Step("residual_mlp", batch=8),
    Step("resnet", "resnet18", batch=8),
    Step("resnet", "resnet50"),
    Step("se_resnet50", batch=2),
    Step("small_gpt", batch=16, loss="cross_entropy"),
    Step("small_resnet", batch=8),
    Step("small_unet", batch=8, loss="cross_entropy"),
    Step("squeezenet", "squeezenet1_1"),
    Step("unet", batch=2),
    Step("unet", batch=2, optimizer="adamw"),
    Step("vit", "vit_b_32"),
)
STEPS = (*OUTPUTS, *ONE_OP, *NETWORKS)
