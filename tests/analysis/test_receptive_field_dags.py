"""Receptive fields against gradients: of torchvision's own networks, and of random graphs with skip connections."""

from __future__ import annotations

import random
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from tests import designs

import tests.parity.torchvision_stub  # noqa: F401  isort: skip  (before torchvision)
import torchvision

import archspec
from archspec.analysis.receptive_field import receptive_fields, seen_regions
from archspec.ir.flat import flatten


def made_positive(model: nn.Module) -> nn.Module:
    """The network with weights that add up to 1 at each output, so that no gradient cancels, vanishes or overflows."""
    with torch.no_grad():
        for module in model.modules():
            if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)):
                module.weight.fill_(1 / module.weight[0].numel())
                if module.bias is not None:
                    module.bias.zero_()
    return model.double().eval()


def averaging(model: nn.Module) -> nn.Module:
    """The network with averages in place of maxima, which pass a gradient to one position alone."""
    for name, child in list(model.named_children()):
        if isinstance(child, nn.MaxPool2d):
            setattr(model, name, nn.AvgPool2d(child.kernel_size, child.stride, child.padding))
        else:
            averaging(child)
    return model


def rows_seen(image: Tensor, features: Tensor, row: int) -> list[int]:
    """The rows of the image that some row of the features depends on."""
    (gradient,) = torch.autograd.grad(features[:, :, row].sum(), image, retain_graph=True)
    return [int(n) for n in gradient.abs().sum((0, 1, 3)).nonzero().flatten()]


@pytest.mark.parametrize(
    ("name", "size"), [("resnet18", 435), ("resnet34", 899), ("resnet50", 427), ("densenet121", 2071)]
)
def test_torchvisions_networks(name: str, size: int) -> None:
    """The last map before the pool: what one of its rows sees of an image that is high enough."""
    model: Any = averaging(made_positive(torchvision.models.get_model(name, weights=None)))
    parts = list(model.features) if name.startswith("densenet") else list(model.children())[:-2]
    height = -(-(size + 200) // 32) * 32
    image = torch.ones(1, 3, height, 32, dtype=torch.float64, requires_grad=True)
    rows = rows_seen(image, nn.Sequential(*parts)(image), height // 64)
    assert (len(rows), rows[-1] - rows[0] + 1) == (size, size)

    flat = flatten(designs.graph(name))
    value = next(node for node in flat.nodes if node.kind == "global_avg_pool").inputs[0]
    assert value is not None
    field = receptive_fields(flat, 0, (value,))[value]
    assert (field.sizes, field.exact) == ((size, size), True)


HEIGHT = 96
HALVING = "channels: 2, kernel: [4, 1], padding: [1, 0], stride: [2, 1]"


def random_graph(seed: int) -> str:
    """Layers that read any earlier ones: convolutions, pools, halving, doubling, and sums and concatenations of two."""
    chance = random.Random(seed)
    rates = {"input": 1}  # of each value, the rows of the image for one of its rows
    lines = [f"input: [2, {HEIGHT}, 8]", "stages:"]

    def add(name: str, source: str, text: str, rate: int) -> None:
        lines.append(f"  - {text.format(name=f'name: {name}', source=f'from: {source}')}")
        rates[name] = rate

    for number in range(chance.randint(5, 10)):
        source = chance.choice(list(rates)[-4:])
        rate, name = rates[source], f"n{number}"
        kind = chance.choice(("conv", "conv", "dilated", "pool", "halve", "double", "join", "join"))
        same = [other for other in rates if rates[other] == rate and other not in (source, "input")]
        if kind == "join" and same and source != "input":
            merge = chance.choice(("add", "concat"))
            if merge == "concat":
                lines.append(f"  - concat: {{name: {name}c, from: [{source}, {chance.choice(same)}]}}")
                add(name, f"{name}c", "conv: {{{name}, {source}, channels: 2, kernel: 1}}", rate)
            else:
                add(name, f"[{source}, {chance.choice(same)}]", "add: {{{name}, {source}}}", rate)
        elif kind == "halve" and rate < 8:
            add(name, source, f"conv: {{{{{{name}}, {{source}}, {HALVING}}}}}", 2 * rate)
        elif kind == "double" and rate > 1:
            add(name, source, f"conv_transpose: {{{{{{name}}, {{source}}, {HALVING}}}}}", rate // 2)
        elif kind == "pool":
            add(name, source, "avg_pool: {{{name}, {source}, kernel: [3, 1], stride: 1, padding: [1, 0]}}", rate)
        else:
            dilation, kernel = (2 if kind == "dilated" else 1), chance.choice((3, 5))
            text = f"conv: {{{{{{name}}, {{source}}, channels: 2, kernel: [{kernel}, 1], dilation: [{dilation}, 1]}}}}"
            add(name, source, text, rate)
    last = [name for name in rates if rates[name] == rate and name != "input"]
    if len(last) > 1:
        lines.append(f"  - add: {{from: [{', '.join(last)}]}}")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("seed", range(40))
def test_random_graphs(seed: int) -> None:
    """Every row whose field lies within the image sees exactly that, and no row sees more."""
    spec = archspec.loads(random_graph(seed))
    flat = flatten(archspec.lower(spec))
    field = seen_regions(flat, flat.inputs[0], flat.outputs)[flat.outputs[0]]
    assert field.exact
    assert field.axes is not None
    model = made_positive(archspec.build(spec))
    image = torch.ones(1, 2, HEIGHT, 8, dtype=torch.float64, requires_grad=True)
    features = model(image)
    inside = 0
    for row in range(features.shape[2]):
        rows = rows_seen(image, features, row)
        first, last = field.axes[0].first.at(row), field.axes[0].last.at(row)
        assert all(first <= place <= last for place in rows)
        if first >= 0 and last < HEIGHT:
            assert (rows[0], rows[-1]) == (first, last)
            inside += 1
    assert inside or field.axes[0].last.at(0) - field.axes[0].first.at(0) > HEIGHT // 2
