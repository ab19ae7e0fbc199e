"""The data of a learning check: examples with targets to train on and held out, and their metric."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch


@dataclass(frozen=True, slots=True)
class ExampleSet:
    """Examples with the right class of each, or of each of its pixels or positions."""

    inputs: torch.Tensor
    targets: torch.Tensor

    def __len__(self) -> int:
        return len(self.inputs)

    def take(self, indices: torch.Tensor) -> ExampleSet:
        """Return those with these indices."""
        return ExampleSet(self.inputs[indices], self.targets[indices])

    def spread(self, count: int) -> ExampleSet:
        """Return `count` of them, evenly from first to last; all if there are no more."""
        if count >= len(self):
            return self
        # Spread over all, since neighbours may be alike: stretches of a text overlap.
        return self.take(torch.arange(count) * len(self) // count)


@dataclass(frozen=True, slots=True)
class Examples:
    """Data for one design. `prepare` turns the inputs of an ExampleSet into those of the design."""

    train: ExampleSet
    held_out: ExampleSet
    metric: str
    baseline: float
    baseline_is: str
    prepare: Callable[[torch.Tensor], torch.Tensor]


def unchanged(inputs: torch.Tensor) -> torch.Tensor:
    """Return the inputs as they are: the `prepare` of data that a design takes directly."""
    return inputs
