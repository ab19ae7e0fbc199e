"""The designs that tests share, each loaded and lowered once in a process: Specs and Graphs are immutable.

A test about loading, lowering or a cache does both itself.
"""

from __future__ import annotations

from collections.abc import Hashable
from functools import cache

import archspec


@cache
def spec(name: str, variant: str | None = None, **parameters: Hashable) -> archspec.Spec:
    """Return a spec of the gallery; pass a list parameter as a tuple, which is hashable."""
    values = {key: list(value) if isinstance(value, tuple) else value for key, value in parameters.items()}
    return archspec.load(name, variant, **values)


@cache
def graph(name: str, variant: str | None = None, **parameters: Hashable) -> archspec.Graph:
    """Return the Graph of a spec of the gallery."""
    return archspec.lower(spec(name, variant, **parameters))


@cache
def graph_of(text: str, file: str = "net.yaml") -> archspec.Graph:
    """Return the Graph of a spec's text."""
    return archspec.lower(archspec.loads(text, file=file))
