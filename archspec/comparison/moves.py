"""Find moves: a step that was removed at one path and added, unchanged, at another, perhaps inside a block."""

from __future__ import annotations

from archspec.comparison.step_numbering import StepNumbering
from archspec.comparison.unmatched_steps import UnmatchedStep
from archspec.ir.graph import Call

StepPair = tuple[UnmatchedStep, UnmatchedStep]


def find_moves(
    removed: list[UnmatchedStep], added: list[UnmatchedStep], numbering: StepNumbering
) -> tuple[list[StepPair], list[UnmatchedStep], list[UnmatchedStep]]:
    """Return the steps that moved, before and after, and those that remain removed and added.

    A moved step has the same structure and shapes.
    """
    pairs, removed, added = _match_equal(removed, added, numbering)
    # Layers that were wrapped into a block, or unwrapped, match the steps inside it: expand such blocks on one side,
    # then on the other, and match again.
    expanded = _expand_calls(removed, added, numbering)
    more, removed, added = _match_equal(expanded, added, numbering)
    pairs.extend(more)
    expanded = _expand_calls(added, removed, numbering)
    more, removed, added = _match_equal(removed, expanded, numbering)
    pairs.extend(more)
    return pairs, removed, added


def _match_equal(
    removed: list[UnmatchedStep], added: list[UnmatchedStep], numbering: StepNumbering
) -> tuple[list[StepPair], list[UnmatchedStep], list[UnmatchedStep]]:
    """Pair equal steps in order, first those whose path ends in the same name; return also what remains."""
    pairs: list[StepPair] = []
    for by_name in (True, False):
        free: dict[tuple[int, str], list[UnmatchedStep]] = {}
        for step in reversed(added):
            free.setdefault(_key(step, by_name, numbering), []).append(step)
        left = []
        for step in removed:
            equal = free.get(_key(step, by_name, numbering))
            if equal:
                pairs.append((step, equal.pop()))
            else:
                left.append(step)
        matched = {id(other) for _, other in pairs}
        removed, added = left, [step for step in added if id(step) not in matched]
    return pairs, removed, added


def _expand_calls(
    steps: list[UnmatchedStep], others: list[UnmatchedStep], numbering: StepNumbering
) -> list[UnmatchedStep]:
    """Replace each block by its steps if one of these, which must have a name, equals a step of the other side."""
    wanted = {_key(other, True, numbering) for other in others}
    found: list[UnmatchedStep] = []
    for step in steps:
        children = step.children()
        # A position is no evidence: most sequences have a step 0.
        named = [child for child in children if not child.path[-1:].isdigit()]
        if any(_key(child, True, numbering) in wanted for child in named):
            found.extend(children)
        else:
            found.append(step)
    return found


def _key(step: UnmatchedStep, by_name: bool, numbering: StepNumbering) -> tuple[int, str]:
    """Return a key that equal steps have in common. Without names, a block still only equals a block, never an op."""
    name = step.path.rpartition(".")[2] if by_name else "call" if isinstance(step.step, Call) else ""
    return numbering.of_exact(step.body, step.step), name
