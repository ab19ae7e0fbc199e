"""Spec to Graph: every layer with its shape, key and origin; projections inserted; identical blocks lowered once.

Invariants: a Body depends on its BlockUse and input types alone, so it can be shared; each mistake becomes one
Diagnostic, at the user's own text; and lowering goes on after a mistake with values of unknown type.
"""

from __future__ import annotations

from contextlib import suppress
from typing import NamedTuple

from archspec.diagnostics import Diagnostic, Severity
from archspec.errors import SpecError
from archspec.ir.graph import Graph
from archspec.ir.op import Check, ShapeError, raise_unless
from archspec.ir.sizes import Condition
from archspec.language.load import Spec
from archspec.lowering import branches, calls, network, residual, structure  # noqa: F401  each registers the kinds that it lowers
from archspec.lowering.cache import LoweringCache
from archspec.lowering.context import Lowering
from archspec.lowering.definition_causes import add_definition_causes
from archspec.lowering.errors import LoweringError, Suppressed, TooManyErrors
from archspec.lowering.root import lower_root


class LoweringResult(NamedTuple):
    """The outcome of lowering a spec that may be wrong."""

    graph: Graph | None
    """The Graph as far as it could be lowered, of unknown types after failures; None where nothing could be."""
    diagnostics: tuple[Diagnostic, ...]
    layers: int
    """The work done, in layers, for limits on all variants together."""


def lower(spec: Spec, cache: LoweringCache | None = None) -> Graph:
    """Lower a spec to its Graph; raises SpecError with every error that keeps it from being built."""
    if not isinstance(spec, Spec):
        raise TypeError(f"lower() takes a Spec, not {type(spec).__name__}; archspec.load(name) gives one")
    if cache is not None:
        cache.begin_run()
    graph, found, _ = lower_partial(spec, cache)
    if graph is None or any(d.is_error for d in found):
        raise SpecError(d for d in found if d.severity is Severity.ERROR)
    return graph


def lower_any_size(spec: Spec) -> LoweringResult:
    """Lower a spec as if every op took any size: the Graph past a failure of sizes.

    Failures of channels are ignored as well; a rerun of the Graph with free sizes tells the two apart.
    """

    def ignore(condition: bool | Condition, error: ShapeError) -> None:
        pass

    return lower_partial(spec, check=ignore)


def lower_partial(spec: Spec, cache: LoweringCache | None = None, check: Check = raise_unless) -> LoweringResult:
    """Lower a spec as far as it goes and collect every diagnostic; never raises for what the spec says.

    Runs that are given the same cache share the bodies that were lowered without a diagnostic.
    """
    cache = LoweringCache() if cache is None else cache
    # The spec's own file is the first of the networks, so that one that contains itself is found as a cycle.
    chain = (spec.chain[-1],) if spec.chain else ()
    lowering = Lowering(cache.definitions(spec), networks=chain, cache=cache, check=check)
    graph: Graph | None = None
    try:
        lowered = lower_root(lowering, spec)
        graph = Graph(spec.name, spec.variant, lowered.inputs, lowered.body, lowered.sections, lowered.outputs)
    except (Suppressed, TooManyErrors):
        pass
    except LoweringError as problem:
        with suppress(TooManyErrors):
            lowering.report(problem)
    except SpecError as error:  # a library file that cannot be read: our bug, reported as a finding with its place
        lowering.diagnostics.extend(error.diagnostics)
    except RecursionError:
        # MAX_CALL_DEPTH counts calls of blocks alone; the structure and slots between them use Python's stack, too.
        message = "blocks are nested too deeply"
        with suppress(TooManyErrors):
            lowering.report(LoweringError("GRF002", message, spec.document.span, "end the recursion with a `when`"))
    # Lowering follows the calls; readers follow the text.
    found = add_definition_causes(spec, sorted(lowering.diagnostics, key=lambda d: d.span), cache)
    return LoweringResult(graph, tuple(found), lowering.limits.layers + lowering.limits.iterations)
