"""Explain definitions that use one another in the wrong order or in a cycle."""

from __future__ import annotations

from collections.abc import Mapping

from archspec.language.free_names import free_names
from archspec.lowering.errors import LoweringError
from archspec.source import Tree

MAX_VISITED = 100


def explain_definition_order(problem: LoweringError, name: str, trees: Mapping[str, Tree]) -> LoweringError:
    """Return an error about a definition, reworded where its cause is a circle or a wrong order of definitions.

    `trees` holds the definitions of one place (parameters, then lets) in their order.
    """
    # A definition sees only those before it, so that a later one appears as an unknown name.
    if problem.code != "SPC005" or name not in trees:
        return problem
    mentioned, order = free_names(trees[name]), list(trees)
    later = [other for other in order[order.index(name) :] if other in mentioned]
    if not later:
        return problem
    way = _circle(name, trees)
    if way is not None:
        message = f"{name} is defined by itself" if len(way) == 1 else ", which uses ".join((*way, name))
        message = message.replace(", which uses ", " uses ", 1)
        return LoweringError("GRF002", message, problem.span, "a definition may use only those before it")
    message = f"{name} uses {later[0]}, which is defined after it"
    return LoweringError("SPC005", message, problem.span, f"move {later[0]} up, before {name}")


def _circle(name: str, trees: Mapping[str, Tree]) -> tuple[str, ...] | None:
    """Return a shortest cycle from a definition through others back to itself; None if MAX_VISITED find none."""
    # Breadth first: the first cycle found is a shortest, and is the message's text.
    ways: list[tuple[str, ...]] = [(name,)]
    seen: set[str] = set()
    while ways and len(seen) <= MAX_VISITED:
        way = ways.pop(0)
        mentioned = free_names(trees[way[-1]])
        if name in mentioned:
            return way
        fresh = sorted(other for other in mentioned - seen if other in trees)
        seen.update(fresh)
        ways.extend((*way, other) for other in fresh)
    return None
