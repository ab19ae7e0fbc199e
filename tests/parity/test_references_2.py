"""U-Net, Highway and the residual MLP against modules written by hand here, from the papers and the usual code."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from archspec import load, loads, lower, summarize
from tests import designs
from tests.parity.assertions import assert_same, randomise, same


def draw(*shape: int, seed: int = 3) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


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


# Highway networks


class HighwayLayer(nn.Module):
    def __init__(self, plain: nn.Module, transform: nn.Module) -> None:
        super().__init__()
        self.plain, self.transform = plain, transform

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        t = torch.sigmoid(self.transform(x))
        return F.relu(self.plain(x)) * t + x * (1 - t)


class Highway(nn.Module):
    def __init__(self, layers: int) -> None:
        super().__init__()
        self.stem = nn.Linear(784, 50)
        self.layers = nn.Sequential(*(HighwayLayer(nn.Linear(50, 50), nn.Linear(50, 50)) for _ in range(layers)))
        self.fc = nn.Linear(50, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.fc(self.layers(F.relu(self.stem(x))))


class HighwayStage(nn.Module):
    def __init__(self, before: int, width: int, depth: int) -> None:
        super().__init__()
        self.widen = nn.Conv2d(before, width, 3, padding=1)
        convs = [[nn.Conv2d(width, width, 3, padding=1) for _ in range(2)] for _ in range(depth)]
        self.layers = nn.Sequential(*(HighwayLayer(*pair) for pair in convs))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.max_pool2d(self.layers(F.relu(self.widen(x))), 2)


class ConvolutionalHighway(nn.Module):
    def __init__(self, widths: tuple[int, ...], depth: int) -> None:
        super().__init__()
        self.stages = nn.Sequential(*(HighwayStage(b, w, depth) for b, w in pairwise((3, *widths))))
        self.fc = nn.Linear(widths[-1], 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.fc(self.stages(x).mean((2, 3)))


@pytest.mark.parametrize(("variant", "layers"), [("highway10", 8), ("highway20", 18)])
def test_highway(variant: str, layers: int) -> None:
    assert_same(variant, Highway(layers), draw(4, 784))


def test_convolutional_highway() -> None:
    assert_same("highway_conv11", ConvolutionalHighway((16, 32, 48), 2), draw(2, 3, 32, 32))
    assert_same("highway_conv19", ConvolutionalHighway((32, 80, 128), 5), draw(1, 3, 32, 32))


@pytest.mark.parametrize("name", ["highway10", "highway_conv11"])
def test_transform_gates_start_nearly_shut(name: str) -> None:
    from archspec import build

    biases = {key: t for key, t in build(name, seed=0).state_dict().items() if key.endswith("transform.bias")}
    assert len(biases) >= 6
    assert all((bias == -2).all() for bias in biases.values())


# The residual MLP (Gorishniy et al. 2021, section 3.2)


class ResidualLinear(nn.Module):
    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(before)
        self.linear1 = nn.Linear(before, 2 * after)
        self.linear2 = nn.Linear(2 * after, after)
        if before != after:
            self.projection = nn.Sequential(nn.Linear(before, after))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.linear2(F.relu(self.linear1(self.norm(x))))
        return y + (self.projection(x) if hasattr(self, "projection") else x)


class ResidualMLP(nn.Module):
    def __init__(self, widths: tuple[int, ...], depth: int) -> None:
        super().__init__()
        self.first = nn.Linear(64, widths[0])
        before = (widths[0], *widths[:-1])
        self.blocks = nn.Sequential(
            *(
                nn.Sequential(ResidualLinear(b, w), *(ResidualLinear(w, w) for _ in range(depth - 1)))
                for b, w in zip(before, widths, strict=True)
            )
        )
        self.norm = nn.BatchNorm1d(widths[-1])
        self.head = nn.Linear(widths[-1], 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(F.relu(self.norm(self.blocks(self.first(x)))))


def test_residual_mlp() -> None:
    assert_same(load("residual_mlp4", dropout=0.0), ResidualMLP((192,), 4), draw(8, 64))
    wide = load("residual_mlp_wide", dropout=0.0)
    assert_same(wide, ResidualMLP((128, 256, 512), 2), draw(8, 64))
    inserted = summarize(lower(wide)).inserted
    assert [(d.reason, d.cost.params) for d in inserted] == [
        ("channels 128 → 256", 128 * 256 + 256),
        ("channels 256 → 512", 256 * 512 + 512),
    ]


# The spec with a block of its own


class Weighed(nn.Module):
    def __init__(self, before: int, after: int, stride: int) -> None:
        super().__init__()
        self.conv1, self.norm1 = nn.Conv2d(before, after, 3, stride, 1, bias=False), nn.BatchNorm2d(after)
        self.conv2, self.norm2 = nn.Conv2d(after, after, 3, padding=1, bias=False), nn.BatchNorm2d(after)
        self.gate = nn.ModuleDict({"1": nn.Conv2d(after, after // 8, 1), "3": nn.Conv2d(after // 8, after, 1)})
        if before != after or stride != 1:
            self.downsample = nn.Sequential(nn.Conv2d(before, after, 1, stride, bias=False), nn.BatchNorm2d(after))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.norm2(self.conv2(self.norm1(self.conv1(x)).relu()))
        gate = self.gate["3"](self.gate["1"](y.mean((2, 3), keepdim=True)).relu()).sigmoid()
        return (y * gate + (self.downsample(x) if hasattr(self, "downsample") else x)).relu()


class CustomBlock(nn.Module):
    def __init__(self, depth: int, widths: tuple[int, ...] = (32, 64, 128)) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, widths[0], 3, padding=1, bias=False), nn.BatchNorm2d(widths[0]))
        for number, (before, after) in enumerate(pairwise((widths[0], *widths)), start=1):
            first = Weighed(before, after, 1 if number == 1 else 2)
            setattr(self, f"stage{number}", nn.Sequential(first, *(Weighed(after, after, 1) for _ in range(depth - 1))))
        self.fc = nn.Linear(widths[-1], 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.stem(x).relu()
        for stage in ("stage1", "stage2", "stage3"):
            x = self.get_submodule(stage)(x)
        return self.fc(x.mean((2, 3)))


@pytest.mark.parametrize(("variant", "depth"), [(None, 2), ("deeper", 4)])
def test_custom_block(variant: str | None, depth: int) -> None:
    spec = load("custom_block", variant)
    assert_same(spec, CustomBlock(depth), draw(2, 3, 32, 32))
    assert [d.reason for d in summarize(lower(spec)).inserted] == [
        "channels 32 → 64, stride 2",
        "channels 64 → 128, stride 2",
    ]


def test_a_wrong_reference_is_noticed() -> None:
    """The comparison itself: another activation, another eps, a gate the other way."""

    class OtherWay(HighwayLayer):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            t = torch.sigmoid(self.transform(x))
            return x * t + F.relu(self.plain(x)) * (1 - t)

    shut = Highway(8)
    shut.layers[3] = OtherWay(nn.Linear(50, 50), nn.Linear(50, 50))
    with pytest.raises(AssertionError):
        assert_same("highway10", shut, draw(4, 784))
    text = load("unet").text
    for old, new in [("act: relu", "act: {leaky_relu: 0.01}"), ("norm: batch_norm", "norm: {batch_norm: {eps: 0.1}}")]:
        assert old in text
        with pytest.raises(AssertionError):
            assert_same(loads(text.replace(old, new), base=4), UNet(base=4), draw(2, 3, 32, 32))
