"""Render a Difference as sentences and table cells, shared by the terminal, Markdown, the explorer and pictures."""

from __future__ import annotations

import re

from msgspec.structs import replace

from archspec.analysis.cost import Cost
from archspec.analysis.format_numbers import (
    format_growth,
    format_signed,
    format_signed_bytes,
    format_signed_count,
    format_total_bytes,
)
from archspec.comparison.changes import (
    AttributeChange,
    Change,
    ComparedNetwork,
    Move,
    OneSidedStep,
    Pair,
    StageChange,
)
from archspec.diagnostics import printable
from archspec.ir.types import show_shape

MOST_PATHS = 3
OPTIONS = {  # the shortcuts that He et al. 2015 compare in section 4.1, as specs write them
    "pad_shortcut": "A",
    "projection": "B",
    "projection {always: true}": "C",
    "{projection: {always: true}}": "C",
}


def render_title(before: ComparedNetwork, after: ComparedNetwork) -> str:
    """Return `resnet:resnet50 → resnet:resnet101`; with the files where the names are the same."""
    names = before.title, after.title
    if names[0] == names[1] and before.file and after.file:
        variant = f":{before.variant}" if before.variant else ""
        names = before.file + variant, after.file + variant
    return printable(f"{names[0]} → {names[1]}")


def render_changes(changes: tuple[Change, ...]) -> list[Pair]:
    """Return a sentence and its location for each change; one for an argument that differs in each repetition."""
    lines: dict[object, list[Change]] = {}
    for number, change in enumerate(changes):
        # `layer1.0: channels 64 → 80`, `layer1.1: ...` of one place in the text become one line with both ends.
        varies = change.kind == "arguments" and len(change.paths) == 1
        names = tuple((attribute.name, attribute.where) for attribute in change.attributes)
        key = (names, _mask_numbers(change.paths[0])) if varies else number
        lines.setdefault(key, []).append(change)
    return [(render_change(*group), render_location(group[0].attributes[0].where)) for group in lines.values()]


def render_change(*changes: Change) -> str:
    """Return `layer3: repeat 6 → 23: +18.99 M params, +3.712 G MACs`; one text if only the values differ."""
    first, last = changes[0], changes[-1]
    text = ", ".join(render_attribute(a, b) for a, b in zip(first.attributes, last.attributes, strict=True))
    costs = [change.cost for change in changes]
    total = None if None in costs else sum((cost for cost in costs if cost is not None), Cost())
    where = _render_paths([pair for change in changes for pair in change.paths])
    if len(changes) > 1:
        where = f"{first.paths[0][1]}…{last.paths[0][1]}"
    return printable(f"{where}: {text}" if where else text) + render_cost(total)


def render_attribute(first: AttributeChange, last: AttributeChange) -> str:
    """Return `width 64 → 128`; for a run of changes with the values of its first and last."""
    # Computed values, such as rates that grow with depth, have up to 17 digits.
    texts = [_shorten_fractions(text) for text in (first.before, last.before, first.after, last.after)]
    before, after = ("…".join(dict.fromkeys(pair)) for pair in (texts[:2], texts[2:]))
    same = first == last and before == after  # they differ only in digits that are cut
    options = OPTIONS.get(first.before), OPTIONS.get(first.after)
    if first.name.endswith("shortcut") and all(options):
        return f"{first.name} option {options[0]} → {options[1]} ({first.before} → {first.after})"
    return str(first) if same else f"{first.name} {before} → {after}"


def _shorten_fractions(text: str) -> str:
    """Return a text with long fractions rounded to four digits."""
    return _FRACTION.sub(lambda match: f"{float(match[0]):.4g}", text)


_FRACTION = re.compile(r"(?<![\w.])\d+\.\d{7,}(?![\w.])")


def _render_paths(paths: list[Pair]) -> str:
    shown = list(dict.fromkeys(_join_sides(pair) if pair[1] else "the network" for pair in paths))
    more = f" and {len(shown) - MOST_PATHS} more" if len(shown) > MOST_PATHS else ""
    return ", ".join(shown[:MOST_PATHS]) + more


def _mask_numbers(pair: Pair) -> Pair:
    """Return the paths with `#` for each number, so that the repetitions of a layer have equal paths."""
    before, after = (re.sub(r"\d+", "#", path) for path in pair)
    return before, after


