"""All input sizes that a Graph works with, exactly: for each axis a set, and what hangs together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache, reduce
from operator import or_

from msgspec import Struct
from msgspec.structs import replace

from archspec.analysis.input_sizes.joint import Joint, groups, implied, joint_of
from archspec.analysis.input_sizes.rerun import Asking, Reruns, TooMuch, rerun
from archspec.analysis.input_sizes.size_set import ALL, NONE, SizeSet, of
from archspec.analysis.input_sizes.solving import sizes_that_meet, variables
from archspec.ir.graph import Graph
from archspec.ir.sizes import Condition, Dim, PeriodTooLong, Polynomial, Size
from archspec.ir.types import ValueType

MOST_TRIED, LEAST_TRIED, TRIED_STEPS = 1024, 64, 100_000
NAMES = {1: ("length",), 2: ("height", "width"), 3: ("depth", "height", "width")}


class Axis(Struct, frozen=True):
    """An axis of an input: the sizes that it can have, and those of them at which no pixel is dropped.

    `index` is its place in the input's shape. Axes of one `variable` must have one size. Where axes hang together,
    `sizes` are those that work with some size of the others.
    """

    input: str
    index: int
    name: str
    declared: int
    variable: str
    sizes: SizeSet
    lossless: SizeSet

    @property
    def verdict(self) -> str:
        """`always`, `conditional` or `never`."""
        return self.sizes.verdict

    def contains(self, size: int) -> bool:
        """Whether a size works (with some size of the other axes, where they hang together)."""
        return size in self.sizes

    def nearest(self, size: int) -> tuple[int, ...]:
        """The size itself where it works, else the nearest smaller and larger ones that do."""
        return self.sizes.nearest(size)


class ValidSizes(Struct, frozen=True):
    """The sizes that work. `tried` is 0 for an exact answer, else the largest size tried, one axis after the other."""

    axes: tuple[Axis, ...]
    joints: tuple[Joint, ...] = ()
    tried: int = 0

    @property
    def bounded(self) -> bool:
        """Whether more might work than is said: sizes were tried, or axes that hang together could not be solved."""
        return bool(self.tried) or any(joint.boxes is None for joint in self.joints)

    @property
    def verdict(self) -> str:
        """`always` where every size works, `never` where none does, else `conditional`."""
        verdicts = {axis.verdict for axis in self.axes}
        if "never" in verdicts:
            return "never"
        linked = self.joints or len({axis.variable for axis in self.axes}) < len(self.axes)
        return "conditional" if linked or "conditional" in verdicts else "always"

    def __getitem__(self, name: str) -> Axis:
        """The axis of a name: `height`, or `image.height` where there are several inputs."""
        found = [axis for axis in self.axes if name in (axis.name, f"{axis.input}.{axis.name}")]
        if len(found) != 1:
            known = ", ".join(f"{axis.input}.{axis.name}" for axis in self.axes)
            raise KeyError(f"{'several axes are' if found else 'no axis is'} named {name}; there are: {known}")
        return found[0]

    def contains(self, *sizes: int) -> bool:
        """Whether these sizes, one for each axis in order, work together."""
        given: dict[str, int] = {}
        for axis, size in zip(self.axes, sizes, strict=True):
            if size not in axis.sizes or given.setdefault(axis.variable, size) != size:
                return False
        return all(joint.contains(given) for joint in self.joints)

    def describe(self) -> str:
        """What works, in sentences."""
        from archspec.analysis.input_sizes.describe import describe

        return describe(self)

    def to_dict(self) -> dict[str, object]:
        """The same as data, from which a program can decide of any sizes."""
        from archspec.analysis.input_sizes.data import as_data

        return as_data(self)


def valid_sizes(graph: Graph, *, pinned: bool = True) -> ValidSizes:
    """All sizes of the inputs' free axes (height, width, depth, length) with which a network works.

    `pinned` counts what a built module bakes in, such as the input of a linear layer; without it the answer says
    which sizes the spec could declare instead. A tensor added by silent broadcast counts as a failure.
    """
    exact = exact_sizes(graph, pinned=pinned)
    return tried_sizes(graph, pinned=pinned) if exact is None else exact


def exact_sizes(graph: Graph, *, pinned: bool = True) -> ValidSizes | None:
    """The same, or None where it would take trying sizes out."""
    try:
        found = asked_exactly(graph)
        return None if found is None else solved(found, pinned)
    except PeriodTooLong:
        return None


def asked_exactly(graph: Graph, kept: Reruns | None = None) -> Asked | None:
    """What a Graph asks of its inputs' sizes; None where free sizes cannot say it, or only with too much work."""
    try:
        found = asked(graph, kept=kept)
    except (PeriodTooLong, TooMuch):
        return None
    return None if found.rerun.inexact else found


class Asked(Struct, frozen=True):
    """A Graph's free axes (their sizes still all there are) and what its shape rules ask of them."""

    axes: tuple[Axis, ...]
    rerun: Asking


