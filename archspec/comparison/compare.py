"""Compare two networks by their Graphs and, for specs, by their settings: `archspec.diff`."""

from __future__ import annotations

from msgspec import Struct

from archspec.analysis.cost import Costs
from archspec.comparison.body_alignment import BodyAlignment
from archspec.comparison.body_comparison import compare_bodies
from archspec.comparison.changes import NO_CAUSE, Change
from archspec.comparison.difference import Difference
from archspec.comparison.effect_collector import EffectCollector
from archspec.comparison.effects import Effect, add_up, find_causes, merge_shapes
from archspec.comparison.moves import find_moves
from archspec.comparison.port_changes import port_effects
from archspec.comparison.revisions import open_revision, parse_revision_path
from archspec.comparison.settings import have_same_layers, redefined_blocks, setting_effects
from archspec.comparison.stages import stage_changes, summarize_side
from archspec.comparison.unmatched_effects import UnmatchedEffects
from archspec.comparison.written_texts import WrittenText, WrittenTexts
from archspec.design import Design, to_spec
from archspec.diagnostics import Diagnostic
from archspec.errors import SpecError
from archspec.ir.dump import dump
from archspec.ir.graph import Graph
from archspec.language.load import Spec, configure
from archspec.lowering import lower


def compare_designs(before: Design, after: Design) -> tuple[Graph, Graph, Difference]:
    """Return both networks lowered, and how they differ; raises SpecError for a spec that is wrong."""
    (spec, graph), (spec_after, graph_after) = _lower_design(before), _lower_design(after)
    if spec is not None and spec_after is not None:
        return graph, graph_after, compare_specs(spec, graph, spec_after, graph_after)
    # A Graph has no settings that a spec's could be compared with.
    sides = _Side(graph, spec.file if spec else ""), _Side(graph_after, spec_after.file if spec_after else "")
    return graph, graph_after, _compare_canonically(*sides)


def _lower_design(design: Design) -> tuple[Spec | None, Graph]:
    """Return the spec, if there is one, and the Graph of a design or of a git revision of one."""
    past = parse_revision_path(design) if isinstance(design, str) else None
    if past is not None:
        with open_revision(past) as read:  # lowering reads the files that the spec includes
            spec = require_valid(*configure(read.spec, past.variant, (), read.found))
            return spec, lower(spec)
    if isinstance(design, Graph):
        return None, design
    spec = to_spec(design)
    return spec, lower(spec)


def require_valid(spec: Spec | None, found: tuple[Diagnostic, ...]) -> Spec:
    """Return the spec; raises SpecError if there are errors among its findings."""
    if spec is None or any(d.is_error for d in found):
        raise SpecError(found)
    return spec


def compare_specs(before: Spec, lowered: Graph, after: Spec, lowered_after: Graph) -> Difference:
    """Return how two specs differ whose Graphs are known."""
    return _compare_canonically(_Side(lowered, before.file, before), _Side(lowered_after, after.file, after))


class _Side(Struct, frozen=True):
    """One of the two networks, with its file and its spec, if that is known."""

    graph: Graph
    file: str
    spec: Spec | None = None


def _compare_canonically(before: _Side, after: _Side) -> Difference:
    """Compare in one canonical direction, and invert the result for the other.

    Of several equally good alignments both directions then have the same one: `diff(a, b).inverse == diff(b, a)`.
    """
    # Any total order would do; the text dump is one that does not depend on the process.
    if dump(after.graph) < dump(before.graph):
        return _compare(after, before).inverse
    return _compare(before, after)


def _compare(before: _Side, after: _Side) -> Difference:
    specs = (before.spec, after.spec) if before.spec is not None and after.spec is not None else None
    settings = setting_effects(*specs) if specs is not None else {}
    texts = WrittenTexts(
        WrittenText(before.spec), WrittenText(after.spec), specs is not None and have_same_layers(*specs)
    )
    alignment, costs = BodyAlignment(redefined_blocks(*specs) if specs is not None else frozenset()), Costs()
    bodies = alignment.align(before.graph.body, after.graph.body)
    removed, added = alignment.unmatched(bodies, ("", ""))
    moves, removed, added = find_moves(removed, added, alignment.numbering)
    unmatched = UnmatchedEffects(costs, texts, settings, moves, removed, added)
    collector = EffectCollector(alignment, costs, texts, settings, unmatched.by_path)
    ports, inputs = port_effects(before.graph, after.graph, specs, settings)
    compare_bodies(collector, bodies, ("", ""), inputs)
    effects = [*settings.values(), *ports, *collector.effects, *unmatched.effects]
    is_general = ("setting", "input", "repeat", "order")
    find_causes(effects, frozenset(effect for effect in effects if effect.is_edit and effect.kind in is_general))
    shapes = merge_shapes(collector.shapes)
    add_up([*effects, *shapes])
    network, stages = summarize_side(before.graph, before.file)
    network_after, stages_after = summarize_side(after.graph, after.file)
    graphs = before.graph, after.graph
    if not (collector.effects or unmatched.effects or ports or collector.moves or collector.renumbered):
        return Difference(before=network, after=network_after)  # the settings that differ have no effect
    return Difference(
        before=network,
        after=network_after,
        changes=tuple(_change(effect) for effect in (*settings.values(), *ports, *collector.effects, *shapes)),
        added=unmatched.steps("added"),
        removed=unmatched.steps("removed"),
        moved=(*collector.moves, *unmatched.moves()),
        renumbered=tuple(collector.renumbered),
        stages=stage_changes(graphs, bodies.pairs, stages, stages_after),
    )


def _change(effect: Effect) -> Change:
    cost = effect.total if effect.cause is None else effect.cost
    label = effect.label if effect.cause is None else NO_CAUSE
    return Change(effect.kind, effect.attributes, tuple(effect.paths), cost, label, effect.cause_label)
