"""Every spec of the gallery as Python: the same keys, weights and outputs as the built module, in a tidy file."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
import torch
from msgspec.structs import replace

import archspec
from archspec.language.files import gallery_names
from archspec.language.load import Spec, to_trees
from tests.backends.small_networks import FAMILIES
from tests.backends.standalone import assert_same_network, assert_tidy, network_of, source_of
from tests.oracle.families import DESIGNS, SMALL, family
from tests.oracle.raw_tree import write

VARIANTS = [(name, variant) for name in gallery_names() for variant in ("", *archspec.load(name).document.variants)]
SMALLER = {
    (3, 224, 224): (3, 64, 64),
    (3, 256, 256): (3, 32, 32),
    (3, 32, 64, 64): (3, 16, 16, 32),
    (1, 572, 572): (1, 188, 188),
}


def small_input(spec: Spec) -> Spec:
    """The spec itself with a smaller map as its input, where that is large."""
    shape = tuple(int(str(size)) for size in archspec.lower(spec).inputs[0][1].shape)
    if shape not in SMALLER:
        return spec
    ((_, tree),) = to_trees({"input": list(SMALLER[shape])})
    return replace(spec, input=tree)


@pytest.mark.parametrize("name", FAMILIES)
def test_a_small_network_of_each_family_gives_the_same(name: str) -> None:
    assert_same_network(FAMILIES[name].load())


@pytest.mark.parametrize("name", [*SMALL, *DESIGNS])
def test_a_design_of_other_ops_gives_the_same(name: str) -> None:
    assert_same_network(archspec.loads(write(family(name))[0]))


@pytest.mark.slow
@pytest.mark.sample(25)
@pytest.mark.parametrize(("name", "variant"), VARIANTS)
def test_every_variant_gives_the_same(name: str, variant: str | None) -> None:
    assert_same_network(small_input(archspec.load(name, variant or None)))


def test_every_spec_of_the_gallery_at_its_full_size_has_the_same_tensors_in_a_tidy_file(tmp_path: Path) -> None:
    for name in gallery_names():
        spec = archspec.load(name)
        text = source_of(spec)
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
        with torch.device("meta"):
            made, wanted = network_of(text)().state_dict(), archspec.build(spec, device="meta").state_dict()
        assert [(k, v.shape, v.dtype) for k, v in made.items()] == [(k, v.shape, v.dtype) for k, v in wanted.items()]
    for name in DESIGNS:
        text = source_of(archspec.loads(write(family(name))[0]))
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
    assert_tidy(tmp_path)


@pytest.mark.slow
def test_every_variant_is_tidy(tmp_path: Path) -> None:
    for name, variant in VARIANTS:
        text = source_of(archspec.load(name, variant or None))
        (tmp_path / f"{name}_{variant}.py").write_text(text, encoding="utf-8")
    assert_tidy(tmp_path)


@pytest.mark.parametrize("name", [*FAMILIES, *DESIGNS])
def test_it_is_the_same_text_each_time_and_imports_only_torch(name: str) -> None:
    spec = FAMILIES[name].load() if name in FAMILIES else archspec.loads(write(family(name))[0])
    text = source_of(spec)
    assert text == source_of(spec)
    tree = ast.parse(text)
    found = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    found |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert found <= {"__future__", "collections", "collections.abc", "typing", "torch", "torch.nn.functional"}
