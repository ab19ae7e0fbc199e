"""A request for gradient flow, validated before torch is imported."""

from __future__ import annotations

from dataclasses import dataclass

from archspec.runtime.smoke.request import SmokeRequest

INITS = ("default", "he", "xavier", "torch")
MOST_STEPS = 100_000


@dataclass(frozen=True, slots=True)
class FlowRequest:
    """One measurement. `init`: the design's own initialisation (default), or one for all layers that are measured."""

    without_shortcuts: bool = False
    steps: int = 0
    init: str = "default"
    seed: int = 0
    batch: int = 16
    device: str = "cpu"
    learning_rate: float = 0.01

    def __post_init__(self) -> None:
        """Raise ValueError for a value that cannot be run."""
        self.as_smoke()
        if self.init not in INITS:
            raise ValueError(f"init is one of {', '.join(INITS)}, not {self.init!r}")
        if not 0 <= self.steps <= MOST_STEPS:
            raise ValueError(f"steps is a number from 0 to {MOST_STEPS:,}, not {self.steps}")
        if not 0 < self.learning_rate < float("inf"):
            raise ValueError(f"learning_rate is a number above 0, not {self.learning_rate:g}")

    def as_smoke(self) -> SmokeRequest:
        """Return the request for the smoke run whose model and samples are measured."""
        return SmokeRequest(device=self.device, batch=self.batch, seed=self.seed)
