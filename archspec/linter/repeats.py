"""One finding where a layer has it in many repeats: told once, with how often."""

from __future__ import annotations

from msgspec.structs import replace

from archspec.diagnostics import Cause, Diagnostic, Span
from archspec.ir.flat import FlatNode
from archspec.linter.rule_context import View

Told = tuple[Diagnostic, FlatNode | None]
MOST_NAMED = 4


def collapsed(view: View, found: list[Told]) -> list[Diagnostic]:
    """The findings, those of one code at one place made one, in the order of the first of each."""
    groups: dict[tuple[str, Span], list[Told]] = {}
    for told in found:
        groups.setdefault((told[0].code, told[0].span), []).append(told)
    return [_joined(view, group) for group in groups.values()]


def _joined(view: View, group: list[Told]) -> Diagnostic:
    first = group[0][0]
    nodes = [node for _, node in group if node is not None]
    written = {node.node.origin.span for node in nodes}
    uses = [node.path for node in view.nodes if node.node.origin.span in written] if nodes else []
    if len(uses) < 2:
        return first
    return replace(first, causes=(*first.causes, Cause(f"in {_where([node.path for node in nodes], uses)}")))


def _where(paths: list[str], uses: list[str]) -> str:
    """`3 of 3 repeats of layer2`, or the paths themselves where they are no such row."""
    rows = [path.split(".") for path in uses]
    shared = 0
    while all(len(row) > shared and row[shared] == rows[0][shared] for row in rows):
        shared += 1
    all_of = {row[shared] for row in rows if len(row) > shared}
    if shared and all_of and all(number.isdigit() for number in all_of):
        these = {path.split(".")[shared] for path in paths}
        return f"{len(these)} of {len(all_of)} repeats of {'.'.join(rows[0][:shared])}"
    named = list(dict.fromkeys(paths))
    more = f" and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else ""
    return f"{len(named)} of {len(set(uses))} uses: {', '.join(named[:MOST_NAMED])}{more}"
