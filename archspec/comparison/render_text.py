"""A difference in words and numbers, for people: the same in every format that they read."""

from __future__ import annotations

import re

from msgspec.structs import replace

from archspec.analysis.cost import Cost
from archspec.comparison.difference import Change, Difference, Move, Pair, Part, Said, StageChange
from archspec.diagnostics import printable
from archspec.ir.types import show_shape

MOST_PATHS = 3
OPTIONS = {  # the shortcuts that He et al. 2015 compare in section 4.1, as specs write them
    "pad_shortcut": "A",
    "projection": "B",
    "projection {always: true}": "C",
    "{projection: {always: true}}": "C",
}


def title(difference: Difference) -> str:
    """Both networks."""
    before, after = difference.before, difference.after
    names = before.title, after.title
    if names[0] == names[1] and before.file and after.file:
        variant = f":{before.variant}" if before.variant else ""
        names = before.file + variant, after.file + variant
    return printable(f"{names[0]} → {names[1]}")


def described(difference: Difference) -> dict[str, list[Pair]]:
    """What was changed, added, removed and moved, in sentences, each with its place."""
    return {
        "changed": change_lines(difference.changes),
        "added": folded_parts(difference.added),
        "removed": folded_parts(difference.removed),
        "moved": folded_moves(difference.moved),
    }


def change_lines(changes: tuple[Change, ...]) -> list[tuple[str, str]]:
    """Each change in words with its place; where one line's argument is another in each repeat, that as one."""
    lines: dict[object, list[Change]] = {}
    for number, change in enumerate(changes):
        varies = change.kind == "arguments" and len(change.paths) == 1
        names = tuple((said.name, said.where) for said in change.said)
        key = (names, _masked(change.paths[0])) if varies else number
        lines.setdefault(key, []).append(change)
    return [(change_words(*group), place_words(group[0].said[0].where)) for group in lines.values()]


def change_words(*changes: Change) -> str:
    """`layer3: repeat 6 → 23: +18.99 M params, +3.712 G MACs`; several that differ in their values alone as one."""
    first, last = changes[0], changes[-1]
    said = ", ".join(said_words(a, b) for a, b in zip(first.said, last.said, strict=True))
    costs = [change.cost for change in changes]
    total = None if None in costs else sum((cost for cost in costs if cost is not None), Cost())
    where = _paths_words([pair for change in changes for pair in change.paths])
    if len(changes) > 1:
        where = f"{first.paths[0][1]}…{last.paths[0][1]}"
    return printable(f"{where}: {said}" if where else said) + cost_words(total)


def said_words(first: Said, last: Said) -> str:
    """What was said of one part: `width 64 → 128`; of several alike with the values of the first and the last."""
    texts = [_short(text) for text in (first.before, last.before, first.after, last.after)]
    before, after = ("…".join(dict.fromkeys(pair)) for pair in (texts[:2], texts[2:]))
    same = first == last and before == after  # only the digits that are cut differ
    options = OPTIONS.get(first.before), OPTIONS.get(first.after)
    if first.name.endswith("shortcut") and all(options):
        return f"{first.name} option {options[0]} → {options[1]} ({first.before} → {first.after})"
    return str(first) if same else f"{first.name} {before} → {after}"


def _short(text: str) -> str:
    """A value without the digits of a fraction that nobody reads."""
    return _FRACTION.sub(lambda match: f"{float(match[0]):.4g}", text)


_FRACTION = re.compile(r"(?<![\w.])\d+\.\d{7,}(?![\w.])")


def _paths_words(paths: list[Pair]) -> str:
    shown = list(dict.fromkeys(_both(pair) if pair[1] else "the network" for pair in paths))
    more = f" and {len(shown) - MOST_PATHS} more" if len(shown) > MOST_PATHS else ""
    return ", ".join(shown[:MOST_PATHS]) + more


def _masked(pair: Pair) -> Pair:
    """Paths without their numbers: those of a layer's repeats are the same."""
    before, after = (re.sub(r"\d+", "#", path) for path in pair)
    return before, after


def cost_words(cost: Cost | None) -> str:
    """`: +2.8 M params, -1.2 G MACs`; nothing where there is nothing to say."""
    if cost is None:
        return ""
    figures = [(cost.params, "params"), (cost.macs, "MACs")]
    told = [f"{scaled(number)} {name}" for number, name in figures if number]
    return f": {', '.join(told)}" if told else ""


def place_words(where: Pair) -> str:
    """`net.yaml:3`, or `net.yaml:3 → net.yaml:4`."""
    before, after = where
    return printable(after if before == after or not before else before if not after else f"{before} → {after}")


