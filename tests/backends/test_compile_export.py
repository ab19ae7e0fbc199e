"""torch.compile without a graph break, and torch.export with a batch of any size, for one network of each family."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from typing import Any

import pytest
import torch
from torch.export import Dim, export

from tests.backends.small_networks import FAMILIES, model_of

SECOND = (
    *("bottleneck", "cifar_preact_resnet", "unet3d", "highway_conv", "guest_net", "custom_block", "se_resnet50"),
    *("googlenet", "hrnet", "mobilenet_v2", "squeezenet"),
)
"""Families of which a quicker one shows the same."""


def slow_if(names: Iterable[str], slow: Container[str]) -> list[Any]:
    return [pytest.param(name, marks=pytest.mark.slow if name in slow else ()) for name in names]


every_family = pytest.mark.parametrize("family", slow_if(FAMILIES, SECOND))


@pytest.fixture(autouse=True)
def _fresh_compiler() -> Iterator[None]:
    torch._dynamo.reset()
    yield
    torch._dynamo.reset()


@every_family
def test_compile_without_a_graph_break(family: str) -> None:
    model, sample = model_of(family), FAMILIES[family].samples()
    compiled: Any = torch.compile(model, fullgraph=True, backend="aot_eager")
    with torch.no_grad():
        wanted = model(sample)
        torch.testing.assert_close(compiled(sample), wanted, rtol=1e-5, atol=1e-5 * float(wanted.abs().max()))


@pytest.mark.parametrize("family", slow_if(["resnet", "vit", "densenet", "highway", "unet"], ["densenet", "unet"]))
def test_compiled_gradients(family: str) -> None:
    model, sample = model_of(family), FAMILIES[family].samples()
    model(sample).square().mean().backward()
    wanted = {name: p.grad for name, p in model.named_parameters()}
    model.zero_grad(set_to_none=True)
    compiled: Any = torch.compile(model, fullgraph=True, backend="aot_eager")
    compiled(sample).square().mean().backward()
    for name, parameter in model.named_parameters():
        largest = float(wanted[name].abs().max())
        torch.testing.assert_close(parameter.grad, wanted[name], rtol=1e-3, atol=1e-4 * max(largest, 1.0))


@every_family
def test_export_takes_any_batch(family: str) -> None:
    small, model = FAMILIES[family], model_of(family)
    program = export(model, (small.samples(3),), dynamic_shapes=({0: Dim("batch", min=2, max=64)},))
    with torch.no_grad():
        for batch in (2, 5):
            sample = small.samples(batch, seed=batch)
            torch.testing.assert_close(program.module()(sample), model(sample))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_inductor() -> None:
    model, sample = model_of("resnet"), FAMILIES["resnet"].samples()
    compiled: Any = torch.compile(model, fullgraph=True)
    with torch.no_grad():
        torch.testing.assert_close(compiled(sample), model(sample), rtol=1e-3, atol=1e-3)
