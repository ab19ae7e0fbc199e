"""The protocol of all requests for a run, and the checks of their common arguments."""

from __future__ import annotations

import re
from typing import ClassVar, Protocol

OPTIMIZERS = ("sgd", "adamw")
MOST_BATCH = 2**20
_DEVICE = re.compile(r"auto|cpu|mps|cuda(:\d{1,3})?")


class RunRequest(Protocol):
    """A request of any kind, as the worker and its client see it. `work` is the `module:class` that carries it out."""

    work: ClassVar[str]

    @property
    def timeout(self) -> float: ...


def check_device(name: str) -> None:
    """Raise ValueError for a name that no device can have."""
    if not _DEVICE.fullmatch(name):
        raise ValueError(f"there is no device {name!r}: use auto, cpu, cuda, cuda:1 (any number) or mps")


def check_choice(name: str, value: str, known: tuple[str, ...]) -> None:
    """Raise ValueError for a value that is not among the known ones."""
    if value not in known:
        raise ValueError(f"{name} is one of {', '.join(known)}, not {value!r}")
