"""Valid sizes in sentences for people."""

from __future__ import annotations

from archspec.analysis.input_sizes.joint import Joint
from archspec.analysis.input_sizes.size_set import Run, SizeSet
from archspec.analysis.input_sizes.valid_sizes import Axis, ValidSizes

MOST_PARTS, MOST_BOXES, MOST_RESIDUES = 6, 4, 4
LOST = {"height": "rows", "width": "columns", "depth": "slices", "length": "positions"}
RELATIONS = {"==": "must equal", ">=": "must be at least", "divisible by": "must be divisible by"}


def describe(sizes: ValidSizes) -> str:
    """What works, a line for each group of axes that are alike, then what hangs together."""
    if not sizes.axes:
        return "no input has a size that could differ"
    lines = [_line(axes, sizes) for axes in alike(sizes.axes)]
    for variable in dict.fromkeys(axis.variable for axis in sizes.axes):
        same = [axis for axis in sizes.axes if axis.variable == variable]
        if len(same) > 1:
            lines.append(f"{named(same, sizes)} must be equal")
    lines.extend(_linked(joint, sizes) for joint in sizes.joints)
    if sizes.tried:
        lines.append(f"sizes from 1 to {sizes.tried} were tried, one axis after the other; larger ones may work too")
    return "\n".join(lines)


def requirements(axes: tuple[Axis, ...], sizes: ValidSizes) -> str:
    """What some axes must be, in one sentence."""
    groups: dict[SizeSet, list[Axis]] = {}
    for axis in axes:
        groups.setdefault(axis.sizes, []).append(axis)
    return "; ".join(f"{named(same, sizes)} must be {phrase(works, len(same) > 1)}" for works, same in groups.items())


def alike(axes: tuple[Axis, ...]) -> list[list[Axis]]:
    """The axes in groups for which the same works."""
    found: dict[tuple[SizeSet, SizeSet], list[Axis]] = {}
    for axis in axes:
        found.setdefault((axis.sizes, axis.lossless), []).append(axis)
    return list(found.values())


def named(axes: list[Axis], sizes: ValidSizes) -> str:
    """`height and width`; with the input's name where there are several inputs."""
    several = len({axis.input for axis in sizes.axes}) > 1
    return joined([f"{axis.input}'s {axis.name}" if several else axis.name for axis in axes], "and")


def joined(words: list[str], last: str) -> str:
    """a, b and c."""
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + f" {last} " + words[-1]


def _line(axes: list[Axis], sizes: ValidSizes) -> str:
    works, plural, who = axes[0].sizes, len(axes) > 1, named(axes, sizes)
    if works.verdict == "never":
        return f"{who}: no size works"
    text = f"{who}: every size works" if works.verdict == "always" else f"{who} must be {phrase(works, plural)}"
    wrong = dict.fromkeys(axis.declared for axis in axes if not axis.contains(axis.declared))
    text += "".join(f"; nearest to {size}: {', '.join(map(str, works.nearest(size)))}" for size in wrong)
    return text + _loss(axes)


def _loss(axes: list[Axis]) -> str:
    """What is said where some sizes work, but a strided layer leaves the last pixels out."""
    works, whole = axes[0].sizes, axes[0].lossless
    if works == whole:
        return ""
    lost = joined(list(dict.fromkeys(LOST.get(axis.name, "pixels") for axis in axes)), "or")
    if whole.verdict == "never":
        return f" (at each of them some layer leaves out the last {lost})"
    kept = phrase(whole, True)
    return f" (nothing is left out at {kept}; at the others some layer leaves out the last {lost})"


def phrase(sizes: SizeSet, plural: bool) -> str:
    """A set after `must be`: multiples of 32, at least 64."""
    parts = [part for run in sizes.runs() for part in _run(run, plural)]
    if len(parts) > MOST_PARTS:
        more = f"{len(parts) - MOST_PARTS + 1} more" if sizes.finite else "more, or " + parts[-1]
        parts = [*parts[: MOST_PARTS - 1], more]
    return joined(parts, "or")


def _run(run: Run, plural: bool) -> list[str]:
    if run.last is not None and run.last - run.first < 2:
        return [str(size) for size in range(run.first, run.last + 1) if size % run.period in run.residues]
    if run.period == 1:
        return [f"at least {run.first}" if run.last is None else f"from {run.first} to {run.last}"]
    text = _residues(run, plural)
    if run.last is not None:
        return [f"{text} from {run.first} to {run.last}"]
    return [text if run.first == 1 else f"{text}, at least {run.first}"]


def _residues(run: Run, plural: bool) -> str:
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
    if len(missing) == 1 and missing[0] == 0:
        return f"no {multiple}" if plural else f"no multiple of {period}"
    if len(residues) <= MOST_RESIDUES:
        return f"{joined([str(r) for r in residues], 'or')} more than {multiple}"
    first = ", ".join(map(str, residues[:MOST_RESIDUES]))
    return f"one of {len(residues)} in {period} sizes ({first}, … more than {multiple})"


def _linked(joint: Joint, sizes: ValidSizes) -> str:
    """Axes that hang together: the combinations, that of the declared sizes first."""
    axes = [axis for name in joint.variables for axis in sizes.axes if axis.variable == name]
    who = named(axes, sizes)
    if joint.boxes is None:
        asked = "; ".join(f"{c.left} {RELATIONS[c.relation]} {c.right}" for c in joint.conditions)
        return f"{who} hang together: {asked}"
    declared = {axis.variable: axis.declared for axis in axes}
    boxes = sorted(
        joint.boxes, key=lambda box: not all(declared[n] in s for n, s in zip(joint.variables, box, strict=True))
    )
    shown = [_box(joint.variables, box) for box in boxes[:MOST_BOXES]]
    if len(boxes) > MOST_BOXES:
        shown.append(f"{len(boxes) - MOST_BOXES} more combinations")
    return f"{who} hang together: {joined(shown, 'or')}"


def _box(variables: tuple[str, ...], box: tuple[SizeSet, ...]) -> str:
    return " with ".join(f"{name} {phrase(found, False)}" for name, found in zip(variables, box, strict=True))
