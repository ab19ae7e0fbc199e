"""What a difference says of every box of both networks: whether it came, went, has changed or has moved, in words."""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec import Struct, field

from archspec.comparison.difference import Change, Difference, Move, Part
from archspec.comparison.render_text import cost_words, said_words
from archspec.views.comparison.half import Half
from archspec.views.comparison.pairing import Pairs, counterparts, partners, unmoved
from archspec.views.model import ViewNode

_NUMBER = re.compile(r"\d+")


class Mark(Struct):
    """Of one box: what happened to it; `words` in order, each once."""

    kind: str = "same"  # or added, removed, changed
    moved: bool = False
    words: dict[str, None] = field(default_factory=dict)

    def say(self, words: str) -> None:
        """Mark the box as changed, unless it came or went as a whole, with these words."""
        self.change()
        self.words[words] = None

    def change(self) -> None:
        """Mark the box as changed, unless it came or went as a whole."""
        if self.kind == "same":
            self.kind = "changed"


class Marks:
    """The marks of both networks by the ids of their boxes; `pairs` are the boxes that are each other's counterpart."""

    def __init__(self, difference: Difference, before: Half, after: Half) -> None:
        self._difference, self._before, self._after = difference, before, after
        ops = counterparts(difference, before, after)
        self.pairs = partners(before, after, ops, difference)
        self._back = {other: one for one, other in self.pairs.items()}
        self._nodes = {node.id: node for half in (before, after) for node in half.view.nodes}
        self.of = {id_: Mark() for id_ in self._nodes}
        self._came_and_went(ops)
        for change in difference.changes:
            self._changed(change)
        self._ends()
        self._moved(unmoved(before, after, ops, difference))
        for one, other in self.pairs.items():  # both of a pair, so that they are seen as one
            if "changed" in (self.of[one].kind, self.of[other].kind):
                self.of[one].change()
                self.of[other].change()

    def _came_and_went(self, ops: Pairs) -> None:
        """What has no counterpart; boxes that only hold some of it have changed."""
        sides = (
            (self._before, set(ops), "removed", "−", self._difference.removed),
            (self._after, set(ops.values()), "added", "+", self._difference.added),
        )
        for half, known, kind, sign, parts in sides:
            for box, inside in half.ops.items():
                if known.isdisjoint(inside):
                    self.of[box].kind = kind
            for box, words in _partly(half, parts, sign):
                if self.of[box].kind in ("same", "changed"):
                    self.of[box].say(words)

    def _changed(self, change: Change) -> None:
        """A change inside a box is told there; one of a block that is several boxes at the first that differs."""
        touched: list[tuple[str, str, bool]] = []
        for paths in change.paths:
            for half, path in zip((self._before, self._after), paths, strict=True):
                boxes = half.boxes_of(path)
                if len(boxes) == 1:
                    touched.append((boxes[0], path, half is self._after))
                elif boxes:
                    self._spread(change, boxes, path, half is self._after)
        for box, path, is_after in touched:
            self.of[box].kind = "changed"  # also where all that is in it came or went
            if is_after:
                alone = all(box == other for other, _, after in touched if after)
                self.of[box].say(self._words(change, box, path) + _cost(change, alone))

    def _spread(self, change: Change, boxes: list[str], path: str, is_after: bool) -> None:
        """A change of a block that is several boxes."""
        differing = [box for box in boxes if self._differs(box, change.kind)]
        for box in differing:
            self.of[box].change()
        if is_after:
            words = f"{path}: {self._said(change)}{_cost(change, len(change.paths) == 1)}"
            self.of[(differing or boxes)[0]].say(words)

    def _differs(self, box: str, kind: str) -> bool:
        """Whether a box is not what its counterpart is; true of one without."""
        other = self.pairs.get(box) or self._back.get(box)
        return other is None or _figures(self._nodes[box], kind) != _figures(self._nodes[other], kind)

    def _words(self, change: Change, box: str, path: str) -> str:
        """The change, with its place within the box."""
        own = self._after.path_of(box)
        inner = path.removeprefix(own).removeprefix(".") if own and _inside(path, own) else path
        return f"{inner}: {self._said(change)}" if inner else self._said(change)

    def _said(self, change: Change) -> str:
        return "\n".join(said_words(said, said) for said in change.said)

    def _ends(self) -> None:
        """Inputs and outputs, by their types; what the network gives, where another layer gives it."""
        for half, back, kind in ((self._before, self.pairs, "removed"), (self._after, self._back, "added")):
            for node in (*half.boxes("input"), *half.boxes("output")):
                if node.id not in back:
                    self.of[node.id].kind = kind
        for one, other in self.pairs.items():
            before, after = self._nodes[one], self._nodes[other]
            if after.role == "input" and (before.title, before.shape) != (after.title, after.shape):
                renamed = before.title != after.title
                old, new = (f"{node.title} {node.shape}" if renamed else node.shape for node in (before, after))
                self.of[other].say(f"{old} → {new}")
        for change in self._difference.changes:
            if ("", "") in change.paths:
                for node in self._after.boxes("output"):
                    self.of[node.id].say(self._said(change))

    def _moved(self, unmoved: frozenset[Move]) -> None:
        for side, half, word in ((0, self._before, "moved to"), (1, self._after, "moved from")):
            paths = {move.paths[side]: move.paths[1 - side] for move in self._difference.moved if move not in unmoved}
            inside = half.within(paths)
            for box, ops in half.ops.items():
                mark = self.of[box]
                mark.moved = not inside.isdisjoint(ops) and mark.kind not in ("added", "removed")
                own = half.path_of(box)
                if mark.moved and own in paths:
                    mark.words[f"{word} {paths[own]}"] = None


def _partly(half: Half, parts: Iterable[Part], sign: str) -> Iterable[tuple[str, str]]:
    """For each box the parts in it, those of repeats as one."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for part in parts:
        for box in half.boxes_of(part.path):
            found.setdefault((box, _NUMBER.sub("#", part.path), part.kind), []).append(part.path)
    for (box, _, kind), paths in found.items():
        yield box, f"{sign} {paths[0]}: {kind}" + (f" ×{len(paths)}" if len(paths) > 1 else "")


def _cost(change: Change, alone: bool) -> str:
    """What it adds, on a line of its own; nothing where a box has a part of it only."""
    return cost_words(change.cost).replace(": ", "\n", 1) if alone else ""


def _figures(node: ViewNode, kind: str) -> tuple[object, ...]:
    """What a change of that kind can change of a box: other turns of a repeat leave the ones that stay as they are."""
    figures = (node.about, node.count)
    return figures if kind == "repeat" else (*figures, node.shape, node.params, node.macs)


def _inside(path: str, around: str) -> bool:
    return path == around or path.startswith(f"{around}.")
