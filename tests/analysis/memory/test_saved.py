"""What autograd keeps, in closed form, against what torch's hooks see: the whole gallery, and small networks run."""

from __future__ import annotations

from typing import Literal

import pytest
import torch

import archspec
from archspec.analysis.memory.forward_trace import saved_bytes, trace_forward
from archspec.errors import IncompleteGraphError
from archspec.ir.graph import Graph
from archspec.language.files import gallery_names
from archspec.lowering import lower_partial
from tests import designs
from tests.analysis.memory.saved_storages import samples, seen_bytes
from tests.backends.small_networks import FAMILIES

BASES = [(name, "") for name in gallery_names()]
VARIANTS = [(name, variant) for name in gallery_names() for variant in archspec.load(name).variants]
ACTIVATIONS = ("relu", "relu6", "leaky_relu", "elu", "gelu", "silu", "mish", "hardswish", "hardsigmoid", "tanh")


@pytest.mark.parametrize(("name", "variant"), [*BASES, *(pytest.param(*v, marks=pytest.mark.slow) for v in VARIANTS)])
def test_is_what_torch_keeps_for_the_whole_gallery(name: str, variant: str) -> None:
    spec = archspec.load(name, variant or None)
    graph = archspec.lower(spec)
    assert saved_bytes(graph, 2) == seen_bytes(archspec.build(spec, device="meta"), samples(graph, 2))


@pytest.mark.parametrize(("family", "batch"), [*((family, 3) for family in sorted(FAMILIES)), ("vit", 1), ("unet", 1)])
def test_is_what_a_real_run_keeps(family: str, batch: int) -> None:
    """On a CPU, with the attention that torch chooses there."""
    spec = FAMILIES[family].load()
    graph, model = archspec.lower(spec), archspec.build(spec, seed=0)
    seen = seen_bytes(model, (FAMILIES[family].samples(batch),), math=False)
    assert saved_bytes(graph, batch, fused_attention=True) == seen


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_blocks_that_are_computed_again_keep_what_they_are_given(family: str) -> None:
    spec = FAMILIES[family].load()
    graph, model = archspec.lower(spec), archspec.build(spec, seed=0, checkpoint=True)
    seen = seen_bytes(model, (FAMILIES[family].samples(3),), math=False)
    assert saved_bytes(graph, 3, fused_attention=True, checkpoint=True) == seen


def test_chosen_blocks_and_a_pattern_that_fits_none() -> None:
    graph = designs.graph("resnet18")
    kept = [saved_bytes(graph, checkpoint=chosen) for chosen in (True, ("layer1", "layer2.*"), "layer1.*", False)]
    assert kept == sorted(set(kept))
    with pytest.raises(ValueError, match=r"layer9.*matches no block"):
        saved_bytes(graph, checkpoint="layer9")


def design(*layers: str, shape: str = "[8, 12, 12]") -> Graph:
    """A spec of some layers."""
    text = f"input: {shape}\nhead:\n" + "".join(f"  - {layer}\n" for layer in layers)
    return archspec.lower(archspec.loads(text))


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_in_place_or_not(activation: str) -> None:
    """An activation after a convolution, which may overwrite it; and after one of its kind, which it may not."""
    text = f"input: [8, 12, 12]\nhead:\n  - conv: 8\n  - {activation}\n  - {activation}\n  - conv: 4\n"
    spec = archspec.loads(text)
    graph = archspec.lower(spec)
    assert saved_bytes(graph, 2) == seen_bytes(archspec.build(spec, device="meta"), samples(graph, 2))


def test_no_op_overwrites_what_autograd_would_copy_first() -> None:
    """relu6 keeps its input: in place, torch copies that before it overwrites it."""
    before = design("conv: 8", "conv: 4")
    kept = saved_bytes(design("conv: 8", "relu6", "conv: 4"), 1) - saved_bytes(before, 1)
    assert kept == 8 * 12 * 12 * 4
    spec = archspec.loads("input: [8, 12, 12]\nhead:\n  - conv: 8\n  - relu6\n  - relu: {}\n")
    assert [m.inplace for m in archspec.build(spec, device="meta").modules() if isinstance(m, torch.nn.ReLU6)] == [
        False
    ]


def test_what_no_gradient_needs_is_not_kept() -> None:
    pooled = trace_forward(design("max_pool: 2", "conv: 4"), 1).tape.entries
    assert [len(step.saved) for step in pooled] == [0, 1]


def test_a_broken_design_is_refused() -> None:
    graph, _, _ = lower_partial(
        archspec.loads("input: [8, 12, 12]\nhead:\n  - conv: {channels: 4, kernel: 99, padding: 0}\n")
    )
    assert graph is not None
    with pytest.raises(IncompleteGraphError, match="no known shape"):
        saved_bytes(graph)


SHARED = """
input: [8, 12, 12]
blocks:
  pair:
    body:
      - conv: {channels: 8, name: one}
      - gelu
      - conv: {channels: 8, name: two}
stages:
  - conv: {channels: 8, name: a}
  - conv: {channels: 8, name: b, share: a}
  - pair: {name: p}
  - pair: {name: q, share: p}
  - conv: {channels: 8, bias: true, name: c, share: {weight: a.weight}}
"""


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_tensors_that_layers_share_are_there_once(dtype: Literal["float32", "bfloat16"]) -> None:
    """Their gradients too; and autocast casts them once."""
    spec = archspec.loads(SHARED)
    graph, model = archspec.lower(spec), archspec.build(spec, seed=0)
    found = archspec.memory(graph, batch=2, device="cpu", dtype=dtype)
    assert found.parameters == found.gradients == 4 * sum(p.numel() for p in model.parameters())
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=dtype != "float32"):
        seen = seen_bytes(model, samples(graph, 2, "cpu"), math=False)
    assert saved_bytes(graph, 2, dtype=dtype, fused_attention=True) == seen
