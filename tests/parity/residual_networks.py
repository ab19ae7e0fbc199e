"""Residual networks written by hand in PyTorch from the papers, for the tests to compare with."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Shortcut = Callable[[int, int, int], nn.Module]
Block = Callable[[int, int, int], nn.Module]


def conv3(before: int, after: int, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(before, after, 3, stride, 1, bias=False)


def conv1(before: int, after: int, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(before, after, 1, stride, bias=False)


class Pad(nn.Module):
    """Option A: every second pixel, zeros for the missing channels, `before` of them in front."""

    def __init__(self, before: int, behind: int, stride: int) -> None:
        super().__init__()
        self.channels, self.stride = (before, behind), stride

    def forward(self, x: Tensor) -> Tensor:
        return F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, *self.channels))


class Nothing(nn.Module):
    """A plain network's shortcut."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.zeros((), dtype=x.dtype)


def option_a(before: int, after: int, stride: int) -> nn.Module:
    return Pad((after - before) // 2, (after - before) // 2, stride)


def zeros_behind(before: int, after: int, stride: int) -> nn.Module:
    return Pad(0, after - before, stride)


def option_b(before: int, after: int, stride: int) -> nn.Module:
    return nn.Sequential(conv1(before, after, stride), nn.BatchNorm2d(after))


def option_d(before: int, after: int, stride: int) -> nn.Module:
    pool = nn.AvgPool2d(2, stride, ceil_mode=True, count_include_pad=False) if stride > 1 else nn.Identity()
    return nn.Sequential(pool, conv1(before, after), nn.BatchNorm2d(after))


def bare_projection(before: int, after: int, stride: int) -> nn.Module:
    return nn.Sequential(conv1(before, after, stride))


class Basic(nn.Module):
    def __init__(self, before: int, after: int, stride: int, shortcut: Shortcut, plain: bool = False) -> None:
        super().__init__()
        self.conv1, self.bn1 = conv3(before, after, stride), nn.BatchNorm2d(after)
        self.conv2, self.bn2 = conv3(after, after), nn.BatchNorm2d(after)
        if plain:
            self.downsample: nn.Module = Nothing()
        else:
            self.downsample = nn.Identity() if (before, stride) == (after, 1) else shortcut(before, after, stride)

    def forward(self, x: Tensor) -> Tensor:
        out = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(out)) + self.downsample(x))


