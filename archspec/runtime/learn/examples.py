"""The data of a learning check: examples with targets to train on and held out, and their metric."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch

from archspec.ir.types import ValueType


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


def examples_of(data: str, input_type: ValueType) -> Examples:
    """Return the data of that name for a design with such an input, which it fits (task_match.py)."""
    shape = tuple(int(size) for size in input_type.shape if isinstance(size, int))
    if data == "digits":
        from archspec.runtime.learn.digits import digits

        return digits(shape)
    if data == "shapes":
        from archspec.runtime.learn.shapes import shapes

        return shapes(shape)
    from archspec.runtime.learn.text import text

    return text(shape[0])


def unchanged(inputs: torch.Tensor) -> torch.Tensor:
    """Return the inputs as they are: the `prepare` of data that a design takes directly."""
    return inputs