def render_cost(cost: Cost | None) -> str:
    """Return `: +2.8 M params, -1.2 G MACs`; "" for an unknown cost, or none."""
    if cost is None:
        return ""
    figures = [(cost.params, "params"), (cost.macs, "MACs")]
    texts = [f"{format_signed_count(number)} {name}" for number, name in figures if number]
    return f": {', '.join(texts)}" if texts else ""


def render_location(where: Pair) -> str:
    """Return `net.yaml:3`, or `net.yaml:3 → net.yaml:4`."""
    before, after = where
    return printable(after if before == after or not before else before if not after else f"{before} → {after}")


def render_steps(steps: tuple[OneSidedStep, ...]) -> list[Pair]:
    """Return a sentence and its location for each step; one for a layer's repetitions that are the same."""
    lines: dict[object, list[OneSidedStep]] = {}
    for step in steps:
        lines.setdefault((_mask_numbers((step.path, "")), replace(step, path="")), []).append(step)
    return [(_render_step(group), printable(group[0].where)) for group in lines.values()]


def _render_step(group: list[OneSidedStep]) -> str:
    """Return `layer2.0.downsample: projection, 128×28×28, 8,448 params (channels 64 → 128)`."""
    step, count = group[0], len(group)
    path = f"{step.path}…{group[-1].path}" if count > 1 else step.path
    reason = f" ({step.reason})" if step.reason else ""
    params = f", {step.cost.params:,} params" + (" each" if count > 1 else "") if step.cost.params else ""
    repeated = f" ×{count}" if count > 1 else ""
    return printable(f"{path}: {step.kind}{repeated}, {show_shape(step.output)}{params}{reason}")


def render_moves(moves: tuple[Move, ...]) -> list[Pair]:
    """Return a sentence and its location for each move; one for the repetitions of a layer."""
    lines: dict[object, list[Move]] = {}
    for move in moves:
        lines.setdefault((_mask_numbers(move.paths), move.kind, move.where), []).append(move)
    return [(_render_move(group), render_location(group[0].where)) for group in lines.values()]


def _render_move(group: list[Move]) -> str:
    first, last = group[0], group[-1]
    before, after = first.paths
    if len(group) > 1:
        before, after = f"{before}…{last.paths[0]}", f"{after}…{last.paths[1]}"
    count = f" ×{len(group)}" if len(group) > 1 else ""
    return printable(f"{before} → {after}: {first.kind}{count}")


STAGE_HEAD = ("stage", "output", "Δ params", "Δ MACs", "Δ memory", "receptive field")


def stage_cells(row: StageChange) -> tuple[str, ...]:
    """Return a row of the table; what both sides have in common appears once."""
    before, after = row.before, row.after
    names = (before.name if before else "", after.name if after else "")
    outputs = (show_shape(before.output) if before else "", show_shape(after.output) if after else "")
    fields = (before.field if before else "", after.field if after else "")
    mark = "" if before and after else " (new)" if after else " (gone)"
    cost = row.cost
    return (
        printable(_join_sides(names) + mark),
        _join_sides(outputs),
        format_signed(cost.params),
        format_signed(cost.macs),
        format_signed_bytes(cost.output_bytes),
        _join_sides(fields),
    )


def total_cells(before: ComparedNetwork, after: ComparedNetwork) -> tuple[str, ...]:
    """Return the last row of the table."""
    cost = after.cost - before.cost
    figures = format_signed(cost.params), format_signed(cost.macs), format_signed_bytes(cost.output_bytes)
    return "total", "", *figures, _join_sides((before.field, after.field))


def _join_sides(texts: Pair) -> str:
    before, after = texts
    return after if before == after else " → ".join(text for text in texts if text)


def render_totals(before: ComparedNetwork, after: ComparedNetwork) -> list[str]:
    """Return `parameters 25,557,032 → 44,549,160 (+74.3 %)`, and the same for MACs and memory."""
    cost, cost_after = before.cost, after.cost
    rows = [
        ("parameters", cost.params, cost_after.params, "{:,}".format),
        ("MACs", cost.macs, cost_after.macs, "{:,}".format),
        ("memory", cost.output_bytes, cost_after.output_bytes, format_total_bytes),
    ]
    lines = []
    for name, old, new, show in rows:
        growth = f" ({format_growth(old, new)})" if old and old != new else ""
        lines.append(f"{name} {show(old)}" + (f" → {show(new)}{growth}" if old != new else ", as before"))
    return lines
