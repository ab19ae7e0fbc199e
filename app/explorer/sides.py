"""The two sides of a comparison: which texts there are, and how they differ, as rows and figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import archspec
from explorer.formatting import more, short, size

HERE, OPENED = "this design, as it is now", "this design, as it was opened"
FIGURES = {"params": "Parameters", "macs": "MACs", "output_bytes": "Output memory"}


@dataclass(frozen=True, slots=True)
class Side:
    """A text with one of its variants, by the name that people chose it by."""

    name: str
    text: str
    file: str
    variant: str = ""

    def analyze(self, root: str | None) -> archspec.Document:
        """The text with its variant, read as far as it goes."""
        return archspec.analyze(self.text, self.variant, file=self.file, root=root)


def starting(variants: tuple[str, ...], variant: str, is_changed: bool) -> tuple[tuple[str, str], tuple[str, str]]:
    """What is compared at first: the design before and after its edits, else this variant and the next."""
    if is_changed or len(variants) < 2:
        return (OPENED, variant), (HERE, variant)
    place = variants.index(variant) if variant in variants else -1
    return (HERE, variant), (HERE, variants[(place + 1) % len(variants)])


def told(name: str, value: int) -> str:
    """A figure as people read it."""
    return size(value) if name == "output_bytes" else short(value)


def totals(difference: archspec.Difference) -> list[tuple[str, str, str, str]]:
    """Each figure of the whole: its name, before, after, and the difference with its sign."""
    before, after, delta = difference.before.cost, difference.after.cost, difference.cost
    rows = [
        (label, told(name, getattr(before, name)), told(name, getattr(after, name)), _delta(name, getattr(delta, name)))
        for name, label in FIGURES.items()
    ]
    same = difference.before.field == difference.after.field
    field = ("Receptive field", difference.before.field, difference.after.field, "–" if same else "changed")
    return [*rows, field]


def _delta(name: str, value: int) -> str:
    return more(value, told(name, value))


def stages(difference: archspec.Difference) -> list[dict[str, str]]:
    """A row for each stage that differs."""
    return [_stage(change) for change in difference.stages]


def _stage(change: Any) -> dict[str, str]:
    before, after, cost = change.before, change.after, change.cost
    mark = "" if before and after else " (new)" if after else " (gone)"
    row = {
        "stage": _both(before and before.name, after and after.name) + mark,
        "output": _both(before and _shape(before.output), after and _shape(after.output)),
    }
    for name, label in FIGURES.items():
        row[label] = _both(*(side and told(name, getattr(side.cost, name)) for side in (before, after)))
        row[f"Δ {label}"] = _delta(name, getattr(cost, name))
    return {**row, "Receptive field": _both(before and before.field, after and after.field)}


def _shape(shape: tuple[Any, ...]) -> str:
    return "×".join(map(str, shape))


def _both(before: str | None, after: str | None) -> str:
    """One text where both sides say the same, or there is one side only."""
    return " → ".join(dict.fromkeys(text for text in (before, after) if text))
