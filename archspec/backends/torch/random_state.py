"""torch's default generators: seeded for one device and left as they were, those of other devices untouched."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def restored_generators(device: torch.device) -> Iterator[None]:
    """Restore the generators of the CPU and of a device at the end."""
    # Without `devices`, fork_rng saves the state of every GPU; of MPS it saves none.
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        state = torch.mps.get_rng_state() if device.type == "mps" else None
        try:
            yield
        finally:
            if state is not None:
                torch.mps.set_rng_state(state)


def seed_generators(seed: int, device: torch.device) -> None:
    """Seed the generators of the CPU and of a device; torch.manual_seed would seed those of all devices."""
    torch.default_generator.manual_seed(seed)
    if device.type == "cuda":
        with torch.cuda.device(device):
            torch.cuda.manual_seed(seed)
    elif device.type == "mps":
        torch.mps.manual_seed(seed)
