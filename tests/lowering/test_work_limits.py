"""Texts of a few lines whose work grows without bound: lint ends, since calls, networks and variants are counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from archspec.analysis.summary import summarize
from archspec.errors import SpecError
from archspec.ir.flat import flatten
from archspec.language.files import SpecLocation
from archspec.language.load import Spec, load, load_location, loads
from archspec.linter import engine, unused_names
from archspec.linter.engine import lint_spec
from archspec.lowering import LoweringResult, definition_causes, lower, lower_partial
from archspec.lowering.cache import LoweringCache
from archspec.lowering.context import LoadedSpec
from archspec.lowering.network import NEW_NETWORK
from archspec.lowering.work_limits import MAX_ITERATIONS
from archspec.source import layout
from archspec.source.limits import LAYERS
from tests.narrow import present

THREE_CALLS = """\
input: [3, 8, 8]
blocks:
  again:
    params: {n: int}
    body: [{again: {n: n - 1, when: n > 0}}, {again: {n: n - 1, when: n > 0}}, {again: {n: n - 1, when: n > 0}}]
stages: [{conv: 8}, {again: %d}]
"""
NETWORKS_OF_THREE = "input: [3, 8, 8]\nstages: [%s]\n"


def codes(spec: Spec) -> list[str]:
    return [d.code for d in lint_spec(spec) if d.is_error]


def test_calls_of_blocks_without_layers_are_counted() -> None:
    assert codes(loads(THREE_CALLS % 20)) == ["LIM006"]
    # Below the limit, the calls that walking the Graph visits are as few as the limit allows.
    body = lower(loads(THREE_CALLS % 8)).body
    assert len(body.steps) == 2


def test_a_network_counts_for_as_many_layers_as_it_has(tmp_path: Path) -> None:
    (tmp_path / "inner.yaml").write_text("input: [3, 8, 8]\nstages: [{relu: {repeat: 500}}]\n")
    outer = tmp_path / "outer.yaml"
    text = """\
input: [3, 8, 8]
blocks:
  held: {body: [{network: {spec: ./inner.yaml, name: inner}}]}
stages: [{held: {repeat: %d}}]
"""
    outer.write_text(text % 30)
    graph = lower(load(outer))
    assert len(flatten(graph).nodes) == 15_000
    outer.write_text(text % 50)  # 25,000 layers
    assert codes(load(outer)) == ["LIM006"]


def test_networks_in_networks_share_one_budget(tmp_path: Path) -> None:
    (tmp_path / "n0.yaml").write_text("input: [3, 8, 8]\nstages: [relu]\n")
    for depth in range(1, 8):
        layers = ", ".join(f"{{network: {{spec: ./n{depth - 1}.yaml, name: part{part}}}}}" for part in range(3))
        (tmp_path / f"n{depth}.yaml").write_text(NETWORKS_OF_THREE % layers)
    found = lower_partial(load(tmp_path / "n7.yaml"))  # 3^7 networks
    assert [d.code for d in found.diagnostics] == ["LIM006"]
    assert found.layers <= LAYERS + MAX_ITERATIONS + NEW_NETWORK
    assert lower(load(tmp_path / "n4.yaml")).body.steps


@pytest.mark.parametrize(
    ("layers", "repeat", "code"),
    [
        ("{sequence: {repeat: 900, body: []}}", 60, "LIM006"),
        ("{conv: {channels: 8, repeat: 9, when: 'sum(range(1000)) < 0'}}", 400, "LIM009"),
    ],
)
def test_the_turns_and_expressions_of_all_networks_add_up(tmp_path: Path, layers: str, repeat: int, code: str) -> None:
    (tmp_path / "inner.yaml").write_text(f"input: [3, 8, 8]\nstages: [relu, {layers}]\n")
    text = "input: [3, 8, 8]\nstages: [{network: {spec: ./inner.yaml, name: a, repeat: %d}}]\n"
    outer = tmp_path / "outer.yaml"
    outer.write_text(text % 2)
    assert codes(load(outer)) == []
    outer.write_text(text % repeat)
    assert codes(load(outer)) == [code]


def test_a_file_is_read_once_in_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "inner.yaml").write_text("input: [3, 8, 8]\nstages: [relu]\n")
    outer = tmp_path / "outer.yaml"
    outer.write_text("input: [3, 8, 8]\nstages: [{network: {spec: ./inner.yaml, name: a, repeat: 5}}]\n")
    reads: list[str] = []

    def counted(place: SpecLocation, root: str) -> LoadedSpec:
        reads.append(place.path)
        return load_location(place, root)

    monkeypatch.setattr("archspec.lowering.network.load_location", counted)
    lower(load(outer))
    assert len(reads) == 1


def test_thousands_of_variants_walk_their_text_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: dict[str, int] = {"causes": 0, "paths": 0, "unused": 0}

    def count(module: object, name: str, key: str) -> None:
        real = getattr(module, name)

        def counted(*arguments: object) -> object:
            calls[key] += 1
            return real(*arguments)

        monkeypatch.setattr(module, name, counted)

    count(definition_causes, "ScalarIndex", "causes")
    count(unused_names, "_unused_in", "unused")
    count(layout, "Positions", "paths")
    variants = "".join(f"  v{number}: {{width: {9 + number}}}\n" for number in range(60))
    layers = "{conv: width}, {conv: {channels: 0}}, {conv: {channels: width}}"
    text = f"input: [3, 8, 8]\nparams: {{width: 8}}\nstages: [{layers}]\n"
    assert lint_spec(loads(text + "variants:\n" + variants))
    assert calls == {"causes": 1, "paths": 1, "unused": 1}


def test_the_variants_of_a_text_are_bounded_together(monkeypatch: pytest.MonkeyPatch) -> None:
    lowered: list[str] = []

    def counted(spec: Spec, cache: LoweringCache) -> LoweringResult:
        lowered.append(spec.variant)
        return lower_partial(spec, cache)

    monkeypatch.setattr("archspec.linter.engine.lower_partial", counted)
    monkeypatch.setattr(engine, "MAX_WORK", 1_000)
    variants = "".join(f"  v{number}: {{width: {8 * number}}}\n" for number in range(1, 500))
    text = f"input: [3, 8, 8]\nparams: {{width: 8}}\nstages: [{{conv: width}}]\nvariants:\n{variants}"
    found = lint_spec(loads(text))
    assert [d.code for d in found] == ["LIM006"]
    assert len(lowered) < 1_000 // engine.VARIANT_COST


def test_what_lint_accepts_can_be_summarized() -> None:
    # 3^8 calls of a block without layers: the most that the limit lets through.
    assert summarize(lower(loads(THREE_CALLS % 8)), "stage").params == 224
    with pytest.raises(SpecError, match="more than 20,000 layers"):
        lower(loads(THREE_CALLS % 10))


def test_the_hint_says_what_is_counted() -> None:
    (found,) = lint_spec(loads(THREE_CALLS % 20))
    assert "a block without layers counts as one" in present(found.hint)
