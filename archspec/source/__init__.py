"""Text to tree: reads files and composes YAML 1.2 with every position kept, within fixed limits."""

from __future__ import annotations

from archspec.source.composer import compose
from archspec.source.reader import read
from archspec.source.tree import Mapping, Scalar, Sequence, Tree, describe, plain

__all__ = ["Mapping", "Scalar", "Sequence", "Tree", "compose", "describe", "plain", "read"]
