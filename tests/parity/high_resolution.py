"""HRNet for classification, written by hand in PyTorch from Sun et al. 2019 (arXiv:1902.09212, arXiv:1904.04514).

The names are those of the authors' HRNet-Image-Classification, which timm has kept.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from tests.parity.residual_networks import Basic, Bottleneck, option_b


def unit(before: int, after: int, kernel: int, stride: int = 1, act: bool = True, bias: bool = False) -> nn.Sequential:
    """Return a convolution, its norm and, perhaps, an activation."""
    layers = [nn.Conv2d(before, after, kernel, stride, kernel // 2, bias=bias), nn.BatchNorm2d(after)]
    return nn.Sequential(*layers, *([nn.ReLU()] if act else []))


def down(before: int, after: int, times: int) -> nn.Sequential:
    """Return so many strided convolutions; only the last changes the channels, and it alone has no activation."""
    steps = [unit(before, before, 3, 2) for _ in range(times - 1)]
    return nn.Sequential(*steps, unit(before, after, 3, 2, act=False))


class Module(nn.Module):
    """Blocks on each map, then the fusion, which makes each map the sum of all of them."""

    def __init__(self, widths: list[int], depth: int) -> None:
        super().__init__()
        count = range(len(widths))
        self.branches = nn.ModuleList(
            nn.Sequential(*(Basic(width, width, 1, option_b) for _ in range(depth))) for width in widths
        )
        self.fuse_layers = nn.ModuleList(
            nn.ModuleList(self._path(widths[j], widths[i], i - j) for j in count) for i in count
        )

    @staticmethod
    def _path(before: int, after: int, steps: int) -> nn.Module:
        if steps == 0:
            return nn.Identity()
        return down(before, after, steps) if steps > 0 else unit(before, after, 1, act=False)

    def forward(self, maps: list[Tensor]) -> list[Tensor]:
        maps = [branch(x) for branch, x in zip(self.branches, maps, strict=True)]
        fused = []
        for i, paths in enumerate(self.fuse_layers):
            assert isinstance(paths, nn.ModuleList)
            added = [
                F.interpolate(path(x), scale_factor=2.0 ** (j - i)) if j > i else path(x)
                for j, (path, x) in enumerate(zip(paths, maps, strict=True))
            ]
            fused.append(F.relu(sum(added[1:], start=added[0])))
        return fused


class HighResolutionNet(nn.Module):
    def __init__(self, first: tuple[int, int], width: int, depth: int, modules: list[int]) -> None:
        super().__init__()
        blocks, channels = first
        widths = [width * 2**i for i in range(4)]
        self.conv1, self.bn1 = nn.Conv2d(3, 64, 3, 2, 1, bias=False), nn.BatchNorm2d(64)
        self.conv2, self.bn2 = nn.Conv2d(64, 64, 3, 2, 1, bias=False), nn.BatchNorm2d(64)
        starts = [64] + [channels] * (blocks - 1)
        self.layer1 = nn.Sequential(*(Bottleneck(before, channels, 1, option_b, se=False) for before in starts))
        self.transition1 = nn.ModuleList(
            [unit(channels, width, 3), nn.Sequential(unit(channels, 2 * width, 3, 2))],
        )
        for number, count in enumerate(modules, start=2):
            if number > 2:
                new = nn.Sequential(unit(widths[number - 2], widths[number - 1], 3, 2))
                kept = [nn.Identity() for _ in range(number - 1)]
                self.add_module(f"transition{number - 1}", nn.ModuleList([*kept, new]))
            stage = nn.Sequential(*(Module(widths[:number], depth) for _ in range(count)))
            self.add_module(f"stage{number}", stage)
        wide = [128, 256, 512, 1024]
        self.incre_modules = nn.ModuleList(
            nn.Sequential(Bottleneck(before, after, 1, option_b, se=False))
            for before, after in zip(widths, wide, strict=True)
        )
        self.downsamp_modules = nn.ModuleList(unit(wide[i], wide[i + 1], 3, 2, bias=True) for i in range(3))
        self.final_layer, self.classifier = unit(1024, 2048, 1, bias=True), nn.Linear(2048, 1000)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))))
        x = self.layer1(x)
        maps = self.get_submodule("stage2")([transition(x) for transition in self.transition1])
        for number in (3, 4):
            new = self.get_submodule(f"transition{number - 1}.{number - 1}")
            maps = self.get_submodule(f"stage{number}")([*maps, new(maps[-1])])
        x = self.incre_modules[0](maps[0])
        for i in range(3):
            x = self.incre_modules[i + 1](maps[i + 1]) + self.downsamp_modules[i](x)
        logits: Tensor = self.classifier(self.final_layer(x).mean((2, 3)))
        return logits
