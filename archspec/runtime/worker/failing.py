"""How work in a process of its own tells what it finds out, and that it went wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Say = Callable[[dict[str, Any]], None]


class Failed(Exception):
    """The design runs, but not as it should: the message says how, `kind` and `layer` what and where."""

    def __init__(self, kind: str, message: str, layer: str = "") -> None:
        super().__init__(message)
        self.kind, self.layer = kind, layer
