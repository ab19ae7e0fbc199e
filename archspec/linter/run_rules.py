"""The rules that check a Graph, run over one variant of a spec."""

from __future__ import annotations

from archspec.diagnostics import Diagnostic, Fix
from archspec.ir.flat import FlatNode
from archspec.ir.graph import Graph
from archspec.language.load import Spec
from archspec.linter.catalogue import graph_rules
from archspec.linter.fixes import attach_fixes
from archspec.linter.repeats import NodeDiagnostic, merge_repeats
from archspec.linter.rule import Finding, Rule
from archspec.linter.rule_context import RuleContext
from archspec.linter.selection import Selection
from archspec.lowering.cache import LoweringCache


def run_rules(
    spec: Spec, graph: Graph, selection: Selection, lowered: tuple[Diagnostic, ...], cache: LoweringCache
) -> tuple[Diagnostic, ...]:
    """Return the diagnostics of lowering with their fixes, then those of the selected rules.

    `graph` may be partial. Diagnostics of lowering that a rule explains better (`Finding.replaces`) are left out.
    """
    context = RuleContext(spec, graph, lowered, cache)
    found: list[NodeDiagnostic] = []
    # A rule may replace diagnostics of lowering that another rule would attach a fix to, so that fixes come last.
    replaced: set[Diagnostic] = set()
    for rule in graph_rules():
        # A rule that is not selected is not run: some are expensive, and its findings would be dropped.
        if rule.check is None or not selection.includes(rule):
            continue
        for finding in rule.check(context):
            replaced.update(finding.replaces)
            diagnostic = _diagnostic_of(rule, finding, context)
            if diagnostic is not None:
                found.append((diagnostic, finding.at if isinstance(finding.at, FlatNode) else None))
    remaining = (diagnostic for diagnostic in lowered if diagnostic not in replaced)
    return (*attach_fixes(context, remaining), *merge_repeats(context, found))


def _diagnostic_of(rule: Rule, finding: Finding, context: RuleContext) -> Diagnostic | None:
    """Return a finding with its place in the user's text; None for a matter of style inside the library."""
    at, causes = finding.at, finding.causes
    if isinstance(at, FlatNode):
        node = at.node.origin
        if not rule.includes_library and dict(node.arguments).get(finding.argument, node.span).in_library:
            return None
        span, chain = context.locate(at, finding.argument)
        causes = (*causes, *chain)
    else:
        span = at
    fix = Fix(rule.applicability, finding.edits) if finding.edits and rule.applicability else None
    severity = finding.severity or rule.severity
    return Diagnostic(rule.code, finding.message, span, severity, causes, finding.hint or rule.hint, fix)
