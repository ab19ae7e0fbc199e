"""Resolve the paths of blocks to open in a picture."""

from __future__ import annotations

from collections.abc import Iterable

from archspec.diagnostics import nearest
from archspec.errors import OpenPathError
from archspec.ir.graph import Graph
from archspec.views.groups import openable


def resolve_open_paths(graph: Graph, paths: Iterable[str]) -> frozenset[str]:
    """Return the paths with those of the blocks around them, which must be open, too; raises OpenPathError."""
    requested = (paths,) if isinstance(paths, str) else tuple(paths)
    if not requested:
        return frozenset()
    known = tuple(dict.fromkeys(openable(graph)))
    ops = {placed.path for placed in graph.nodes()}
    for path in requested:
        if path not in known:
            raise OpenPathError(_explain_unknown(path, path in ops, known))
    sections = {section.name for section in graph.sections}
    around = (path for path in known if path not in sections and any(one.startswith(f"{path}.") for one in requested))
    return frozenset((*requested, *around))


def _explain_unknown(path: str, is_op: bool, known: tuple[str, ...]) -> str:
    if is_op:
        return f"{path!r} is one op, so there is nothing in it to open"
    near = nearest(path, known, count=3) or known[:5]
    return f"nothing is called {path!r}; what can be opened is, among others, {', '.join(near)}"
