"""valid_sizes against what torch does at every size: networks of the gallery, and random encoder-decoders."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

import archspec
from archspec import Spec, ValidSizes
from archspec.analysis.valid_sizes.size_repair import find_size_repair
from archspec.lowering import lower_partial
from tests import designs
from tests.analysis.meta_runs import runs, stripped
from tests.analysis.random_encoder_decoders import Plan, random_plan

LARGEST = 512
QUICK: tuple[tuple[str, dict[str, Any]], ...] = (
    ("highway_conv", {}),
    ("unet:unet3d", {"base": 2}),
    ("vit:vit_b_32", {"depth": 1, "width": 24, "heads": 2, "hidden": 24}),
)
ONE_EACH: dict[str, Any] = {"depths": [1, 1, 1, 1]}
STRUCTURES: tuple[tuple[str, dict[str, Any]], ...] = (
    *QUICK,
    ("cifar_preact_resnet", {"depth": 8}),
    ("cifar_resnet:resnet20", {"depth": 8}),
    ("cifar_resnet:resnet20_b", {"depth": 8}),
    ("cifar_resnet:plain20", {"depth": 8}),
    ("convnext:convnext_tiny", ONE_EACH),
    ("densenet:densenet121", {"depths": [2, 1, 1, 1]}),
    ("guest_net", {}),
    ("custom_block", {}),
    ("preact_resnet:preact_resnet18", ONE_EACH),
    ("resnet:resnet18", ONE_EACH),
    ("resnet:resnet50", ONE_EACH),
    ("resnet:resnext50_32x4d", ONE_EACH),
    ("resnet50d", ONE_EACH),
    ("se_resnet50", ONE_EACH),
    ("small_resnet", {}),
    ("unet:unet_transposed", {"base": 2}),
    ("unet:unet_bilinear", {"base": 2}),
    ("unet:unet_original", {"base": 2}),
)


def agrees(spec: Spec, sizes: range) -> int:
    """Compare all axes at once at each size, at every fifth also each axis alone; how many of the former work."""
    graph = archspec.lower(spec)
    model, found = stripped(spec), archspec.valid_sizes(graph)
    declared = tuple(axis.declared for axis in found.axes)
    assert not found.bounded
    assert found.contains(*declared)
    working = 0
    for size in sizes:
        cubes = {(size,) * len(declared)}
        alone = {(*declared[:i], size, *declared[i + 1 :]) for i in range(len(declared))} if size % 5 == 0 else set()
        for given in cubes | alone:
            works = runs(model, graph, given)
            assert found.contains(*given) == works, f"{given} {'works' if works else 'fails'}; {found.describe()}"
            working += given in cubes and works
    return working


@pytest.mark.parametrize(("name", "params"), QUICK, ids=[name for name, _ in QUICK])
def test_the_gallery_at_some_sizes(name: str, params: dict[str, Any]) -> None:
    assert agrees(archspec.load(name, **params), range(28, 225, 28)) > 0


@pytest.mark.slow
@pytest.mark.sample(8)
@pytest.mark.parametrize(("name", "params"), STRUCTURES, ids=[name for name, _ in STRUCTURES])
def test_the_gallery_at_every_size(name: str, params: dict[str, Any]) -> None:
    assert agrees(archspec.load(name, **params), range(1, (128 if "3d" in name else LARGEST) + 1)) > 0


def working_sizes(plan: Plan, largest: int) -> list[int]:
    return [size for size in range(1, largest + 1) if plan.runs((size,) * plan.rank)]


def plan_agrees(seed: int, largest: int) -> bool:
    """Compare a random network at every size, axes together and each alone; whether any size works."""
    plan = random_plan(seed)
    working = working_sizes(plan, largest)
    if not working:
        return False
    base = Random(seed).choice(working)
    found = valid_sizes_of(plan, base)
    assert not found.bounded, plan.text((base,) * plan.rank)
    message = [size for size in range(1, largest + 1) if found.contains(*(size,) * plan.rank)]
    assert message == working, plan.text((base,) * plan.rank)
    if plan.rank == 2:
        for size in range(1, largest + 1, 3):
            for given in ((size, base), (base, size)):
                assert found.contains(*given) == plan.runs(given), (given, plan.text((base, base)))
    return True


def declared_badly(seed: int, largest: int) -> str:
    """Lint a random network declared at a size that fails, and check the sizes it proposes against every size."""
    plan = random_plan(seed)
    working = set(working_sizes(plan, largest))
    declared = next((size for size in range(largest // 2, 0, -1) if size not in working), None)
    if declared is None:
        return ""
    text = plan.text((declared,) * plan.rank)
    spec = archspec.loads(text)
    found = find_size_repair(spec, lower_partial(spec)[1])
    if found is None:
        return ""
    message = {size for size in range(1, largest + 1) if found.sizes.contains(*(size,) * plan.rank)}
    assert message == working, text
    codes = {d.code for d in archspec.lint(text) if d.is_error}
    assert not codes.isdisjoint({"SHP001", "SHP002", "SHP004", "SHP005", "SHP006", "SHP009", "SHP012"}), text
    if "SHP005" in codes:
        fixed = archspec.apply_fixes(text, archspec.lint(text, select=("SHP",)), unsafe=True)
        assert not [d for d in archspec.lint(fixed) if d.is_error], text
    return "SHP005" if "SHP005" in codes else "another"


def test_sizes_declared_badly() -> None:
    outcomes = [declared_badly(seed, 40) for seed in range(14)]
    assert outcomes.count("SHP005") > 3
    assert "another" in outcomes


@pytest.mark.slow
def test_many_sizes_declared_badly() -> None:
    outcomes = [declared_badly(seed, 100) for seed in range(2000, 2120)]
    assert outcomes.count("SHP005") > 30
    assert outcomes.count("another") > 10


def valid_sizes_of(plan: Plan, size: int) -> ValidSizes:
    return archspec.valid_sizes(archspec.lower(archspec.loads(plan.text((size,) * plan.rank))))


def test_random_encoder_decoders() -> None:
    assert sum(plan_agrees(seed, 80) for seed in range(12)) > 6


@pytest.mark.slow
@pytest.mark.sample(6)
@pytest.mark.parametrize("part", range(20))
def test_many_random_encoder_decoders(part: int) -> None:
    assert sum(plan_agrees(seed, LARGEST) for seed in range(1000 + 25 * part, 1025 + 25 * part)) > 12


def sizes_of(text: str) -> ValidSizes:
    return archspec.valid_sizes(archspec.lower(archspec.loads(text)))


def test_words() -> None:
    found = archspec.valid_sizes(designs.graph("unet", base=2))
    assert found.describe() == "height and width must be multiples of 16, at least 16"
    assert found.verdict == "conditional"
    assert (found["height"].nearest(300), found["width"].nearest(320)) == ((288, 304), (320,))
    assert [n for n in range(1, 70) if found["height"].contains(n)] == [16, 32, 48, 64]
    assert archspec.valid_sizes(designs.graph("resnet18")).verdict == "always"
    with pytest.raises(KeyError, match="no axis is named depth"):
        found["depth"]


def test_a_linear_layer_after_flatten_fixes_the_product() -> None:
    text = "input: [1, 28, 28]\nstages: [conv: {channels: 4, stride: 2}, flatten, linear: 10]\n"
    found = sizes_of(text)
    assert not found.bounded
    assert found.contains(28, 28)
    assert found.contains(13, 56)
    assert not found.contains(28, 30)
    free = archspec.valid_sizes(archspec.lower(archspec.loads(text)), pinned=False)
    assert free.verdict == "always"


def test_dropped_pixels_are_distinguished() -> None:
    found = sizes_of("input: [1, 8, 9]\nstages: [max_pool: 2, conv: {channels: 4, kernel: 1, stride: 2}]\n")
    assert found["height"].sizes == found["width"].sizes
    assert [n for n in range(1, 9) if n in found["height"].sizes] == [2, 3, 4, 5, 6, 7, 8]
    assert [n for n in range(1, 9) if n in found["height"].lossless] == [2, 4, 6, 8]
    assert "the last rows or columns" in found.describe()


def test_axes_of_several_inputs_that_must_be_equal() -> None:
    text = """\
inputs: {image: [4, 16, 16], mask: [4, 16, 16], words: {shape: [5], kind: ids, range: 9}}
stages: [add: [image, mask], max_pool: 2, {resize: {scale: 2, name: up}}, add: [up, image]]
"""
    found = sizes_of(text)
    assert not found.bounded
    assert found.contains(16, 18, 16, 18, 3)
    assert not found.contains(16, 18, 18, 18, 3)
    assert not found.contains(17, 18, 17, 18, 3)
    assert "image's height and mask's height must be equal" in found.describe()
    assert found["words.length"].verdict == "always"
    with pytest.raises(KeyError, match="several axes are"):
        found["height"]


def test_what_cannot_be_solved_is_called_bounded() -> None:
    text = """\
input: [4, 6, 6]
stages:
  - max_pool: {kernel: 2, name: halved}
  - resize: {size: 3, from: input, name: three}
  - multiply: {from: [halved, three], broadcast: true}
"""
    found = sizes_of(text)
    assert found.bounded
    assert [n for n in range(1, 10) if found["height"].contains(n)] == [2, 3, 6, 7]
