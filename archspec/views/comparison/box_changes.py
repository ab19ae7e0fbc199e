"""Project a difference onto the boxes of both networks: added, removed, changed or moved, with notes as text."""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec import Struct, field

from archspec.comparison.changes import Change, OneSidedStep
from archspec.comparison.difference import Difference
from archspec.comparison.render_text import render_attribute, render_cost
from archspec.views.comparison.box_matching import Matches, match_boxes, match_ops
from archspec.views.comparison.side_view import SideView
from archspec.views.model import ViewNode

_NUMBER = re.compile(r"\d+")


class BoxChange(Struct):
    """The change of one box; `notes` explain it, each once and in order."""

    kind: str = "same"  # or added, removed, changed
    moved: bool = False
    notes: dict[str, None] = field(default_factory=dict)

    def add_note(self, note: str) -> None:
        """Mark the box as changed, unless it was added or removed as a whole, and add a note."""
        self.mark_changed()
        self.notes[note] = None

    def mark_changed(self) -> None:
        """Mark the box as changed, unless it was added or removed as a whole."""
        if self.kind == "same":
            self.kind = "changed"


class BoxChanges:
    """The changes of both networks by the ids of their boxes; `pairs` has the matching boxes."""

    def __init__(self, difference: Difference, before: SideView, after: SideView) -> None:
        self._difference, self._before, self._after = difference, before, after
        ops = match_ops(difference, before, after)
        self.pairs = match_boxes(before, after, ops, difference)
        self._back = {other: one for one, other in self.pairs.items()}
        self._nodes = {node.id: node for side in (before, after) for node in side.view.nodes}
        self.of = {id_: BoxChange() for id_ in self._nodes}
        self._mark_one_sided(ops)
        for change in difference.changes:
            # The shapes of a box are part of its text, and the order of layers is that of the boxes.
            if change.kind not in ("shapes", "order"):
                self._mark_change(change)
        self._mark_ports()
        self._mark_moves()
        for one, other in self.pairs.items():  # both of a pair, which a reader compares
            if "changed" in (self.of[one].kind, self.of[other].kind):
                self.of[one].mark_changed()
                self.of[other].mark_changed()

    def _mark_one_sided(self, ops: Matches) -> None:
        """Mark boxes without any counterpart as added or removed; a box that holds some such op changed."""
        sides = (
            (self._before, set(ops), "removed", "−", self._difference.removed),
            (self._after, set(ops.values()), "added", "+", self._difference.added),
        )
        for side, matched, kind, sign, steps in sides:
            for box, inside in side.ops_in.items():
                if matched.isdisjoint(inside):
                    self.of[box].kind = kind
            for box, note in _one_sided_notes(side, steps, sign):
                if self.of[box].kind in ("same", "changed"):
                    self.of[box].add_note(note)

    def _mark_change(self, change: Change) -> None:
        """Note a change at the box that holds it; for a block of several boxes at the first that differs."""
        touched: list[tuple[str, str, bool]] = []
        for paths in change.paths:
            for side, path in zip((self._before, self._after), paths, strict=True):
                boxes = side.boxes_of(path)
                if len(boxes) == 1:
                    touched.append((boxes[0], path, side is self._after))
                elif boxes:
                    self._mark_boxes(change, boxes, path, side is self._after)
        for box, path, is_after in touched:
            self.of[box].kind = "changed"  # even if all of its ops were added or removed: the change explains them
            if is_after:
                alone = all(box == other for other, _, after in touched if after)
                self.of[box].add_note(self._note(change, box, path) + _show_cost(change, alone))

    def _mark_boxes(self, change: Change, boxes: list[str], path: str, is_after: bool) -> None:
        """Mark a change of a block that is several boxes."""
        differing = [box for box in boxes if self._differs(box, change.kind)]
        for box in differing:
            self.of[box].mark_changed()
        if is_after:
            note = f"{path}: {_show_attributes(change)}{_show_cost(change, len(change.paths) == 1)}"
            self.of[(differing or boxes)[0]].add_note(note)

    def _differs(self, box: str, kind: str) -> bool:
        """Whether a box differs from its counterpart, or has none."""
        other = self.pairs.get(box) or self._back.get(box)
        return other is None or _figures(self._nodes[box], kind) != _figures(self._nodes[other], kind)

    def _note(self, change: Change, box: str, path: str) -> str:
        """Return the change as text, with its path within the box."""
        # Within a box that is one block, its own path would only repeat the title.
        own = self._after.path_of(box)
        inner = path.removeprefix(own).removeprefix(".") if own and _is_within(path, own) else path
        return f"{inner}: {_show_attributes(change)}" if inner else _show_attributes(change)

    def _mark_ports(self) -> None:
        """Mark inputs and outputs by their types, and the outputs if another layer computes them."""
        for side, matched, kind in ((self._before, self.pairs, "removed"), (self._after, self._back, "added")):
            for node in (*side.boxes("input"), *side.boxes("output")):
                if node.id not in matched:
                    self.of[node.id].kind = kind
        for one, other in self.pairs.items():
            before, after = self._nodes[one], self._nodes[other]
            if after.role == "input" and (before.title, before.shape) != (after.title, after.shape):
                renamed = before.title != after.title
                old, new = (f"{node.title} {node.shape}" if renamed else node.shape for node in (before, after))
                self.of[other].add_note(f"{old} → {new}")
        for change in self._difference.changes:
            if ("", "") in change.paths:
                for node in self._after.boxes("output"):
                    self.of[node.id].add_note(_show_attributes(change))

    def _mark_moves(self) -> None:
        """Mark boxes with moved ops; layers that were only renumbered are left as they are."""
        moves = [move.paths for move in self._difference.moved]
        sides = (
            (self._before, dict(moves), "moved to"),
            (self._after, {after: before for before, after in moves}, "moved from"),
        )
        for side, paths, text in sides:
            moved = side.ops_at(paths)
            for box, ops in side.ops_in.items():
                change = self.of[box]
                change.moved = not moved.isdisjoint(ops) and change.kind not in ("added", "removed")
                own = side.path_of(box)
                if change.moved and own in paths:
                    change.notes[f"{text} {paths[own]}"] = None


def _show_attributes(change: Change) -> str:
    return "\n".join(render_attribute(attribute, attribute) for attribute in change.attributes)


def _one_sided_notes(side: SideView, steps: Iterable[OneSidedStep], sign: str) -> Iterable[tuple[str, str]]:
    """Yield a box and a note for the steps in each box, one for all repetitions of a step."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for step in steps:
        for box in side.boxes_of(step.path):
            found.setdefault((box, _NUMBER.sub("#", step.path), step.kind), []).append(step.path)
    for (box, _, kind), paths in found.items():
        yield box, f"{sign} {paths[0]}: {kind}" + (f" ×{len(paths)}" if len(paths) > 1 else "")


def _show_cost(change: Change, alone: bool) -> str:
    """Return the cost on a line of its own; "" if the box holds only a part of the change."""
    return render_cost(change.cost).replace(": ", "\n", 1) if alone else ""


def _figures(node: ViewNode, kind: str) -> tuple[object, ...]:
    """Return what a change of that kind affects; a repeat's count leaves the repetitions that remain as they are."""
    figures = (node.about, node.count)
    return figures if kind == "repeat" else (*figures, node.shape, node.params, node.macs)


def _is_within(path: str, around: str) -> bool:
    return path == around or path.startswith(f"{around}.")
