"""What the public functions accept as a design, and the one place where it becomes a Spec or a Graph."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, TypeAlias

from archspec.ir.graph import Graph
from archspec.language.load import Spec, load
from archspec.lowering import lower
from archspec.lowering.cache import LoweringCache

Design: TypeAlias = str | os.PathLike[str] | Spec | Graph
"""A gallery name (`resnet`, `resnet50`, `resnet:resnet50`) or a path, a Spec, or a Graph."""


def to_graph(
    design: Design,
    variant: str | None = None,
    params: Mapping[str, Any] | None = None,
    cache: LoweringCache | None = None,
) -> Graph:
    """Return the Graph of a design: a name or path is loaded and lowered, a Spec is lowered, a Graph is returned.

    Calls with the same cache share lowered bodies.

    Raises SpecError for a spec that is wrong, TypeError for `variant` or `params` of a Spec or Graph.
    """
    if isinstance(design, Graph):
        _refuse_choices(variant, params)
        return design
    return lower(to_spec(design, variant, params), cache)


def to_spec(design: Design, variant: str | None = None, params: Mapping[str, Any] | None = None) -> Spec:
    """Return the Spec of a design; raises TypeError for a Graph, which no longer has the text that it came from."""
    if isinstance(design, str | os.PathLike):
        return load(design, variant, **(params or {}))
    if isinstance(design, Graph):
        raise TypeError("this needs a path, a gallery name or a Spec; a Graph no longer has its spec")
    if not isinstance(design, Spec):
        raise TypeError(f"a design is a path, a gallery name, a Spec or a Graph, not {type(design).__name__}")
    _refuse_choices(variant, params)
    return design


def _refuse_choices(variant: str | None, params: Mapping[str, Any] | None) -> None:
    # Ignored, they would leave the caller with another network than the one that was named.
    if variant is not None or params:
        raise TypeError("variant and params belong to a path or name; a Spec or Graph has them already")
