"""Steps that came here and went there, and are the same: they have moved, perhaps into a block or out of one."""

from __future__ import annotations

from archspec.comparison.difference import Move
from archspec.comparison.identity import Identities
from archspec.comparison.parts import Loose, place
from archspec.ir.graph import Call

Match = tuple[Loose, Loose]


def moved(
    removed: list[Loose], added: list[Loose], identities: Identities
) -> tuple[list[Move], list[Loose], list[Loose]]:
    """The moves, and what remains removed and added; two parts are the same if they are exactly."""
    matches, removed, added = _matched(removed, added, identities)
    for opened in (0, 1):  # what a block was opened for lies at the top of the other side
        sides = (removed, added)
        opening = _opened(sides[opened], sides[1 - opened], identities)
        more, removed, added = _matched(*((opening, added) if opened == 0 else (removed, opening)), identities)
        matches.extend(more)
    moves = [
        Move((one.path, other.path), other.step.kind, (place(one.step.origin.span), place(other.step.origin.span)))
        for one, other in matches
    ]
    return moves, removed, added


def _matched(
    removed: list[Loose], added: list[Loose], identities: Identities
) -> tuple[list[Match], list[Loose], list[Loose]]:
    """Pairs of the same, first those that have kept the last part of their name, in order."""
    matches: list[Match] = []
    for by_name in (True, False):
        free: dict[tuple[int, str], list[Loose]] = {}
        for loose in reversed(added):
            free.setdefault(_key(loose, by_name, identities), []).append(loose)
        left = []
        for loose in removed:
            same = free.get(_key(loose, by_name, identities))
            if same:
                matches.append((loose, same.pop()))
            else:
                left.append(loose)
        taken = {id(other) for _, other in matches}
        removed, added = left, [loose for loose in added if id(loose) not in taken]
    return matches, removed, added


def _opened(loose: list[Loose], others: list[Loose], identities: Identities) -> list[Loose]:
    """The list with a block's steps in its place where a named one of them is the same as one of the other side."""
    wanted = {_key(other, True, identities) for other in others}
    found: list[Loose] = []
    for item in loose:
        children = item.children()
        named = [child for child in children if not child.path[-1:].isdigit()]
        if any(_key(child, True, identities) in wanted for child in named):
            found.extend(children)
        else:
            found.append(item)
    return found


def _key(loose: Loose, by_name: bool, identities: Identities) -> tuple[int, str]:
    """What two parts have in common that are the same; a block must also be one."""
    name = loose.path.rpartition(".")[2] if by_name else "call" if isinstance(loose.step, Call) else ""
    return identities.exact(loose.body, loose.step), name