class SqueezeExcite(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.fc1, self.fc2 = nn.Conv2d(channels, channels // 16, 1), nn.Conv2d(channels // 16, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        gate: Tensor = torch.sigmoid(self.fc2(F.relu(self.fc1(x.mean((2, 3), keepdim=True)))))
        return x * gate


class Bottleneck(nn.Module):
    def __init__(self, before: int, after: int, stride: int, shortcut: Shortcut, se: bool) -> None:
        super().__init__()
        width = after // 4
        self.conv1, self.bn1 = conv1(before, width), nn.BatchNorm2d(width)
        self.conv2, self.bn2 = conv3(width, width, stride), nn.BatchNorm2d(width)
        self.conv3, self.bn3 = conv1(width, after), nn.BatchNorm2d(after)
        self.se = SqueezeExcite(after) if se else nn.Identity()
        self.downsample = nn.Identity() if (before, stride) == (after, 1) else shortcut(before, after, stride)

    def forward(self, x: Tensor) -> Tensor:
        out = F.relu(self.bn1(self.conv1(x)))
        out = F.relu(self.bn2(self.conv2(out)))
        return F.relu(self.se(self.bn3(self.conv3(out))) + self.downsample(x))


class PreactBasic(nn.Module):
    def __init__(self, before: int, after: int, stride: int, shortcut: Shortcut) -> None:
        super().__init__()
        self.bn1, self.conv1 = nn.BatchNorm2d(before), conv3(before, after, stride)
        self.bn2, self.conv2 = nn.BatchNorm2d(after), conv3(after, after)
        self.downsample = None if (before, stride) == (after, 1) else shortcut(before, after, stride)

    def forward(self, x: Tensor) -> Tensor:
        pre = F.relu(self.bn1(x))
        shortcut: Tensor = x if self.downsample is None else self.downsample(pre)
        out: Tensor = shortcut + self.conv2(F.relu(self.bn2(self.conv1(pre))))
        return out


class PreactBottleneck(nn.Module):
    def __init__(self, before: int, after: int, stride: int, shortcut: Shortcut) -> None:
        super().__init__()
        width = after // 4
        self.bn1, self.conv1 = nn.BatchNorm2d(before), conv1(before, width)
        self.bn2, self.conv2 = nn.BatchNorm2d(width), conv3(width, width, stride)
        self.bn3, self.conv3 = nn.BatchNorm2d(width), conv1(width, after)
        self.downsample = None if (before, stride) == (after, 1) else shortcut(before, after, stride)

    def forward(self, x: Tensor) -> Tensor:
        pre = F.relu(self.bn1(x))
        shortcut: Tensor = x if self.downsample is None else self.downsample(pre)
        out = self.conv2(F.relu(self.bn2(self.conv1(pre))))
        last: Tensor = shortcut + self.conv3(F.relu(self.bn3(out)))
        return last


class Network(nn.Module):
    """A stem, stages of blocks (after the first with stride 2), perhaps a last norm, a pool and a linear layer."""

    def __init__(
        self,
        stem: dict[str, nn.Module],
        stages: dict[str, nn.Module],
        classifier: str,
        width: int,
        classes: int,
        last_norm: str = "",
    ) -> None:
        super().__init__()
        for name, module in (stem | stages).items():
            self.add_module(name, module)
        self.order = [*stem, *stages]
        if last_norm:
            self.add_module(last_norm, nn.BatchNorm2d(width))
        self.last = (last_norm, classifier)
        self.add_module(classifier, nn.Linear(width, classes))

    def forward(self, x: Tensor) -> Tensor:
        for name in self.order:
            x = self.get_submodule(name)(x)
        last_norm, classifier = self.last
        if last_norm:
            x = F.relu(self.get_submodule(last_norm)(x))
        logits: Tensor = self.get_submodule(classifier)(x.mean((2, 3)))
        return logits


def stages(
    block: Block, depths: list[int], widths: list[int], before: int, name: str = "layer"
) -> dict[str, nn.Module]:
    found: dict[str, nn.Module] = {}
    for number, (depth, width) in enumerate(zip(depths, widths, strict=True), start=1):
        blocks = []
        for index in range(depth):
            blocks.append(block(before, width, 2 if number > 1 and index == 0 else 1))
            before = width
        found[f"{name}{number}"] = nn.Sequential(*blocks)
    return found


def cifar(depth: int, shortcut: Shortcut, plain: bool = False) -> Network:
    stem = {"conv1": conv3(3, 16), "bn1": nn.BatchNorm2d(16), "relu": nn.ReLU()}
    blocks = stages(lambda b, a, s: Basic(b, a, s, shortcut, plain), [(depth - 2) // 6] * 3, [16, 32, 64], 16)
    return Network(stem, blocks, "linear", 64, 10)


def imagenet_stem(norm: bool = True) -> dict[str, nn.Module]:
    stem: dict[str, nn.Module] = {"conv1": nn.Conv2d(3, 64, 7, 2, 3, bias=False)}
    if norm:
        stem |= {"bn1": nn.BatchNorm2d(64), "relu": nn.ReLU()}
    return stem | {"maxpool": nn.MaxPool2d(3, 2, 1)}


DEPTHS, WIDTHS = [3, 4, 6, 3], [256, 512, 1024, 2048]


def small_resnet() -> Network:
    stem = {"conv": conv3(3, 32), "norm": nn.BatchNorm2d(32), "relu": nn.ReLU()}
    blocks = stages(lambda b, a, s: Basic(b, a, s, option_b), [2, 2, 2], [32, 64, 128], 32, "stage")
    return Network(stem, blocks, "classifier", 128, 10)


def preact_resnet18() -> Network:
    blocks = stages(lambda b, a, s: PreactBasic(b, a, s, bare_projection), [2] * 4, [64, 128, 256, 512], 64)
    return Network(imagenet_stem(norm=False), blocks, "fc", 512, 1000, "bn")


def preact_resnet50() -> Network:
    blocks = stages(lambda b, a, s: PreactBottleneck(b, a, s, bare_projection), DEPTHS, WIDTHS, 64)
    return Network(imagenet_stem(norm=False), blocks, "fc", 2048, 1000, "bn")


def preact_resnet110() -> Network:
    blocks = stages(lambda b, a, s: PreactBasic(b, a, s, zeros_behind), [18] * 3, [16, 32, 64], 16)
    return Network({"conv1": conv3(3, 16)}, blocks, "linear", 64, 10, "bn")


def cifar_bottlenecks(blocks: int) -> Network:
    stages_of = stages(lambda b, a, s: PreactBottleneck(b, a, s, bare_projection), [blocks] * 3, [64, 128, 256], 16)
    return Network({"conv1": conv3(3, 16)}, stages_of, "linear", 256, 10, "bn")


def resnet50d() -> Network:
    deep = [conv3(3, 32, 2), nn.BatchNorm2d(32), nn.ReLU(), conv3(32, 32), nn.BatchNorm2d(32), nn.ReLU()]
    stem = imagenet_stem() | {"conv1": nn.Sequential(*deep, conv3(32, 64))}
    blocks = stages(lambda b, a, s: Bottleneck(b, a, s, option_d, se=False), DEPTHS, WIDTHS, 64)
    return Network(stem, blocks, "fc", 2048, 1000)


def se_resnet50() -> Network:
    blocks = stages(lambda b, a, s: Bottleneck(b, a, s, option_b, se=True), DEPTHS, WIDTHS, 64)
    return Network(imagenet_stem(), blocks, "fc", 2048, 1000)
