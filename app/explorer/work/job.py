"""A job: its settings, its progress and its result."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Literal

JobState = Literal["waiting", "running", "done", "failed", "cancelled", "late"]
JobFunction = Callable[["Control"], Any]


@dataclass(frozen=True, slots=True)
class Control:
    """The argument of a job's function: `on_progress` takes the stage and layer, `stop` returns whether to end."""

    on_progress: Callable[[str, str], None]
    stop: Callable[[], bool]


@dataclass(eq=False)
class Job:
    """A job of one session. A page reads it while a thread of the runner changes it.

    `settings` are shown in the history, `design` names the design as it was; `limit` is in seconds.
    """

    session: str
    kind: str
    design: str
    settings: dict[str, str]
    limit: float
    grace: float = 0.0  # seconds beyond the limit, for a function that enforces the limit itself
    text: str = ""  # of the design, as it was when the job was submitted
    number: int = 0  # within its session, from 1
    state: JobState = "waiting"
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
        """Whether its end was requested."""
        return self._cancelled.is_set()

    @property
    def seconds(self) -> float:
        """The seconds for which it has been running, or has run."""
        if self.began is None:
            return 0.0
        return (monotonic() if self.ended is None else self.ended) - self.began

    @property
    def is_late(self) -> bool:
        """Whether its time is up."""
        return self.seconds > self.limit + self.grace

    def cancel(self) -> None:
        """Request its end."""
        self._cancelled.set()

    def set_progress(self, stage: str, layer: str) -> None:
        """Record the stage and layer that it is at."""
        self.stage, self.layer = stage, layer

    def end(self, state: JobState, result: Any = None, error: str = "") -> None:
        """Record the result, which pages see once the state changes."""
        self.result, self.error, self.ended = result, error, monotonic()
        # Last: to a page, which is another thread, the state is the sign that the rest is there.
        self.state = state
