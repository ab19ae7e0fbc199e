"""Spec to Graph: every layer with its shape, its key and its origin; projections inserted; identical blocks once."""

from __future__ import annotations

from contextlib import suppress

from archspec.diagnostics import Diagnostic, Severity, SpecError
from archspec.ir.graph import Graph
from archspec.ir.sizes import Condition
from archspec.lower.context import Lowering
from archspec.lower.memo import Memo
from archspec.lower.names import with_definitions
from archspec.lower.problem import Enough, Problem, Silent
from archspec.lower.root import lower_root
from archspec.ops.base import Check, ShapeError, raise_unless
from archspec.spec.load import Spec


def lower(spec: Spec) -> Graph:
    """The Graph of a spec; raises SpecError with everything that keeps it from being built."""
    if not isinstance(spec, Spec):
        raise TypeError(f"lower() takes a Spec, not {type(spec).__name__}; archspec.load(name) gives one")
    graph, found = lower_partial(spec)
    if graph is None or any(d.is_error for d in found):
        raise SpecError(d for d in found if d.severity is Severity.ERROR)
    return graph


def lower_partial(spec: Spec) -> tuple[Graph | None, tuple[Diagnostic, ...]]:
    """The Graph as far as it goes (unknown shapes where something failed), with every finding; raises for none."""
    return lower_counted(spec)[:2]


def lower_whatever_size(spec: Spec) -> tuple[Graph | None, tuple[Diagnostic, ...]]:
    """What lower_partial gives where every op takes whatever sizes it gets: the Graph past a failure of sizes."""

    def pass_by(condition: bool | Condition, error: ShapeError) -> None:
        """Sizes and channels alike are let pass here; a rerun of the Graph with free sizes knows them apart."""

    return lower_counted(spec, check=pass_by)[:2]


def lower_counted(
    spec: Spec, memo: Memo | None = None, check: Check = raise_unless
) -> tuple[Graph | None, tuple[Diagnostic, ...], int]:
    """What lower_partial gives, and how much work it was, in layers; runs that are given one memo share bodies."""
    memo = Memo() if memo is None else memo
    chain = (spec.chain[-1],) if spec.chain else ()
    lowering = Lowering(memo.definitions(spec.document), root=spec.root, networks=chain, memo=memo, check=check)
    graph: Graph | None = None
    try:
        lowered = lower_root(lowering, spec)
        graph = Graph(spec.name, spec.variant, lowered.inputs, lowered.body, lowered.sections, lowered.outputs)
    except (Silent, Enough):
        pass
    except Problem as problem:
        with suppress(Enough):
            lowering.report(problem)
    except SpecError as error:  # a library file that cannot be read: our bug, said as a finding with its place
        lowering.found.extend(error.diagnostics)
    except RecursionError:
        message = "blocks are nested too deeply"
        with suppress(Enough):
            lowering.report(Problem("GRF002", message, spec.document.span, "end the recursion with a `when`"))
    found = with_definitions(spec, sorted(lowering.found, key=lambda d: d.span))
    return graph, tuple(found), lowering.count + lowering.iterations
