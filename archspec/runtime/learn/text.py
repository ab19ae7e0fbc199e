"""Characters of a text in the public domain (data/README.md), with a bigram baseline."""

from __future__ import annotations

from pathlib import Path

import torch

from archspec.runtime.learn.examples import Examples, ExampleSet, unchanged
from archspec.runtime.learn.task_match import CHARACTERS

BOOK = Path(__file__).parent / "data" / "alice.txt"
HELD_OUT = "CHAPTER VIII"  # from this chapter on
ADDED = 0.02  # to the count of each pair (additive smoothing): of 1, 0.1, 0.02 and 0.01 the best


def text(length: int) -> Examples:
    """Return stretches of `length` characters; the targets are the characters that follow."""
    trained, held_out = codes()
    baseline = bigram_bits(trained, held_out)
    about = "frequencies of pairs of characters (bigrams)"
    # Training may begin at any character; held-out stretches do not overlap, so that each character counts once.
    parts = (_stretches(trained, length, 1), _stretches(held_out, length, length))
    return Examples(*parts, "bits per character", baseline, about, unchanged)


def codes() -> tuple[torch.Tensor, torch.Tensor]:
    """Return the characters to train on and those held out, as ASCII codes."""
    written = BOOK.read_bytes()
    first = written.index(HELD_OUT.encode())
    numbers = torch.tensor(list(written), dtype=torch.int64)
    return numbers[:first], numbers[first:]


def bigram_bits(trained: torch.Tensor, held_out: torch.Tensor) -> float:
    """Return the bits per character of the held out text under the bigram frequencies of the other one."""
    counts = torch.full((CHARACTERS, CHARACTERS), ADDED, dtype=torch.float64)
    ones = torch.ones(len(trained) - 1, dtype=torch.float64)
    counts.index_put_((trained[:-1], trained[1:]), ones, accumulate=True)
    probabilities = counts / counts.sum(1, keepdim=True)
    return float(-probabilities[held_out[:-1], held_out[1:]].log2().mean())


def _stretches(numbers: torch.Tensor, length: int, step: int) -> ExampleSet:
    return ExampleSet(numbers[:-1].unfold(0, length, step), numbers[1:].unfold(0, length, step))
