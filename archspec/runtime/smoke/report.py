"""The result of a smoke run, as data."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from archspec.diagnostics import Span

SEARCH = ("tries", "predicted_batch")  # fields of a search for the largest batch
NO_GRADIENT = "no_gradient"
OUT_OF_MEMORY = ("out_of_memory", "killed")  # the system kills a process mostly because it takes too much memory


@dataclass(frozen=True, slots=True)
class Try:
    """One batch of a search for the largest that fits."""

    batch: int
    ok: bool
    peak_bytes: int | None
    error_kind: str | None


@dataclass(frozen=True, slots=True)
class SmokeReport:
    """One smoke run; what was not reached is None. It is true if the run was fine.

    error_kind: device, out_of_memory, killed, crash, timeout, interrupted, cancelled, failed, output, not_finite,
    no_gradient (it ran to its end, but some parameters learn nothing); where it was: `stage`, and the path of the
    `layer` with its place in the text (`span`).

    without_gradient: the parameters that got none; `without_gradient_spans`: the places of their layers.

    device_bytes: what a GPU had free before the run. predicted_batch: the largest that fits by prediction.
    """

    name: str
    variant: str
    ok: bool
    device: str
    device_name: str | None
    dtype: str
    batch: int
    optimizer: str
    steps: int
    compile: bool
    channels_last: bool
    seed: int
    forward_ms: float | None = None
    step_ms: float | None = None
    samples_per_second: float | None = None
    peak_bytes: int | None = None
    peak_measured: str | None = None
    predicted_peak_bytes: int | None = None
    device_bytes: int | None = None
    loss: float | None = None
    finite: bool | None = None
    without_gradient: tuple[str, ...] | None = None
    without_gradient_spans: tuple[Span | None, ...] = ()
    outputs: dict[str, dict[str, Any]] | None = None
    train_eval_difference: float | None = None
    deterministic: bool | None = None
    error: str | None = None
    error_kind: str | None = None
    stage: str | None = None
    layer: str | None = None
    span: Span | None = None
    tries: tuple[Try, ...] = ()
    predicted_batch: int | None = None

    def __bool__(self) -> bool:
        return self.ok

    @property
    def completed(self) -> bool:
        """Whether it ran to its end with finite numbers: all that a search for the largest batch needs."""
        return self.ok or self.error_kind == NO_GRADIENT

    @property
    def largest_batch(self) -> int | None:
        """The largest batch that was tried and fitted; None without a search, or if none fits."""
        return max((tried.batch for tried in self.tries if tried.ok), default=None)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain data: `span` as file, line and column, the fields of a search only after one."""
        spans = ("span", "without_gradient_spans")
        plain = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in (*spans, *SEARCH)}
        plain["without_gradient"] = None if self.without_gradient is None else list(self.without_gradient)
        plain["without_gradient_places"] = [None if span is None else str(span) for span in self.without_gradient_spans]
        for name in ("file", "line", "column"):
            plain[name] = getattr(self.span, name) if self.span is not None else None
        if self.tries:
            plain["largest_batch"], plain["predicted_batch"] = self.largest_batch, self.predicted_batch
            plain["tries"] = [{f.name: getattr(tried, f.name) for f in fields(tried)} for tried in self.tries]
        return plain
