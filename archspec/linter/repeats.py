"""One diagnostic for a layer that has the same finding in many of its repeats."""

from __future__ import annotations

from msgspec.structs import replace

from archspec.diagnostics import Cause, Diagnostic, Span
from archspec.ir.flat import FlatNode
from archspec.linter.rule_context import RuleContext

NodeDiagnostic = tuple[Diagnostic, FlatNode | None]
"""A diagnostic and the op that it is about, if it is about one."""
MOST_NAMED = 4


def merge_repeats(context: RuleContext, found: list[NodeDiagnostic]) -> list[Diagnostic]:
    """Merge the diagnostics of one code at one span, in the order of the first of each.

    A cause counts the repeats that have the finding, out of all repeats of the layer.
    """
    groups: dict[tuple[str, Span], list[NodeDiagnostic]] = {}
    for item in found:
        groups.setdefault((item[0].code, item[0].span), []).append(item)
    return [_merged(context, group) for group in groups.values()]


def _merged(context: RuleContext, group: list[NodeDiagnostic]) -> Diagnostic:
    first = group[0][0]
    nodes = [node for _, node in group if node is not None]
    written = {node.node.origin.span for node in nodes}
    uses = [node.path for node in context.nodes if node.node.origin.span in written] if nodes else []
    if len(uses) < 2:
        return first
    return replace(first, causes=(*first.causes, Cause(f"in {_describe([node.path for node in nodes], uses)}")))


def _describe(paths: list[str], uses: list[str]) -> str:
    """Return `3 of 3 repeats of layer2`, or the paths themselves where they are not repeats of one layer."""
    rows = [path.split(".") for path in uses]
    shared = 0
    while all(len(row) > shared and row[shared] == rows[0][shared] for row in rows):
        shared += 1
    all_of = {row[shared] for row in rows if len(row) > shared}
    # Repeats are numbered: the first part in which the paths differ is then a number in each of them.
    if shared and all_of and all(number.isdigit() for number in all_of):
        these = {path.split(".")[shared] for path in paths}
        return f"{len(these)} of {len(all_of)} repeats of {'.'.join(rows[0][:shared])}"
    named = list(dict.fromkeys(paths))
    more = f" and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else ""
    return f"{len(named)} of {len(set(uses))} uses: {', '.join(named[:MOST_NAMED])}{more}"
