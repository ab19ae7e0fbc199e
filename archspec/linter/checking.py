"""The rules that look at a finished Graph, run over one variant of a spec."""

from __future__ import annotations

from archspec.diagnostics import Diagnostic, Fix
from archspec.ir.flat import FlatNode
from archspec.ir.graph import Graph
from archspec.language.load import Spec
from archspec.linter.catalogue import looking
from archspec.linter.fixes import mended
from archspec.linter.repeats import Told, collapsed
from archspec.linter.rule import Finding, Rule
from archspec.linter.rule_context import View, in_library
from archspec.linter.selection import Selection
from archspec.lowering.cache import LoweringCache


def check(
    spec: Spec, graph: Graph, selection: Selection, lowered: tuple[Diagnostic, ...], cache: LoweringCache
) -> tuple[Diagnostic, ...]:
    """What lowering found, and what the selected rules find in the Graph of a spec, which may be partial."""
    view = View(spec, graph, lowered, cache)
    found: list[Told] = []
    replaced: set[Diagnostic] = set()
    for rule in looking():
        if rule.check is None or not selection.includes(rule):
            continue
        for finding in rule.check(view):
            replaced.update(finding.instead_of)
            diagnostic = _diagnostic(rule, finding, view)
            if diagnostic is not None:
                found.append((diagnostic, finding.at if isinstance(finding.at, FlatNode) else None))
    return (*mended(view, (d for d in lowered if d not in replaced)), *collapsed(view, found))


def _diagnostic(rule: Rule, finding: Finding, view: View) -> Diagnostic | None:
    """A finding at its place; None where it is about the style of the library's own layers."""
    at, causes = finding.at, finding.causes
    if isinstance(at, FlatNode):
        node = at.node.origin
        if not rule.everywhere and in_library(dict(node.arguments).get(finding.argument, node.span)):
            return None
        span, chain = view.place(at, finding.argument)
        causes = (*causes, *chain)
    else:
        span = at
    fix = Fix(rule.applicability, finding.edits) if finding.edits and rule.applicability else None
    severity = finding.severity or rule.severity
    return Diagnostic(rule.code, finding.message, span, severity, causes, finding.hint or rule.fix, fix)
