"""A comparison as its page shows it: the two designs, and their difference as rows and figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import archspec
from explorer.formatting import bytes_text, count_text, delta_text

HERE, OPENED = "this design, as it is now", "this design, as it was opened"
FIGURES = {"params": "Parameters", "macs": "MACs", "output_bytes": "Output memory"}


@dataclass(frozen=True, slots=True)
class ComparedDesign:
    """A text with one of its variants, and the name that it was chosen by."""

    name: str
    text: str
    file: str
    variant: str = ""

    def analyze(self, root: str | None) -> archspec.Document:
        """Return the text with its variant, compiled as far as it goes."""
        return archspec.analyze(self.text, self.variant, file=self.file, root=root)


def default_sides(variants: tuple[str, ...], variant: str, is_changed: bool) -> tuple[tuple[str, str], tuple[str, str]]:
    """Return the initial choice: the design before and after its edits, else this variant and the next."""
    if is_changed or len(variants) < 2:
        return (OPENED, variant), (HERE, variant)
    # -1 for the base, which is followed by the first variant.
    place = variants.index(variant) if variant in variants else -1
    return (HERE, variant), (HERE, variants[(place + 1) % len(variants)])


def figure_text(name: str, value: int) -> str:
    """Return a figure as text."""
    return bytes_text(value) if name == "output_bytes" else count_text(value)


def totals(difference: archspec.Difference) -> list[tuple[str, str, str, str]]:
    """Return each figure of the whole network: name, before, after, and the difference with its sign."""
    before, after, delta = difference.before.cost, difference.after.cost, difference.cost
    rows = [
        (
            label,
            figure_text(name, getattr(before, name)),
            figure_text(name, getattr(after, name)),
            _delta(name, getattr(delta, name)),
        )
        for name, label in FIGURES.items()
    ]
    same = difference.before.field == difference.after.field
    field = ("Receptive field", difference.before.field, difference.after.field, "–" if same else "changed")
    return [*rows, field]


def _delta(name: str, value: int) -> str:
    return delta_text(value, figure_text(name, value))


def stages(difference: archspec.Difference) -> list[dict[str, str]]:
    """Return a row for each stage that differs."""
    return [_stage(change) for change in difference.stages]


def _stage(change: Any) -> dict[str, str]:
    before, after, cost = change.before, change.after, change.cost
    mark = "" if before and after else " (new)" if after else " (gone)"
    row = {
        "stage": _both(before and before.name, after and after.name) + mark,
        "output": _both(before and _shape(before.output), after and _shape(after.output)),
    }
    for name, label in FIGURES.items():
        row[label] = _both(*(side and figure_text(name, getattr(side.cost, name)) for side in (before, after)))
        row[f"Δ {label}"] = _delta(name, getattr(cost, name))
    return {**row, "Receptive field": _both(before and before.field, after and after.field)}


def _shape(shape: tuple[Any, ...]) -> str:
    return "×".join(map(str, shape))


def _both(before: str | None, after: str | None) -> str:
    """Return `before → after`, or one text if both are the same or one is missing."""
    return " → ".join(dict.fromkeys(text for text in (before, after) if text))
