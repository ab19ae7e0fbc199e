"""The defaults of a predicted training step: those of the command line, of Python and of the explorer."""

from __future__ import annotations

from typing import Final

BATCH: Final = 32
OPTIMIZER: Final = "momentum"