def asked(graph: Graph, thorough: bool = False, kept: Reruns | None = None) -> Asked:
    """Run the shape rules with every spatial axis of the inputs free; axes that must be equal are one variable."""
    axes = free_axes(graph)
    found = rerun(graph, _inputs(graph, {(a.input, a.index): Size.free(a.variable) for a in axes}), thorough, kept)
    same = _same(found.needed)
    if same:
        axes = tuple(replace(axis, variable=same.get(axis.variable, axis.variable)) for axis in axes)
        found = rerun(graph, _inputs(graph, {(a.input, a.index): Size.free(a.variable) for a in axes}), thorough, kept)
    return Asked(axes, found)


def free_axes(graph: Graph) -> tuple[Axis, ...]:
    """The axes whose size is not a number of channels or features."""
    found = []
    for name, x in graph.inputs:
        for index, axis in _axes_of(x):
            size = x.shape[index]
            assert isinstance(size, int)
            variable = axis if len(graph.inputs) == 1 else f"{name}.{axis}"
            found.append(Axis(name, index, axis, size, variable, ALL, ALL))
    return tuple(found)


def _axes_of(x: ValueType) -> list[tuple[int, str]]:
    if x.kind == "map":
        return list(zip(x.spatial_axes, NAMES[len(x.spatial_axes)], strict=True))
    if x.kind == "mask":
        return [(index, f"axis {index}") for index, size in enumerate(x.shape) if size != 1]
    return [(0, "length")] if x.kind in ("tokens", "ids") and x.shape else []


def _inputs(graph: Graph, sizes: Mapping[tuple[str, int], Dim]) -> tuple[ValueType, ...]:
    return tuple(
        replace(x, shape=tuple(sizes.get((name, index), size) for index, size in enumerate(x.shape)))
        for name, x in graph.inputs
    )


def _same(needed: Iterable[Condition]) -> dict[str, str]:
    """For variables that must be equal the one that stands for them all."""
    leader: dict[str, str] = {}
    for condition in needed:
        a, b = condition.left, condition.right
        if condition.relation == "==" and _is_axis(a) and _is_axis(b):
            assert isinstance(a, Size)
            assert isinstance(b, Size)
            first, second = sorted((leader.get(a.variable, a.variable), leader.get(b.variable, b.variable)))
            leader = {name: first if to == second else to for name, to in leader.items()}
            leader[second] = leader[first] = first
    return leader


def _is_axis(dim: Dim) -> bool:
    return isinstance(dim, Size) and dim.growth == 1 and dim.table == (0,)


def solved(found: Asked, pinned: bool = True) -> ValidSizes:
    """The sizes that meet everything that is asked."""
    names = dict.fromkeys(axis.variable for axis in found.axes)
    conditions = [*found.rerun.needed, *(found.rerun.pins if pinned else ())]
    alone, linked = _sorted_out(conditions)
    sets = {name: _meeting(tuple(alone.get(name, ())), ALL) for name in names}
    reaching, _ = _sorted_out(list(found.rerun.lossless))
    joints = []
    for group in groups(c for c in linked if not implied(c, sets)):
        joint = joint_of(group, sets)
        if joint.boxes is not None:
            for place, name in enumerate(joint.variables):
                sets[name] = reduce(or_, (box[place] for box in joint.boxes), NONE)
        if joint.boxes is None or len(joint.boxes) > 1:
            joints.append(joint)
    lossless = {name: _meeting(tuple(reaching.get(name, ())), sets[name]) for name in names}
    axes = (replace(axis, sizes=sets[axis.variable], lossless=lossless[axis.variable]) for axis in found.axes)
    return ValidSizes(tuple(axes), tuple(joints))


def _sorted_out(conditions: list[Condition]) -> tuple[dict[str, list[Condition]], list[Condition]]:
    """The conditions on one axis, by its variable, and those that link several."""
    alone: dict[str, list[Condition]] = {}
    linked = []
    for condition in conditions:
        names = variables(condition.left) | variables(condition.right)
        if (
            len(names) == 1
            and not isinstance(condition.left, Polynomial)
            and not isinstance(condition.right, Polynomial)
        ):
            alone.setdefault(next(iter(names)), []).append(condition)
        else:
            linked.append(condition)
    return alone, linked


@lru_cache(maxsize=64)
def _meeting(conditions: tuple[Condition, ...], within: SizeSet) -> SizeSet:
    """The sizes of a set that meet all conditions on their axis; short periods first, which keeps the work small."""
    sets = dict.fromkeys(sizes_that_meet(condition) for condition in conditions)
    found = within
    for one in sorted(sets, key=lambda s: s.period):
        found = found & one
    return found


def tried_sizes(graph: Graph, *, pinned: bool = True) -> ValidSizes:
    """The sizes up to a bound that work with the other axes as declared, each one tried; and the declared one."""
    axes = free_axes(graph)
    steps = sum(1 for _ in graph.walk())
    most = max(LEAST_TRIED, min(MOST_TRIED, TRIED_STEPS // max(1, steps)))
    found = []
    for axis in axes:
        works = {n for n in range(1, most + 1) if _runs(graph, {(axis.input, axis.index): n}, pinned)}
        sizes = of(sorted(works | {axis.declared}))
        found.append(replace(axis, sizes=sizes, lossless=sizes))
    return ValidSizes(tuple(found), (), most)


def _runs(graph: Graph, sizes: Mapping[tuple[str, int], Dim], pinned: bool) -> bool:
    found = rerun(graph, _inputs(graph, sizes))
    return not found.impossible and not (pinned and found.apart)
