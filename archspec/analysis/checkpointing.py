"""Activation checkpointing: which blocks recompute their activations in the backward pass, by patterns of paths."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

Checkpoint = bool | str | tuple[str, ...] | list[str]


def checkpoint_patterns(checkpoint: Checkpoint) -> tuple[str, ...]:
    """Return the patterns of a `checkpoint` argument; True is all outermost blocks."""
    if isinstance(checkpoint, bool):
        return ("*",) if checkpoint else ()
    return (checkpoint,) if isinstance(checkpoint, str) else tuple(checkpoint)


def matches_pattern(path: str, pattern: str) -> bool:
    """Return whether a pattern matches a path: `layer3.*`, `layer3.0`, or `layer3` for everything in it."""
    return fnmatchcase(path, pattern) or path.startswith(f"{pattern}.")


def check_patterns_match(patterns: Iterable[str], matched: set[str], blocks: Iterable[str]) -> None:
    """Raise ValueError for a pattern that matches no block, which is a slip."""
    for pattern in patterns:
        # A design without blocks has nothing to recompute: `checkpoint=True` is no slip there.
        if pattern not in matched and pattern != "*":
            known = ", ".join(path for path in blocks if path) or "none"
            raise ValueError(f"checkpoint={pattern!r} matches no block; the blocks are {known}")
