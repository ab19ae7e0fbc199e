"""Bodies shared between runs of lowering: the Graph and the findings are what they are without."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

import archspec
from archspec.analysis.valid_sizes.body_constraints import ConstraintCache
from archspec.analysis.valid_sizes.constraints import collect_exact_constraints
from archspec.ir.dump import dump
from archspec.ir.graph import Body, Call
from archspec.language.files import gallery
from archspec.language.load import Spec, configure, load, loads_partial
from archspec.linter.engine import lint_spec
from archspec.lowering import lower_partial
from archspec.lowering.cache import RUNS_KEPT, LoweringCache

FILES = sorted(gallery().glob("*.yaml"))


def variants_of(spec: Spec) -> list[Spec]:
    return [spec, *(load(spec.file, variant) for variant in spec.variants)]


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_the_gallery_is_lowered_the_same_with_what_other_variants_left(file: Path) -> None:
    cache = LoweringCache()
    spec = load(str(file))
    for variant in (*variants_of(spec), spec):
        graph, found, layers = lower_partial(variant, cache)
        fresh, fresh_found, fresh_layers = lower_partial(variant)
        assert graph is not None
        assert fresh is not None
        assert dump(graph) == dump(fresh)
        assert (found, layers) == (fresh_found, fresh_layers)


def bodies(body: Body) -> set[int]:
    below = [bodies(step.body) for step in body.steps if isinstance(step, Call)]
    return {id(body)}.union(*below)


def test_variants_share_the_bodies_that_are_the_same() -> None:
    cache = LoweringCache()
    fifty, _, _ = lower_partial(load("resnet50"), cache)
    deeper, _, _ = lower_partial(load("resnet101"), cache)
    assert fifty is not None
    assert deeper is not None
    assert bodies(fifty.body) - {id(fifty.body)} == bodies(deeper.body) - {id(deeper.body)}
    alone, _, _ = lower_partial(load("resnet101"))
    assert alone is not None
    assert bodies(alone.body).isdisjoint(bodies(fifty.body))


OWN = """\
input: [3, 32, 32]
params: {width: 16, kernel: 3}
blocks:
  mine:
    params: {channels: int, kernel: 3}
    body:
      - conv: {channels: channels, kernel: kernel, stride: 2}
      - norm
      - act
stages:
  - mine: {channels: width, kernel: kernel}
  - mine: {channels: width * 2, kernel: kernel}
head: [global_avg_pool, {linear: 10}]
variants:
  wide: {width: 32}
  even: {kernel: 4}
  huge: {kernel: 99}
"""

EDITS = [
    OWN,
    OWN.replace("stride: 2", "stride: 3"),
    OWN.replace("stride: 2", "stride: 2, groups: 5"),
    OWN.replace("      - norm\n", ""),
    OWN.replace("blocks:", "# a line more\nblocks:"),
    OWN.replace("mine: {channels: width, ", "mine: {channels: width - 1, "),
    OWN.replace("kernel: kernel}\nhead", "kernle: kernel}\nhead"),
    OWN,
]


def test_findings_do_not_depend_on_what_was_linted_before() -> None:
    cache = LoweringCache()
    for text in (*EDITS, *reversed(EDITS)):
        spec, found = loads_partial(text, "<text>")
        assert spec is not None
        assert lint_spec(spec, found, cache=cache) == lint_spec(spec, found)


def test_a_finding_inside_a_block_is_reported_in_every_variant() -> None:
    spec, found = loads_partial(OWN, "<text>")
    assert spec is not None
    findings = lint_spec(spec, found, cache=LoweringCache())
    (finding,) = [d for d in findings if d.message.startswith("padding: auto")]
    assert "in even" in [cause.message for cause in finding.causes]


def test_a_text_that_is_read_again_finds_the_bodies_of_its_own_blocks() -> None:
    cache = LoweringCache()
    specs = [loads_partial(OWN, "<text>")[0] for _ in range(2)]
    first, again = [cache.definitions(spec) for spec in specs if spec is not None]
    assert first is again


TWO_USES = """\
input: [4, 16, 16]
params: {both: true}
blocks:
  inner: {body: [{conv: LAYER}]}
  outer: {params: {n: int}, body: [inner, {conv: n}]}
stages: [{outer: {n: 4, when: both}}, {outer: {n: 5, from: input}}]
variants: {one: {both: false}}
"""


@pytest.mark.parametrize("layer", ["010", "{channels: 8, groups: 3}"])
def test_a_body_that_calls_one_with_a_finding_is_lowered_again_in_every_run(layer: str) -> None:
    cache = LoweringCache()
    for variant in ("", "one"):
        spec, _ = configure(loads_partial(TWO_USES.replace("LAYER", layer), "<text>")[0], variant, (), ())
        assert spec is not None
        found = lower_partial(spec, cache).diagnostics
        assert len(found) == 1
        assert found == lower_partial(spec).diagnostics


def test_what_nobody_uses_is_forgotten() -> None:
    cache = LoweringCache()
    lower_partial(load("resnet18"), cache)
    kept = len(cache._kept)
    assert kept
    for _ in range(RUNS_KEPT + 1):
        cache.begin_run()
        lower_partial(load("vit"), cache)
    lower_partial(load("resnet18"), cache)
    fresh = LoweringCache()
    lower_partial(load("resnet18"), fresh)
    lower_partial(load("vit"), fresh)
    assert set(cache._kept) == set(fresh._kept)


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_constraints_are_the_same_with_a_cache_that_other_variants_filled(file: Path) -> None:
    cache = LoweringCache()
    spec = load(str(file))
    for variant in (*variants_of(spec), spec):
        graph = lower_partial(variant, cache)[0]
        assert graph is not None
        kept, fresh = (
            collect_exact_constraints(graph, cache.analysis_cache(ConstraintCache)),
            collect_exact_constraints(graph),
        )
        assert kept is not None
        assert fresh is not None
        for name in ("required", "pins", "lossless", "impossible", "mismatched", "outputs", "work"):
            assert getattr(kept.body, name) == getattr(fresh.body, name), (variant.variant, name)


def test_cached_constraints_are_dropped_with_their_bodies() -> None:
    cache = LoweringCache()
    graph = lower_partial(load("resnet50"), cache)[0]
    assert graph is not None
    collect_exact_constraints(graph, cache.analysis_cache(ConstraintCache))
    assert len(cache.analysis_cache(ConstraintCache)) >= 8
    graph = None
    for _ in range(RUNS_KEPT + 2):
        cache.begin_run()
    gc.collect()
    assert not cache.analysis_cache(ConstraintCache)


def test_the_public_function_takes_a_cache() -> None:
    cache = LoweringCache()
    graphs = [archspec.lower("resnet50", classes=classes, cache=cache) for classes in (10, 20)]
    assert [dump(graph) for graph in graphs] == [
        dump(archspec.lower("resnet50", classes=classes)) for classes in (10, 20)
    ]
    blocks = [[step.body for step in graph.body.steps if isinstance(step, Call)] for graph in graphs]
    assert [id(body) for body in blocks[0]] == [id(body) for body in blocks[1]]
