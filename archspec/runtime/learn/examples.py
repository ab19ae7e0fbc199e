"""What a learning check trains on: examples with their targets, those held out, and the metric that counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch

from archspec.ir.types import ValueType


@dataclass(frozen=True, slots=True)
class ExampleSet:
    """Examples and the class that is right for each, or for each pixel or position of each."""

    inputs: torch.Tensor
    targets: torch.Tensor

    def __len__(self) -> int:
        return len(self.inputs)

    def take(self, chosen: torch.Tensor) -> ExampleSet:
        """Some of them, by their numbers."""
        return ExampleSet(self.inputs[chosen], self.targets[chosen])

    def spread(self, count: int) -> ExampleSet:
        """So many of them, evenly from first to last; all where there are no more."""
        if count >= len(self):
            return self
        return self.take(torch.arange(count) * len(self) // count)


@dataclass(frozen=True, slots=True)
class Examples:
    """Data for one design. `prepare` makes what the design takes of the inputs of a ExampleSet."""

    train: ExampleSet
    held_out: ExampleSet
    metric: str
    baseline: float
    baseline_is: str
    prepare: Callable[[torch.Tensor], torch.Tensor]


def examples_of(data: str, given: ValueType) -> Examples:
    """The data of that name for a design with such an input, which fits (see `fitting`)."""
    shape = tuple(int(size) for size in given.shape if isinstance(size, int))
    if data == "digits":
        from archspec.runtime.learn.digits import digits

        return digits(shape)
    if data == "shapes":
        from archspec.runtime.learn.shapes import shapes

        return shapes(shape)
    from archspec.runtime.learn.text import text

    return text(shape[0])


def as_they_are(inputs: torch.Tensor) -> torch.Tensor:
    """What a design takes, where that is what the data has."""
    return inputs
