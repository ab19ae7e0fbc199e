"""The gallery: every spec is clean in every variant, says its source, builds; equal blocks are lowered once."""

from __future__ import annotations

from collections import Counter

import pytest
import torch

import archspec
from archspec.ir.graph import Body, Call
from archspec.language.files import gallery, gallery_names, variant_names
from tests import designs

VARIANTS = [(name, variant) for name in gallery_names() for variant in archspec.load(name).variants]


@pytest.mark.parametrize("name", gallery_names())
def test_is_clean_in_every_variant(name: str) -> None:
    assert [str(d) for d in archspec.lint(name) if d.severity is not archspec.Severity.INFO] == []


@pytest.mark.parametrize("name", gallery_names())
def test_says_where_it_comes_from(name: str) -> None:
    text = (gallery() / f"{name}.yaml").read_text()
    spec = archspec.load(name)
    assert text.startswith("# ")
    assert spec.name == name
    assert spec.document.about
    assert variant_names(name) == spec.variants


@pytest.mark.parametrize(("name", "variant"), VARIANTS)
def test_every_variant_builds(name: str, variant: str | None) -> None:
    spec = archspec.load(name, variant)
    model = archspec.build(spec, device="meta")
    summary = archspec.summarize(archspec.lower(spec))
    assert sum(p.numel() for p in model.parameters()) == summary.params
    assert sum(b.numel() for b in model.buffers()) == summary.buffers


def test_a_unique_variant_is_found_by_its_name() -> None:
    counts = Counter(variant for _, variant in VARIANTS)
    for name, variant in VARIANTS:
        if counts[variant] == 1 and variant not in gallery_names():
            assert archspec.load(variant).name == name
    assert archspec.load("resnet:resnet50") == archspec.load("resnet50")


def test_the_spec_written_from_the_docs_alone_trains() -> None:
    model = archspec.build("guest_net", seed=0)
    images, labels = torch.randn(8, 3, 32, 32), torch.randint(10, (8,))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    losses = []
    for _ in range(5):
        loss = torch.nn.functional.cross_entropy(model(images), labels)
        optimizer.zero_grad()
        loss.backward()
        assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0]


def bodies_of(body: Body) -> list[Body]:
    return [inner for step in body.steps if isinstance(step, Call) for inner in (step.body, *bodies_of(step.body))]


def test_equal_blocks_are_lowered_once() -> None:
    graph = designs.graph("resnet152")
    assert len(bodies_of(graph.body)) == 50 + 4
    assert len({id(body) for body in bodies_of(graph.body)}) == 8 + 4
    deep = archspec.lower(archspec.load("resnet50", depths=[3, 4, 1000, 3]))
    assert len({id(body) for body in bodies_of(deep.body)}) == 8 + 4
    assert sum(1 for _ in deep.nodes()) > 9_000


def called(graph: archspec.Graph) -> list[Body]:
    """Return the bodies of the calls in the outermost body."""
    return [step.body for step in graph.body.steps if isinstance(step, Call)]


def test_different_blocks_are_not() -> None:
    text = "input: [8, 8, 8]\nstages:\n  - basic: {channels: 8}\n  - basic: {channels: 8ARGUMENT}\n"
    same = archspec.lower(archspec.loads(text.replace("ARGUMENT", "")))
    first, second = called(same)
    assert first is second
    for argument in (", defaults: {act: silu}", ", defaults: {conv: {padding_mode: reflect}}", ", stride: 2"):
        other = archspec.lower(archspec.loads(text.replace("ARGUMENT", argument)))
        first, second = called(other)
        assert first is not second
