"""`diff`: how one network differs from another, by their Graphs and, where these are given, their specs."""

from __future__ import annotations

from msgspec.structs import replace

from archspec.analysis.cost import Costs
from archspec.comparison.bodies import Comparison
from archspec.comparison.difference import Change, Difference, Said
from archspec.comparison.moves import moved
from archspec.comparison.named import opened, revised
from archspec.comparison.parts import Findings, place
from archspec.comparison.settings import redefined, setting_changes
from archspec.comparison.stages import side, stage_changes, value_text
from archspec.design import Design, to_spec
from archspec.diagnostics import Diagnostic
from archspec.errors import SpecError
from archspec.ir.dump import dump
from archspec.ir.graph import Graph
from archspec.language.load import Spec, configured
from archspec.lowering import lower


def compared(before: Design, after: Design) -> tuple[Graph, Graph, Difference]:
    """Both networks lowered, and how they differ; raises SpecError for a spec that is wrong."""
    (one, graph), (other, graph_after) = _lowered(before), _lowered(after)
    if one is not None and other is not None:
        return graph, graph_after, diff_specs(one, graph, other, graph_after)
    files = one.file if one else "", other.file if other else ""
    return graph, graph_after, _either_way(graph, graph_after, *files, frozenset())


def _lowered(design: Design) -> tuple[Spec | None, Graph]:
    """Return the spec, if there is one, and the Graph of a design or of a git revision of one."""
    past = revised(design) if isinstance(design, str) else None
    if past is not None:
        with opened(past) as read:  # what it includes is read while it is lowered
            spec = right(*configured(read.spec, past.variant, (), read.found))
            return spec, lower(spec)
    if isinstance(design, Graph):
        return None, design
    spec = to_spec(design)
    return spec, lower(spec)


def right(spec: Spec | None, found: tuple[Diagnostic, ...]) -> Spec:
    """The spec, unless something is wrong with it; raises SpecError."""
    if spec is None or any(d.is_error for d in found):
        raise SpecError(found)
    return spec


def diff_specs(before: Spec, lowered: Graph, after: Spec, lowered_after: Graph) -> Difference:
    """How a spec differs from another, when their Graphs are there already."""
    found = _either_way(lowered, lowered_after, before.file, after.file, redefined(before, after))
    if not found:
        return found
    return replace(found, changes=(*setting_changes(before, after, found.cost), *found.changes))


def _either_way(before: Graph, after: Graph, file: str, file_after: str, blocks: frozenset[str]) -> Difference:
    """The difference, found in one direction for both: where several alignments are as good, both ways take one."""
    if dump(after) < dump(before):
        return _compare(after, before, file_after, file, blocks).inverse
    return _compare(before, after, file, file_after, blocks)


def _compare(before: Graph, after: Graph, file: str, file_after: str, blocks: frozenset[str]) -> Difference:
    costs = Costs()
    comparison = Comparison(costs, blocks)
    pairs = comparison.pairs(before.body, after.body)
    found = comparison.paired(before.body, after.body, pairs)
    moves, removed, added = moved(found.removed, found.added, comparison.identities)
    ours, stages = side(before, file)
    theirs, stages_after = side(after, file_after)
    return Difference(
        before=ours,
        after=theirs,
        changes=(*_ends(before, after), *folded(found)),
        added=tuple(loose.part(costs) for loose in added),
        removed=tuple(loose.part(costs) for loose in removed),
        moved=(*found.moved, *moves),
        stages=stage_changes((before, after), pairs, stages, stages_after),
    )


def _ends(before: Graph, after: Graph) -> list[Change]:
    """Inputs and outputs that are others."""
    ours, theirs = dict(before.inputs), dict(after.inputs)
    where = place(before.body.span), place(after.body.span)
    texts = [{name: value_text(value) for name, value in inputs.items()} for inputs in (ours, theirs)]
    changes = []
    for name in dict.fromkeys(sorted((*ours, *theirs))):
        old, new = (side.get(name, "none") for side in texts)
        if old != new:
            changes.append(Change("input", (Said(f"input {name}" if name != "input" else name, old, new, where),)))
    if list(ours) != list(theirs) and sorted(ours) == sorted(theirs):
        changes.append(_listed("inputs", tuple(ours), tuple(theirs), where))
    if before.outputs != after.outputs:
        changes.append(_listed("outputs", before.outputs, after.outputs, where))
    return changes


def _listed(name: str, before: tuple[str, ...], after: tuple[str, ...], where: tuple[str, str]) -> Change:
    texts = [", ".join(names) or "unnamed" for names in (before, after)]
    return Change("input", (Said(name, texts[0], texts[1], where),))


def folded(found: Findings) -> tuple[Change, ...]:
    """The changes, those that say the same at the same places as one, with all their paths and costs."""
    merged: dict[object, Change] = {}
    for change in found.changes:
        key = change.kind, change.said
        known = merged.get(key)
        if known is None:
            merged[key] = change
        else:
            cost = None if known.cost is None or change.cost is None else known.cost + change.cost
            merged[key] = replace(known, paths=(*known.paths, *change.paths), cost=cost)
    return tuple(merged.values())
