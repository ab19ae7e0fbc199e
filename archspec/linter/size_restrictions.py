"""Helpers of the rules about input sizes: the sizes that work, and which sets restrict more than the minimum."""

from __future__ import annotations

from archspec.analysis.valid_sizes.report import ValidSizes
from archspec.analysis.valid_sizes.size_set import SizeSet
from archspec.analysis.valid_sizes.solve import solve_constraints
from archspec.ir.sizes import PeriodTooLong
from archspec.linter.rule_context import RuleContext


def solve_sizes(context: RuleContext, pinned: bool) -> ValidSizes | None:
    """Return the sizes that work; None where the Graph has errors, or an exact answer takes too long."""
    if context.size_constraints is None:
        return None
    try:
        return solve_constraints(context.size_constraints, pinned)
    except PeriodTooLong:
        return None


def is_restrictive(sizes: SizeSet) -> bool:
    """Return whether a set excludes more than what is too small."""
    runs = sizes.runs()
    # No size at all, none above a largest, or only every so many: a minimum alone is every network's.
    return not runs or runs[-1].last is not None or runs[-1].period > 1
