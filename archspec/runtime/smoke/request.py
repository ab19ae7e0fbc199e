"""A request for a smoke run, validated before a process is started."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from archspec.runtime.request import MOST_BATCH, OPTIMIZERS, check_choice, check_device

DTYPES = ("float32", "bfloat16", "float16")
_SIZE = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)\s*([kmgt]?)(i?)b?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SmokeRequest:
    """One smoke run. `again` runs the first step a second time from the same seed; `memory_limit` is in bytes.

    work: `module:class` of the worker's class that carries out requests of this kind.
    """

    work: ClassVar[str] = "archspec.runtime.smoke.smoke_worker:SmokeWorker"

    device: str = "auto"
    batch: int = 8
    dtype: str = "float32"
    steps: int = 5
    optimizer: str = "sgd"
    compile: bool = False
    channels_last: bool = False
    seed: int = 0
    timeout: float = 300.0
    memory_limit: int | None = None
    again: bool = True

    def __post_init__(self) -> None:
        """Raise ValueError for a value that cannot be run."""
        check_device(self.device)
        check_choice("dtype", self.dtype, DTYPES)
        check_choice("optimizer", self.optimizer, OPTIMIZERS)
        if not 1 <= self.batch <= MOST_BATCH:
            raise ValueError(f"batch is a number from 1 to {MOST_BATCH:,}, not {self.batch}")
        if self.steps < 1:
            raise ValueError(f"steps is a number of at least 1, not {self.steps}")
        if not 0 < self.timeout < float("inf"):
            raise ValueError(f"timeout is a number of seconds above 0, not {self.timeout:g}")
        if not 0 <= self.seed < 2**63:
            raise ValueError(f"seed is a number from 0 to 2**63 - 1, not {self.seed}")
        if self.memory_limit is not None and self.memory_limit < 1:
            raise ValueError(f"memory_limit is a number of bytes above 0, not {self.memory_limit}")


def bytes_of(text: str) -> int:
    """Return a size such as 2GB (powers of 1000), 512MiB (of 1024) or 1000000 in bytes; raises ValueError."""
    found = _SIZE.fullmatch(text.strip())
    if found is None or (found[3] and not found[2]):
        raise ValueError(f"a size is a number of bytes such as 2GB, 512MiB or 1000000, not {text!r}")
    return int(float(found[1]) * (1024 if found[3] else 1000) ** " kmgt".index(found[2].lower() or " "))
