"""Describe valid sizes in sentences."""

from __future__ import annotations

from archspec.analysis.valid_sizes.formulas import RELATIONS, show_condition
from archspec.analysis.valid_sizes.model import InputAxis, LinkedAxes
from archspec.analysis.valid_sizes.shortest_runs import shortest_runs
from archspec.analysis.valid_sizes.size_set import Run, SizeSet, from_classes

MOST_PARTS, MOST_BOXES, MOST_RESIDUES = 6, 4, 4
LOST = {"height": "rows", "width": "columns", "depth": "slices", "length": "positions"}


Axes = tuple[InputAxis, ...]


def describe(axes: Axes, linked: tuple[LinkedAxes, ...], tried: int) -> str:
    """Return a line for each group of axes with equal sizes, then the links between axes. `tried` as in ValidSizes."""
    if not axes:
        return "no input has a size that could differ"
    lines = [_line(group, axes) for group in group_equal(axes)]
    for variable in dict.fromkeys(axis.variable for axis in axes):
        same = [axis for axis in axes if axis.variable == variable]
        if len(same) > 1:
            lines.append(f"{show_names(same, axes)} must be equal")
    lines.extend(_describe_linked(links, axes) for links in linked)
    if tried:
        lines.append(f"sizes from 1 to {tried} were tried, one axis after the other; larger ones may work too")
    return "\n".join(lines)


def requirements(axes: Axes, all_axes: Axes) -> str:
    """Return one sentence on what some of the axes must be."""
    groups: dict[SizeSet, list[InputAxis]] = {}
    for axis in axes:
        groups.setdefault(axis.sizes, []).append(axis)
    return "; ".join(
        f"{show_names(same, all_axes)} must be {phrase(works, len(same) > 1)}" for works, same in groups.items()
    )


def group_equal(axes: Axes) -> list[list[InputAxis]]:
    """Return the axes in groups with equal sets of sizes."""
    found: dict[tuple[SizeSet, SizeSet], list[InputAxis]] = {}
    for axis in axes:
        found.setdefault((axis.sizes, axis.lossless), []).append(axis)
    return list(found.values())


def show_names(axes: list[InputAxis], all_axes: Axes) -> str:
    """Return `height and width`; with the input's name if there are several inputs."""
    several = len({axis.input for axis in all_axes}) > 1
    return join_words([f"{axis.input}'s {axis.name}" if several else axis.name for axis in axes], "and")


def join_words(words: list[str], last: str) -> str:
    """Return `a, b and c`."""
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + f" {last} " + words[-1]


def _line(axes: list[InputAxis], all_axes: Axes) -> str:
    works, plural, who = axes[0].sizes, len(axes) > 1, show_names(axes, all_axes)
    if works.verdict == "never":
        return f"{who}: no size works"
    text = f"{who}: every size works" if works.verdict == "always" else f"{who} must be {phrase(works, plural)}"
    wrong = dict.fromkeys(axis.declared for axis in axes if not axis.contains(axis.declared))
    text += "".join(f"; nearest to {size}: {', '.join(map(str, works.nearest(size)))}" for size in wrong)
    return text + _loss(axes)


def _loss(axes: list[InputAxis]) -> str:
    """Return a remark on sizes that work, but at which a strided layer drops the last pixels."""
    works, whole = axes[0].sizes, axes[0].lossless
    if works == whole:
        return ""
    lost = join_words(list(dict.fromkeys(LOST.get(axis.name, "pixels") for axis in axes)), "or")
    if whole.verdict == "never":
        return f" (at each of them some layer leaves out the last {lost})"
    kept = phrase(whole, True)
    return f" (nothing is left out at {kept}; at the others some layer leaves out the last {lost})"


def phrase(sizes: SizeSet, plural: bool) -> str:
    """Return a set as it follows `must be`: `multiples of 32, at least 64`; of a long list the first and the number."""
    runs = shortest_runs(sizes)
    parts = [part for run in runs for part in _run_phrases(run, plural)]
    if len(parts) > MOST_PARTS:
        tail = parts[-1:] if runs[-1].last is None else []
        shown = parts[: MOST_PARTS - 1 - len(tail)]
        before = sizes if not tail else sizes & from_classes([((1, runs[-1].first - 1),)])
        rest = before.count() - _count_shown(runs, len(shown))
        return join_parts([*shown, f"one of {rest} more sizes up to {before.last}", *tail])
    return join_parts(parts)


