"""One piece of long work: what it is, how far it is, and what came of it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Literal

State = Literal["waiting", "running", "done", "failed", "cancelled", "late"]
Work = Callable[["Control"], Any]


@dataclass(frozen=True, slots=True)
class Control:
    """What running work is given: to say how far it is (`tell`), and to ask whether it is to `stop`."""

    tell: Callable[[str, str], None]
    stop: Callable[[], bool]


@dataclass(eq=False)
class Job:
    """Work of one session. A page reads it while a thread of the runner changes it.

    `told` are its settings in words, for the history; `design` names what it was done with. `limit` is in seconds.
    """

    session: str
    kind: str
    design: str
    told: dict[str, str]
    limit: float
    grace: float = 0.0  # seconds beyond the limit, for work that keeps to it by itself
    text: str = ""  # of the design, as it was when this was asked for
    number: int = 0  # within its session, from 1
    state: State = "waiting"
    stage: str = ""
    layer: str = ""
    result: Any = None
    error: str = ""
    began: float | None = None
    ended: float | None = None
    _cancelled: threading.Event = field(default_factory=threading.Event, repr=False)

    @property
    def is_active(self) -> bool:
        """Whether it waits or runs."""
        return self.state in ("waiting", "running")

    @property
    def is_cancelled(self) -> bool:
        """Whether somebody has asked for its end."""
        return self._cancelled.is_set()

    @property
    def seconds(self) -> float:
        """How long it has been running, or has run."""
        if self.began is None:
            return 0.0
        return (monotonic() if self.ended is None else self.ended) - self.began

    @property
    def is_late(self) -> bool:
        """Whether its time is up."""
        return self.seconds > self.limit + self.grace

    def cancel(self) -> None:
        """Ask for its end."""
        self._cancelled.set()

    def tell(self, stage: str, layer: str) -> None:
        """Remember what it is doing."""
        self.stage, self.layer = stage, layer

    def end(self, state: State, result: Any = None, error: str = "") -> None:
        """Remember what came of it."""
        self.result, self.error, self.ended = result, error, monotonic()
        self.state = state
