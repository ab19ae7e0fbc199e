"""Render a Difference as sentences and table cells, shared by the terminal, Markdown, the explorer and pictures."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from archspec.analysis.cost import Cost
from archspec.analysis.format_numbers import (
    format_growth,
    format_signed,
    format_signed_bytes,
    format_signed_count,
    format_total_bytes,
)
from archspec.comparison.changes import (
    NO_CAUSE,
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
MOST_CONSEQUENCES = 3
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


Consequences = Mapping[Pair, tuple[str, ...]]
"""By the label of an edit what follows from it, as text."""


def name_consequences(
    changes: tuple[Change, ...], added: tuple[OneSidedStep, ...], removed: tuple[OneSidedStep, ...]
) -> Consequences:
    """Return for each edit the changes, steps and shapes that follow from it."""
    found: dict[Pair, list[str]] = {}
    # Who reads what follows from the order of layers: it says less than the rest, and comes last.
    for group in sorted(_grouped(changes), key=lambda group: group[0].kind == "wiring"):
        if group[0].cause != NO_CAUSE and group[0].kind != "shapes":
            found.setdefault(group[0].cause, []).append(_describe_change(group))
    for sign, steps in (("+", added), ("−", removed)):
        for steps_of_layer in _by_layer(steps):
            if steps_of_layer[0].cause != NO_CAUSE:
                found.setdefault(steps_of_layer[0].cause, []).append(f"{sign} {_describe_step(steps_of_layer)}")
    for change in changes:
        if change.cause != NO_CAUSE and change.kind == "shapes":
            found.setdefault(change.cause, []).append(f"other shapes in {_render_layers(change.paths)}")
    return {label: tuple(texts) for label, texts in found.items()}


def _with_consequences(label: Pair, consequences: Consequences) -> str:
    """Return `, with layer3: repeat 6 → 23; other shapes in layer4`; "" for an edit without consequences."""
    texts = consequences.get(label, ())
    more = f"; and {len(texts) - MOST_CONSEQUENCES} more" if len(texts) > MOST_CONSEQUENCES else ""
    return printable(f", with {'; '.join(texts[:MOST_CONSEQUENCES])}{more}") if texts else ""


def render_changes(changes: tuple[Change, ...], consequences: Consequences) -> list[Pair]:
    """Return a sentence and its location for each edit; one for an argument that differs in each repetition."""
    edits = [group for group in _grouped(changes) if group[0].cause == NO_CAUSE]
    return [(render_change(*group, consequences=consequences), render_location(group[0].where)) for group in edits]


def _grouped(changes: tuple[Change, ...]) -> list[list[Change]]:
    """Return the changes one by one, but those of an argument that differs in each repetition together."""
    lines: dict[object, list[Change]] = {}
    for number, change in enumerate(changes):
        # `layer1.0: channels 64 → 80`, `layer1.1: ...` of one place in the text become one line with both ends.
        varies = change.kind == "arguments" and len(change.paths) == 1
        names = tuple((attribute.name, attribute.where) for attribute in change.attributes)
        key = (names, change.cause, _mask_numbers(change.paths[0])) if varies else number
        lines.setdefault(key, []).append(change)
    return list(lines.values())


def render_change(*changes: Change, consequences: Consequences = MappingProxyType({})) -> str:
    """Return `layer3: repeat 6 → 23: +18.99 M params, +3.712 G MACs`; one text if only the values differ."""
    total = sum((change.cost for change in changes), Cost())
    follows = "".join(_with_consequences(change.label, consequences) for change in changes)
    return printable(_describe_change(list(changes))) + render_cost(total) + follows


def _describe_change(changes: list[Change]) -> str:
    first, last = changes[0], changes[-1]
    if first.kind == "shapes":
        return f"several changes together, in {_render_layers(first.paths)}"
    text = ", ".join(render_attribute(a, b) for a, b in zip(first.attributes, last.attributes, strict=True))
    where = _render_paths([pair for change in changes for pair in change.paths])
    if first.kind == "order" and where == "the network":
        where = ""
    if len(changes) > 1:
        where = f"{first.paths[0][1]}…{last.paths[0][1]}"
    return f"{where}: {text}" if where else text


def _render_layers(paths: tuple[Pair, ...]) -> str:
    """Return the layers that have these paths afterwards, repeated ones once."""
    names = dict.fromkeys(_NUMBER_AT_END.sub("", after) or after for _, after in paths)
    more = f" and {len(names) - MOST_PATHS} more" if len(names) > MOST_PATHS else ""
    return ", ".join(list(names)[:MOST_PATHS]) + more


_NUMBER_AT_END = re.compile(r"\.\d+$")


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


def render_cost(cost: Cost) -> str:
    """Return `: +2.8 M params, -1.2 G MACs`; "" for none."""
    figures = [(cost.params, "params"), (cost.macs, "MACs")]
    texts = [f"{format_signed_count(number)} {name}" for number, name in figures if number]
    return f": {', '.join(texts)}" if texts else ""


def render_location(where: Pair) -> str:
    """Return `net.yaml:3`, or `net.yaml:3 → net.yaml:4`."""
    before, after = where
    return printable(after if before == after or not before else before if not after else f"{before} → {after}")


def render_steps(steps: tuple[OneSidedStep, ...], consequences: Consequences) -> list[Pair]:
    """Return a sentence and its location for each layer that was added or removed as an edit of its own."""
    return [
        (_render_step(group, consequences), printable(group[0].where))
        for group in _by_layer(steps)
        if group[0].cause == NO_CAUSE
    ]


def _by_layer(steps: tuple[OneSidedStep, ...]) -> list[list[OneSidedStep]]:
    """Return the steps of each layer of the text together: its repetitions, and the uses of the block around it."""
    lines: dict[object, list[OneSidedStep]] = {}
    for step in steps:
        lines.setdefault((step.kind, step.reason, step.cause, step.where or step.path), []).append(step)
    return list(lines.values())


def _render_step(group: list[OneSidedStep], consequences: Consequences) -> str:
    """Return `n: batch_norm, 8×32×32: +16 params`, with what follows from it."""
    total = sum((step.delta for step in group), Cost())
    # Several edits may share a line of the text.
    labels = dict.fromkeys(step.label for step in group)
    follows = "".join(_with_consequences(label, consequences) for label in labels)
    return printable(_describe_step(group)) + render_cost(total) + follows


def _describe_step(group: list[OneSidedStep]) -> str:
    """Return `layer2.0.downsample: projection, 128×28×28 (channels 64 → 128)`."""
    step, count = group[0], len(group)
    path = step.path
    if count > 1:
        is_repeat = len({_mask_numbers((item.path, "")) for item in group}) == 1
        path = f"{path}…{group[-1].path}" if is_repeat else _render_paths([("", item.path) for item in group])
    reason = f" ({step.reason})" if step.reason else ""
    repeated = f" ×{count}" if count > 1 else ""
    outputs = dict.fromkeys(show_shape(item.output) for item in group)
    return f"{path}: {step.kind}{repeated}, {'…'.join(list(outputs)[:: max(1, len(outputs) - 1)])}{reason}"


def render_moves(moves: tuple[Move, ...], consequences: Consequences) -> list[Pair]:
    """Return a sentence and its location for each move; one for the repetitions of a layer."""
    lines: dict[object, list[Move]] = {}
    for move in moves:
        lines.setdefault((_mask_numbers(move.paths), move.kind, move.where), []).append(move)
    return [(_render_move(group, consequences), render_location(group[0].where)) for group in lines.values()]


def _render_move(group: list[Move], consequences: Consequences) -> str:
    first, last = group[0], group[-1]
    before, after = first.paths
    if len(group) > 1:
        before, after = f"{before}…{last.paths[0]}", f"{after}…{last.paths[1]}"
    count = f" ×{len(group)}" if len(group) > 1 else ""
    total = sum((move.cost for move in group), Cost())
    follows = "".join(_with_consequences(move.label, consequences) for move in group)
    return printable(f"{before} → {after}: {first.kind}{count}") + render_cost(total) + follows


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
