"""Which blocks are to be divided further in a picture, by their paths."""

from __future__ import annotations

from collections.abc import Iterable

from archspec.diagnostics import nearest
from archspec.errors import OpenPathError
from archspec.ir.graph import Graph
from archspec.views.groups import openable


def opened_in(graph: Graph, paths: Iterable[str]) -> frozenset[str]:
    """The paths with the blocks around them, which must be open for them to be seen; raises OpenPathError."""
    asked = (paths,) if isinstance(paths, str) else tuple(paths)
    if not asked:
        return frozenset()
    known = tuple(dict.fromkeys(openable(graph)))
    ops = {placed.path for placed in graph.nodes()}
    for path in asked:
        if path not in known:
            raise OpenPathError(_refused(path, path in ops, known))
    sections = {section.name for section in graph.sections}
    around = (path for path in known if path not in sections and any(one.startswith(f"{path}.") for one in asked))
    return frozenset((*asked, *around))


def _refused(path: str, is_op: bool, known: tuple[str, ...]) -> str:
    if is_op:
        return f"{path!r} is one op, so there is nothing in it to open"
    near = nearest(path, known, count=3) or known[:5]
    return f"nothing is called {path!r}; what can be opened is, among others, {', '.join(near)}"
