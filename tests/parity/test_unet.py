"""U-Net against modules written by hand here, from the paper and the usual code."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from archspec import load, loads, summarize
from tests import designs
from tests.parity.assertions import assert_same, draw, randomise, same

# U-Net, keyed as milesial/Pytorch-UNet

CONV = {2: nn.Conv2d, 3: nn.Conv3d}
NORM = {2: nn.BatchNorm2d, 3: nn.BatchNorm3d}
POOL = {2: nn.MaxPool2d, 3: nn.MaxPool3d}
TRANSPOSED = {2: nn.ConvTranspose2d, 3: nn.ConvTranspose3d}


class DoubleConv(nn.Module):
    def __init__(self, before: int, after: int, mid: int, rank: int) -> None:
        super().__init__()
        self.double_conv = nn.Sequential(
            CONV[rank](before, mid, 3, padding=1, bias=False),
            NORM[rank](mid),
            nn.ReLU(),
            CONV[rank](mid, after, 3, padding=1, bias=False),
            NORM[rank](after),
            nn.ReLU(),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.double_conv(x)


class Down(nn.Module):
    def __init__(self, before: int, after: int, rank: int) -> None:
        super().__init__()
        self.maxpool_conv = nn.Sequential(POOL[rank](2), DoubleConv(before, after, after, rank))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.maxpool_conv(x)


class Up(nn.Module):
    def __init__(self, before: int, after: int, rank: int, linear: bool) -> None:
        super().__init__()
        if linear:
            mode = {2: "bilinear", 3: "trilinear"}[rank]
            self.up: nn.Module = nn.Upsample(scale_factor=2, mode=mode, align_corners=True)
            self.conv = DoubleConv(before, after, before // 2, rank)
        else:
            self.up = TRANSPOSED[rank](before, before // 2, 2, stride=2)
            self.conv = DoubleConv(before, after, after, rank)

    def forward(self, x: torch.Tensor, skip: torch.Tensor) -> torch.Tensor:
        x = self.up(x)
        pads = []
        for axis in range(x.dim() - 1, 1, -1):
            missing = skip.shape[axis] - x.shape[axis]
            pads += [missing // 2, missing - missing // 2]
        return self.conv(torch.cat([skip, F.pad(x, pads)], dim=1))


class UNet(nn.Module):
    def __init__(self, classes: int = 2, base: int = 64, rank: int = 2, linear: bool = False) -> None:
        super().__init__()
        factor = 2 if linear else 1
        self.inc = DoubleConv(3, base, base, rank)
        widths = [base, 2 * base, 4 * base, 8 * base, 16 * base // factor]
        for number, (before, after) in enumerate(pairwise(widths), start=1):
            setattr(self, f"down{number}", Down(before, after, rank))
        ups = [16 * base, 8 * base, 4 * base, 2 * base, base * factor]
        for number, (before, after) in enumerate(pairwise(ups), start=1):
            setattr(self, f"up{number}", Up(before, after // factor, rank, linear))
        self.outc = nn.Module()
        self.outc.conv = CONV[rank](base, classes, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x1 = self.inc(x)
        x2 = self.get_submodule("down1")(x1)
        x3 = self.get_submodule("down2")(x2)
        x4 = self.get_submodule("down3")(x3)
        y = self.get_submodule("up1")(self.get_submodule("down4")(x4), x4)
        y = self.get_submodule("up3")(self.get_submodule("up2")(y, x3), x2)
        return self.get_submodule("outc.conv")(self.get_submodule("up4")(y, x1))


@pytest.mark.parametrize("variant", ["unet_transposed", "unet_bilinear"])
def test_unet(variant: str) -> None:
    reference = UNet(base=8, linear=variant == "unet_bilinear")
    assert_same(load("unet", variant, base=8), reference, draw(2, 3, 48, 64))


@pytest.mark.parametrize("variant", ["unet3d", "unet3d_trilinear"])
def test_unet_3d(variant: str) -> None:
    reference = UNet(base=4, rank=3, linear=variant == "unet3d_trilinear")
    assert_same(load("unet", variant, base=4), reference, draw(2, 3, 16, 32, 32))


def test_unet_pads_sizes_that_16_does_not_divide() -> None:
    reference = UNet(base=4)
    assert_same(load("unet", base=4, match="pad", shape=[3, 70, 61]), reference, draw(2, 3, 70, 61))


def test_unet_parameters() -> None:
    with torch.device("meta"):
        counts = {
            "unet": sum(p.numel() for p in UNet().parameters()),
            "unet_bilinear": sum(p.numel() for p in UNet(linear=True).parameters()),
            "unet3d": sum(p.numel() for p in UNet(rank=3).parameters()),
            "unet3d_trilinear": sum(p.numel() for p in UNet(rank=3, linear=True).parameters()),
        }
    assert counts["unet"] == 31_037_698
    assert {name: summarize(designs.graph(name)).params for name in counts} == counts


class OriginalUNet(nn.Module):
    """Valid convolutions with biases, no norm, crops (Ronneberger et al. 2015, figure 1); keyed like the spec."""

    def __init__(self, base: int) -> None:
        super().__init__()
        widths = [base * 2**level for level in range(5)]
        self.encoder = nn.ModuleList(self.pair(b, a) for b, a in pairwise([1, *widths]))
        self.ups = nn.ModuleList(nn.ConvTranspose2d(w, w // 2, 2, stride=2) for w in reversed(widths[1:]))
        self.decoder = nn.ModuleList(self.pair(w, w // 2) for w in reversed(widths[1:]))
        self.last = nn.Conv2d(base, 2, 1)

    @staticmethod
    def pair(before: int, after: int) -> nn.Sequential:
        return nn.Sequential(nn.Conv2d(before, after, 3), nn.ReLU(), nn.Conv2d(after, after, 3), nn.ReLU())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        skips = []
        for level, pair in enumerate(self.encoder):
            x = pair(F.max_pool2d(x, 2) if level else x)
            skips.append(x)
        skips.pop()
        for up, pair in zip(self.ups, self.decoder, strict=True):
            x, skip = up(x), skips.pop()
            edge = (skip.shape[-1] - x.shape[-1]) // 2
            x = pair(torch.cat([skip[..., edge : edge + x.shape[-2], edge : edge + x.shape[-1]], x], dim=1))
        return self.last(x)

    def renamed(self) -> dict[str, torch.Tensor]:
        """The state_dict under the spec's keys."""
        places = {"last": "outc.conv", "encoder.0": "inc.double_conv"}
        for level in range(4):
            places[f"encoder.{level + 1}"] = f"down{level + 1}.maxpool_conv.1.double_conv"
            places[f"ups.{level}"] = f"up{level + 1}.up"
            places[f"decoder.{level}"] = f"up{level + 1}.conv.double_conv"
        found = {}
        for key, tensor in self.state_dict().items():
            module, _, rest = key.rpartition(".")
            head = next(place for place in places if module == place or module.startswith(place + "."))
            inner = {"": "", ".0": ".0", ".2": ".3"}[module[len(head) :]]
            found[f"{places[head]}{inner}.{rest}"] = tensor
        return found


def test_the_original_unet_crops() -> None:
    from archspec import build

    reference = OriginalUNet(base=4)
    randomise(reference)
    model = build("unet_original", base=4, weights=reference.renamed())
    x = draw(1, 1, 204, 204)
    with torch.no_grad():
        same(model.eval()(x), reference(x))
    graph = designs.graph("unet_original")
    assert graph.output_types[0].shape == (2, 388, 388)  # figure 1
    with torch.device("meta"):
        assert summarize(graph).params == sum(p.numel() for p in OriginalUNet(64).parameters())


def test_a_wrong_reference_is_noticed() -> None:
    """The comparison itself: another activation, another eps."""
    text = load("unet").text
    for old, new in [("act: relu", "act: {leaky_relu: 0.01}"), ("norm: batch_norm", "norm: {batch_norm: {eps: 0.1}}")]:
        assert old in text
        with pytest.raises(AssertionError):
            assert_same(loads(text.replace(old, new), base=4), UNet(base=4), draw(2, 3, 32, 32))
