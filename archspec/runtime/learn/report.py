"""The result of a learning check, as data."""

from __future__ import annotations

from dataclasses import dataclass, fields
from math import fsum
from typing import Any

from archspec.diagnostics import Span

LOWER_IS_BETTER = ("bits per character",)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The metric on the data held out, after `step` steps."""

    step: int
    value: float


@dataclass(frozen=True, slots=True)
class LearnReport:
    """One learning check; what was not reached is None. It is true if the design has learned.

    ok: it got to its end. `losses` has the loss of every step; `value` is the metric on the data held out after the
    last one, `trained_value` that on as many of the examples trained on. `baseline` is what `baseline_is` reaches.
    error_kind: device, out_of_memory, killed, crash, timeout, interrupted, cancelled, failed, not_finite,
    looks_ahead.
    """

    name: str
    variant: str
    data: str
    ok: bool
    device: str
    device_name: str | None
    batch: int
    steps: int
    optimizer: str
    learning_rate: float
    seed: int
    parameters: int | None = None
    examples: int | None = None
    held_out: int | None = None
    losses: tuple[float, ...] = ()
    metric: str | None = None
    evaluations: tuple[Evaluation, ...] = ()
    trained_value: float | None = None
    baseline: float | None = None
    baseline_is: str | None = None
    seconds: float | None = None
    error: str | None = None
    error_kind: str | None = None
    stage: str | None = None
    layer: str | None = None
    span: Span | None = None

    def __bool__(self) -> bool:
        return self.learned

    @property
    def value(self) -> float | None:
        """The metric on the data held out, after the last step; None for a check that did not reach it."""
        return self.evaluations[-1].value if self.ok and self.evaluations else None

    @property
    def learned(self) -> bool:
        """Whether the check was completed and the design beats the baseline on the data held out."""
        if self.value is None or self.baseline is None:
            return False
        return self.value < self.baseline if self.metric in LOWER_IS_BETTER else self.value > self.baseline

    @property
    def loss(self) -> float | None:
        """The mean loss of the last tenth of the steps."""
        last = self.losses[-max(1, len(self.losses) // 10) :]
        return fsum(last) / len(last) if last else None

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain data: `span` as file, line and column."""
        plain: dict[str, Any] = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "span"}
        plain.update(learned=self.learned, value=self.value, loss=self.loss, losses=list(self.losses))
        plain["evaluations"] = [{"step": e.step, "value": e.value} for e in self.evaluations]
        for name in ("file", "line", "column"):
            plain[name] = getattr(self.span, name) if self.span is not None else None
        return plain
