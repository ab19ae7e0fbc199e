"""A request for a learning check, validated before a process is started."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from archspec.runtime.request import MOST_BATCH, OPTIMIZERS, check_choice, check_device

DATA = ("digits", "shapes", "text")
STEPS: Mapping[str, int] = {"digits": 200, "shapes": 200, "text": 400}
LEARNING_RATES: Mapping[str, float] = {"sgd": 0.05, "adamw": 0.003}
MOST_STEPS = 1_000_000


@dataclass(frozen=True, slots=True)
class LearnRequest:
    """One check. `steps` and `learning_rate` of None are the defaults of the data and of the optimizer."""

    work: ClassVar[str] = "archspec.runtime.learn.learn_worker:LearnWorker"

    data: str
    steps: int | None = None
    batch: int = 32
    learning_rate: float | None = None
    optimizer: str = "adamw"
    seed: int = 0
    device: str = "auto"
    timeout: float = 600.0

    def __post_init__(self) -> None:
        """Raise ValueError for a value that cannot be run."""
        check_choice("data", self.data, DATA)
        check_choice("optimizer", self.optimizer, OPTIMIZERS)
        check_device(self.device)
        if self.steps is not None and not 1 <= self.steps <= MOST_STEPS:
            raise ValueError(f"steps is a number from 1 to {MOST_STEPS:,}, not {self.steps}")
        if not 1 <= self.batch <= MOST_BATCH:
            raise ValueError(f"batch is a number from 1 to {MOST_BATCH:,}, not {self.batch}")
        if self.learning_rate is not None and not 0 < self.learning_rate < float("inf"):
            raise ValueError(f"learning_rate is a number above 0, not {self.learning_rate:g}")
        if not 0 < self.timeout < float("inf"):
            raise ValueError(f"timeout is a number of seconds above 0, not {self.timeout:g}")
        if not 0 <= self.seed < 2**63:
            raise ValueError(f"seed is a number from 0 to 2**63 - 1, not {self.seed}")

    @property
    def steps_taken(self) -> int:
        """The number of steps, the default of the data included."""
        return STEPS[self.data] if self.steps is None else self.steps

    @property
    def rate(self) -> float:
        """The learning rate, the default of the optimizer included."""
        return LEARNING_RATES[self.optimizer] if self.learning_rate is None else self.learning_rate
