"""Compare two networks by their Graphs and, for specs, by their settings: `archspec.diff`."""

from __future__ import annotations

from msgspec.structs import replace

from archspec.analysis.cost import Costs
from archspec.comparison.body_comparison import BodyComparison
from archspec.comparison.body_difference import BodyDifference
from archspec.comparison.changes import AttributeChange, Change, show_location
from archspec.comparison.difference import Difference
from archspec.comparison.moves import find_moves
from archspec.comparison.revisions import open_revision, parse_revision_path
from archspec.comparison.settings import redefined_blocks, setting_changes
from archspec.comparison.stages import stage_changes, summarize_side, value_text
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
    files = spec.file if spec else "", spec_after.file if spec_after else ""
    return graph, graph_after, _compare_canonically(graph, graph_after, *files, frozenset())


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
    blocks = redefined_blocks(before, after)
    found = _compare_canonically(lowered, lowered_after, before.file, after.file, blocks)
    if not found:
        return found
    return replace(found, changes=(*setting_changes(before, after, found.cost), *found.changes))


def _compare_canonically(before: Graph, after: Graph, file: str, file_after: str, blocks: frozenset[str]) -> Difference:
    """Compare in one canonical direction, and invert the result for the other.

    Of several equally good alignments both directions then have the same one: `diff(a, b).inverse == diff(b, a)`.
    """
    # Any total order would do; the text dump is one that does not depend on the process.
    if dump(after) < dump(before):
        return _compare(after, before, file_after, file, blocks).inverse
    return _compare(before, after, file, file_after, blocks)


def _compare(before: Graph, after: Graph, file: str, file_after: str, blocks: frozenset[str]) -> Difference:
    costs = Costs()
    comparison = BodyComparison(costs, blocks)
    pairs = comparison.align(before.body, after.body)
    found = comparison.compare_aligned(before.body, after.body, pairs)
    moves, removed, added = find_moves(found.removed, found.added, comparison.numbering)
    network, stages = summarize_side(before, file)
    network_after, stages_after = summarize_side(after, file_after)
    return Difference(
        before=network,
        after=network_after,
        changes=(*_port_changes(before, after), *_merge_equal(found)),
        added=tuple(step.report(costs) for step in added),
        removed=tuple(step.report(costs) for step in removed),
        moved=(*found.moved, *moves),
        stages=stage_changes((before, after), pairs, stages, stages_after),
    )


def _port_changes(before: Graph, after: Graph) -> list[Change]:
    """Return the inputs whose type or order differs, and the outputs whose names do."""
    inputs, inputs_after = dict(before.inputs), dict(after.inputs)
    where = show_location(before.body.span), show_location(after.body.span)
    texts = [{name: value_text(value) for name, value in ports.items()} for ports in (inputs, inputs_after)]
    changes = []
    for name in dict.fromkeys(sorted((*inputs, *inputs_after))):
        old, new = (side.get(name, "none") for side in texts)
        if old != new:
            attribute = AttributeChange(f"input {name}" if name != "input" else name, old, new, where)
            changes.append(Change("input", (attribute,)))
    if list(inputs) != list(inputs_after) and sorted(inputs) == sorted(inputs_after):
        changes.append(_names_change("inputs", tuple(inputs), tuple(inputs_after), where))
    if before.outputs != after.outputs:
        changes.append(_names_change("outputs", before.outputs, after.outputs, where))
    return changes


def _names_change(name: str, before: tuple[str, ...], after: tuple[str, ...], where: tuple[str, str]) -> Change:
    texts = [", ".join(names) or "unnamed" for names in (before, after)]
    return Change("input", (AttributeChange(name, texts[0], texts[1], where),))


def _merge_equal(found: BodyDifference) -> tuple[Change, ...]:
    """Merge changes of equal attributes at equal locations into one, with all their paths and their total cost."""
    merged: dict[object, Change] = {}
    # A block that many layers use differs at each of them: readers want one line for all.
    for change in found.changes:
        key = change.kind, change.attributes
        known = merged.get(key)
        if known is None:
            merged[key] = change
        else:
            cost = None if known.cost is None or change.cost is None else known.cost + change.cost
            merged[key] = replace(known, paths=(*known.paths, *change.paths), cost=cost)
    return tuple(merged.values())
