"""Highway networks, the residual MLP and the example of a custom block against modules written by hand here."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from archspec import load, lower, summarize
from tests.parity.assertions import assert_same, draw

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
    """The comparison itself: a gate the other way."""

    class OtherWay(HighwayLayer):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            t = torch.sigmoid(self.transform(x))
            return x * t + F.relu(self.plain(x)) * (1 - t)

    shut = Highway(8)
    shut.layers[3] = OtherWay(nn.Linear(50, 50), nn.Linear(50, 50))
    with pytest.raises(AssertionError):
        assert_same("highway10", shut, draw(4, 784))