def folded_parts(parts: tuple[Part, ...]) -> list[tuple[str, str]]:
    """Each part in words with its place; a layer's repeats that are the same as one line."""
    lines: dict[object, list[Part]] = {}
    for part in parts:
        lines.setdefault((_masked((part.path, "")), replace(part, path="")), []).append(part)
    return [(_part_words(group), printable(group[0].where)) for group in lines.values()]


def _part_words(group: list[Part]) -> str:
    """`layer2.0.downsample: projection, 128×28×28, 8,448 params (channels 64 → 128)`."""
    part, count = group[0], len(group)
    path = f"{part.path}…{group[-1].path}" if count > 1 else part.path
    reason = f" ({part.reason})" if part.reason else ""
    params = f", {part.cost.params:,} params" + (" each" if count > 1 else "") if part.cost.params else ""
    repeated = f" ×{count}" if count > 1 else ""
    return printable(f"{path}: {part.kind}{repeated}, {show_shape(part.output)}{params}{reason}")


def folded_moves(moves: tuple[Move, ...]) -> list[tuple[str, str]]:
    """Each move in words with its place; those of one layer's repeats as one line."""
    lines: dict[object, list[Move]] = {}
    for move in moves:
        lines.setdefault((_masked(move.paths), move.kind, move.where), []).append(move)
    return [(_move_words(group), place_words(group[0].where)) for group in lines.values()]


def _move_words(group: list[Move]) -> str:
    first, last = group[0], group[-1]
    before, after = first.paths
    if len(group) > 1:
        before, after = f"{before}…{last.paths[0]}", f"{after}…{last.paths[1]}"
    count = f" ×{len(group)}" if len(group) > 1 else ""
    return printable(f"{before} → {after}: {first.kind}{count}")


STAGE_HEAD = ("stage", "output", "Δ params", "Δ MACs", "Δ memory", "receptive field")


def stage_cells(row: StageChange) -> tuple[str, ...]:
    """A row of the table; what is the same on both sides stands there once."""
    before, after = row.before, row.after
    names = (before.name if before else "", after.name if after else "")
    outputs = (show_shape(before.output) if before else "", show_shape(after.output) if after else "")
    fields = (before.field if before else "", after.field if after else "")
    mark = "" if before and after else " (new)" if after else " (gone)"
    cost = row.cost
    return (
        printable(_both(names) + mark),
        _both(outputs),
        signed(cost.params),
        signed(cost.macs),
        memory(cost.output_bytes),
        _both(fields),
    )


def total_cells(difference: Difference) -> tuple[str, ...]:
    """The last row of the table."""
    cost = difference.cost
    fields = _both((difference.before.field, difference.after.field))
    return "total", "", signed(cost.params), signed(cost.macs), memory(cost.output_bytes), fields


def _both(texts: Pair) -> str:
    before, after = texts
    return after if before == after else " → ".join(text for text in texts if text)


def total_words(difference: Difference) -> list[str]:
    """`parameters 25,557,032 → 44,549,160 (+74.3 %)`, and the same of MACs and memory."""
    before, after = difference.before.cost, difference.after.cost
    rows = [
        ("parameters", before.params, after.params, "{:,}".format),
        ("MACs", before.macs, after.macs, "{:,}".format),
        ("memory", before.output_bytes, after.output_bytes, _bytes),
    ]
    lines = []
    for name, old, new, show in rows:
        share = f" ({_share(old, new)})" if old and old != new else ""
        lines.append(f"{name} {show(old)}" + (f" → {show(new)}{share}" if old != new else ", as before"))
    return lines


def _share(old: int, new: int) -> str:
    """By how much a figure has grown: in percent, or how many times it is the old one."""
    if new >= 10 * old:
        return f"×{new / old:,.0f}"
    part = (new - old) / old
    return f"{part:+.{1 if abs(part) >= 0.001 else 4}%}".replace("%", " %")


def signed(number: int) -> str:
    """A number with its sign and thousands; a dot for none."""
    return f"{number:+,}" if number else "·"


def memory(number: int) -> str:
    """Bytes with their sign and unit."""
    return ("+" if number > 0 else "-") + _bytes(abs(number)) if number else "·"


def _bytes(number: int) -> str:
    for power, unit in ((30, "GiB"), (20, "MiB"), (10, "KiB")):
        if number >= 2**power:
            return f"{number / 2**power:,.1f} {unit}"
    return f"{number} B"


def scaled(number: int) -> str:
    """A number with its sign in k, M, G or T where it is long: +18.99 M."""
    if abs(number) < 10_000:
        return f"{number:+,}"
    for power, unit in ((12, "T"), (9, "G"), (6, "M"), (3, "k")):
        if abs(number) >= 0.9995 * 10**power:
            return f"{number / 10**power:+.4g} {unit}"
    return f"{number:+,}"