def _count_shown(runs: list[Run], parts: int) -> int:
    """Return how many sizes the first parts of a sentence have."""
    found = 0
    for run in runs:
        count = len(_run_phrases(run, True))
        if parts <= 0 or run.last is None:
            break
        members = sum(size % run.period in run.residues for size in range(run.first, run.last + 1))
        found += members if count <= parts else parts  # two neighbours are two parts
        parts -= count
    return found


def join_parts(parts: list[str]) -> str:
    """Return `a, b or c`; with semicolons where that could be read otherwise, as `2 or 1 more than multiples of 3`."""
    inner = any(" or " in part or " than " in part for part in parts) or any(", " in part for part in parts[:-1])
    if len(parts) > 1 and inner:
        return "; ".join(parts[:-1]) + f"; or {parts[-1]}"
    return join_words(parts, "or")


def _run_phrases(run: Run, plural: bool) -> list[str]:
    # Two neighbours are shorter as numbers than as a range.
    if run.last is not None and run.last - run.first < 2:
        return [str(size) for size in range(run.first, run.last + 1) if size % run.period in run.residues]
    if run.period == 1:
        return [f"at least {run.first}" if run.last is None else f"from {run.first} to {run.last}"]
    text = _residue_phrase(run, plural)
    if run.last is not None:
        return [f"{text} from {run.first} to {run.last}"]
    return [text if run.first == 1 else f"{text}, at least {run.first}"]


def _residue_phrase(run: Run, plural: bool) -> str:
    period, residues = run.period, run.residues
    multiple = f"multiples of {period}" if plural else f"a multiple of {period}"
    if residues == (0,):
        return "even" if period == 2 else multiple
    if period == 2:
        return "odd"
    if len(residues) == 1:
        (rest,) = residues
        return f"{rest} more than {multiple}" if rest <= period // 2 else f"{period - rest} less than {multiple}"
    missing = [r for r in range(period) if r not in residues]
    # All but the multiples: the exception is shorter than the list.
    if len(missing) == 1 and missing[0] == 0:
        return f"no {multiple}" if plural else f"no multiple of {period}"
    if len(residues) <= MOST_RESIDUES:
        return f"{join_words([str(r) for r in residues], 'or')} more than {multiple}"
    first = ", ".join(map(str, residues[:MOST_RESIDUES]))
    return f"one of {len(residues)} in {period} sizes ({first}, … more than {multiple})"


def _describe_linked(linked: LinkedAxes, all_axes: Axes) -> str:
    """Return the combinations of linked axes, that of the declared sizes first."""
    axes = [axis for name in linked.variables for axis in all_axes if axis.variable == name]
    who = show_names(axes, all_axes)
    if linked.boxes is None or len(linked.boxes) > MOST_BOXES:
        conditions = [show_condition(condition) for condition in linked.conditions]
        exact = [text for text in conditions if text is not None]
        if linked.boxes is None or len(exact) == len(conditions):
            pairs = zip(conditions, linked.conditions, strict=True)
            shown = [text or f"{c.left} {RELATIONS[c.relation]} {c.right}" for text, c in pairs]
            return f"{who} hang together: {'; '.join(shown)}"
    declared = {axis.variable: axis.declared for axis in axes}
    boxes = sorted(
        linked.boxes, key=lambda box: not all(declared[n] in s for n, s in zip(linked.variables, box, strict=True))
    )
    shown = [_show_box(linked.variables, box) for box in boxes[:MOST_BOXES]]
    if len(boxes) > MOST_BOXES:
        shown.append(f"one of {len(boxes) - MOST_BOXES} more combinations")
    return f"{who} hang together: {join_parts(shown)}"


def _show_box(variables: tuple[str, ...], box: tuple[SizeSet, ...]) -> str:
    return " with ".join(f"{name} {phrase(found, False)}" for name, found in zip(variables, box, strict=True))
