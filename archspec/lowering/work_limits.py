"""The limits on the work of one run of lowering, which all the networks that a document holds share."""

from __future__ import annotations

from msgspec import Struct

from archspec.diagnostics import Span
from archspec.lowering.cache import NO_WORK, LoweringWork
from archspec.lowering.errors import LimitExceeded
from archspec.source.limits import LAYERS

MAX_ITERATIONS = 2 * LAYERS
MAX_FAILURES = 5_000  # layers that cannot be lowered: each costs more than one that can
MAX_EXPRESSION_COST = 8_000_000


class WorkLimits(Struct):
    """The work counted so far; the methods that count raise LimitExceeded."""

    layers: int = 0
    iterations: int = 0
    failures: int = 0
    expressions: int = 0
    inner: LoweringWork = NO_WORK  # the part of `work` that calls counted

    @property
    def work(self) -> LoweringWork:
        """The work counted so far."""
        return LoweringWork(self.layers, self.iterations, self.expressions)

    def count_step(self, span: Span, weight: int = 1) -> None:
        """Count a layer against the limit."""
        self.layers += weight
        if self.layers > LAYERS:
            message = f"the network has more than {LAYERS:,} layers"
            raise LimitExceeded("LIM006", message, span, "lower a repeat; a block without layers counts as one")

    def count_failure(self, span: Span) -> None:
        """Count a layer that could not be lowered."""
        self.failures += 1
        if self.failures > MAX_FAILURES:
            message = f"more than {MAX_FAILURES:,} layers fail, repeats among them"
            raise LimitExceeded("LIM006", message, span, "fix the first, or lower a repeat")

    def count_iteration(self, span: Span, weight: int = 1) -> None:
        """Count a turn of a repeat, or a block or network that is lowered, which cost time even without a layer."""
        self.iterations += weight
        if self.iterations > MAX_ITERATIONS:
            message = f"the repeats turn more than {MAX_ITERATIONS:,} times, or blocks differ at every use"
            raise LimitExceeded("LIM006", message, span, "lower a repeat")

    def count_body(self, span: Span, work: LoweringWork) -> None:
        """Count what a body that is taken over would cost if it were lowered here, so that limits stay the same."""
        self.count_step(span, work.layers)
        if work.iterations:
            self.count_iteration(span, work.iterations)
        if work.expressions:
            self.count_expression(span, work.expressions)
        self.inner += work

    def count_expression(self, span: Span, cost: int) -> None:
        """Count what an expression costs, in elements of lists and characters."""
        self.expressions += cost
        if self.expressions > MAX_EXPRESSION_COST:
            hint = "give what is computed again and again a name with `let`"
            raise LimitExceeded("LIM009", "the expressions on long lists are too much work together", span, hint)
