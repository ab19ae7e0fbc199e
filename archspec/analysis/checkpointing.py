"""Which blocks compute their activations again in the backward pass: patterns of paths."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

Checkpoint = bool | str | tuple[str, ...] | list[str]


def checkpoint_patterns(checkpoint: Checkpoint) -> tuple[str, ...]:
    """True for all outermost blocks, or patterns of their paths."""
    if isinstance(checkpoint, bool):
        return ("*",) if checkpoint else ()
    return (checkpoint,) if isinstance(checkpoint, str) else tuple(checkpoint)


def matches_pattern(path: str, pattern: str) -> bool:
    """`layer3.*`, `layer3.0`, or `layer3` for all that is in it."""
    return fnmatchcase(path, pattern) or path.startswith(f"{pattern}.")


def check_patterns_match(patterns: Iterable[str], matched: set[str], blocks: Iterable[str]) -> None:
    """A pattern that no block's path matches is a slip, not a wish."""
    for pattern in patterns:
        if pattern not in matched and pattern != "*":
            known = ", ".join(path for path in blocks if path) or "none"
            raise ValueError(f"checkpoint={pattern!r} matches no block; the blocks are {known}")
