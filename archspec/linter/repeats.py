"""One diagnostic for a layer that has the same finding in many of its repeats."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from archspec.diagnostics import Cause, Diagnostic, Span
from archspec.ir.flat import FlatNode
from archspec.ir.graph import join
from archspec.linter.rule_context import RuleContext

NodeDiagnostic = tuple[Diagnostic, FlatNode | None]
"""A diagnostic and the op that it is about, if it is about one."""
Site = tuple[Span, ...]
"""The place in the text of an op or a call, after those of the calls around it from the outermost on."""
MOST_NAMED = 4


def merge_repeats(context: RuleContext, found: list[NodeDiagnostic]) -> list[Diagnostic]:
    """Merge the diagnostics of one code at one span, in the order of the first of each.

    A cause counts the repeats that have the finding, out of all repeats of the layer.
    """
    groups: dict[tuple[str, Span], list[NodeDiagnostic]] = {}
    for item in found:
        groups.setdefault((item[0].code, item[0].span), []).append(item)
    uses: dict[Span, dict[str, Site]] = {}
    for node in context.nodes if groups else ():
        use = _use_of(node)
        uses.setdefault(use.site[-1], {})[use.path] = use.site
    return [_merged(group, uses) for group in groups.values()]


class _Use(Struct, frozen=True):
    """A layer of the user's text as it is used at one path: an op, or the call of a library block around it."""

    path: str
    site: Site


def _use_of(node: FlatNode) -> _Use:
    spans = (*(call.origin.span for call in node.calls), node.node.origin.span)
    if not spans[-1].in_library:
        return _Use(node.path, spans)
    depth = next((n for n in range(len(spans) - 1, -1, -1) if not spans[n].in_library), 0)
    return _Use(join(*(call.scope for call in node.calls[: depth + 1])), spans[: depth + 1])


def _merged(group: list[NodeDiagnostic], uses: dict[Span, dict[str, Site]]) -> Diagnostic:
    first = group[0][0]
    found = [_use_of(node) for _, node in group if node is not None]
    paths = list(dict.fromkeys(use.path for use in found))
    all_of = {path: site for span in {use.site[-1] for use in found} for path, site in uses[span].items()}
    if len(all_of) < 2:
        return first
    return replace(first, causes=(*first.causes, Cause(f"in {_describe(paths, all_of)}")))


def _describe(paths: list[str], uses: dict[str, Site]) -> str:
    """Return `3 of 3 repeats of layer2`, or the paths themselves where they are not repeats of one layer."""
    rows = [path.split(".") for path in uses]
    shared = 0
    while all(len(row) > shared and row[shared] == rows[0][shared] for row in rows):
        shared += 1
    all_of = {row[shared] for row in rows if len(row) > shared}
    # Numbers may be positions of separate layers. Repeats are made by one layer of the text, at each level of calls.
    is_one_layer = len(set(uses.values())) == 1
    if is_one_layer and shared and all_of and all(number.isdigit() for number in all_of):
        these = {path.split(".")[shared] for path in paths}
        return f"{len(these)} of {len(all_of)} repeats of {'.'.join(rows[0][:shared])}"
    more = f" and {len(paths) - MOST_NAMED} more" if len(paths) > MOST_NAMED else ""
    return f"{len(paths)} of {len(uses)} uses: {', '.join(paths[:MOST_NAMED])}{more}"
