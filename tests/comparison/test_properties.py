"""What holds of every difference: a design does not differ from itself, and A → B is B → A the other way round."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import pytest

import archspec
from archspec.analysis.cost import Cost
from archspec.cli.diff_markdown import render_markdown
from archspec.cli.diff_text import render_text
from archspec.comparison.compare import compare_specs
from archspec.comparison.difference import Difference
from archspec.ir.dump import dump
from archspec.ir.graph import Graph
from archspec.language.files import gallery_names, variant_names
from archspec.language.load import Spec
from tests import designs
from tests.oracle.families import family
from tests.oracle.mutants import mutant
from tests.oracle.raw_tree import write

NAMES = [name for spec in gallery_names() for name in (spec, *(f"{spec}:{one}" for one in variant_names(spec)))]
CHUNKS, CHUNK = 4, 40


def network(name: str) -> tuple[Spec, Graph]:
    return designs.spec(name), designs.graph(name)


@pytest.mark.parametrize("name", NAMES)
def test_a_design_does_not_differ_from_itself(name: str) -> None:
    found = archspec.diff(name, name)
    assert not found
    assert (found.changes, found.added, found.removed, found.moved, found.stages) == ((), (), (), (), ())
    assert found.cost == Cost()


@pytest.mark.parametrize("spec", gallery_names())
def test_there_and_back_within_a_spec(spec: str) -> None:
    for before, after in pairwise([spec, *(f"{spec}:{name}" for name in variant_names(spec))]):
        check(network(before), network(after))


@pytest.mark.parametrize(("before", "after"), [*pairwise(gallery_names())])
def test_there_and_back_between_specs(before: str, after: str) -> None:
    check(network(before), network(after))


def check(before: tuple[Spec, Graph], after: tuple[Spec, Graph]) -> Difference:
    """One difference, held against the other way round and against what the networks say of themselves."""
    found = compare_specs(*before, *after)
    assert compare_specs(*after, *before) == found.inverse
    assert found.inverse.inverse == found
    assert bool(found) == (_lines(before[1]) != _lines(after[1]))
    for figure in ("params", "macs", "buffers", "output_bytes"):
        delta = getattr(archspec.summarize(after[1]).total, figure) - getattr(
            archspec.summarize(before[1]).total, figure
        )
        assert getattr(found.cost, figure) == delta
        assert sum(getattr(row.cost, figure) for row in found.stages) == delta
        assert sum(getattr(price, figure) for price in found.prices) == delta
    return found


def _lines(graph: Graph) -> list[str]:
    """The graph as text, without its name and those of its stages and blocks."""
    return dump(graph).splitlines()[1:]


@cache
def _family(name: str) -> tuple[Spec, Graph]:
    spec = archspec.loads(write(family(name))[0])
    return spec, archspec.lower(spec)


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_mutants(chunk: int) -> None:
    """Designs with one thing changed: what the text dump of the graph shows is found, and nothing else."""
    compared = 0
    for number in range(chunk * CHUNK, (chunk + 1) * CHUNK):
        changed = mutant(number)
        try:
            spec = archspec.loads(changed.text)
            graph = archspec.lower(spec)
        except archspec.SpecError:
            continue
        found = check(_family(changed.family), (spec, graph))
        assert ("no difference" in render_text(found)) == ("No difference" in render_markdown(found)) == (not found)
        compared += 1
    assert compared > CHUNK // 3
