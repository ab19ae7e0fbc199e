"""What becomes one box: a stage, a block with the loose ops between blocks, or an op; and which blocks are the same."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from msgspec import Struct

from archspec.ir.flat import FlatGraph, FlatNode
from archspec.ir.graph import Body, Call, Graph, Section, Step, join
from archspec.views.growth import growth_of


class Group(Struct, frozen=True):
    """Ops that are drawn as one box; `steps` are those of one body, and `single` a block on its own.

    `depth`: how many calls are around the steps. `clusters`: what is drawn around the box, outermost first.
    """

    path: str
    title: str
    about: str
    steps: tuple[Step, ...]
    ops: range
    depth: int = 0
    clusters: tuple[str, ...] = ()
    stage: bool = False

    @property
    def single(self) -> Call | None:
        """The block, where the group is one."""
        step = self.steps[0] if len(self.steps) == 1 else None
        return step if isinstance(step, Call) else None


def groups_of(graph: Graph, flat: FlatGraph, level: str, opened: frozenset[str] = frozenset()) -> tuple[Group, ...]:
    """The groups at a level, in order of execution; what is `opened` is divided further."""
    return tuple(_op_groups(flat) if level == "op" else _Division(graph, opened).groups(level))


def openable(graph: Graph) -> Iterator[str]:
    """The paths that can be opened: the stages and every block."""
    yield from (section.name for section in graph.sections)
    yield from (placed.path for placed in graph.walk() if isinstance(placed.step, Call))


def top_of(node: FlatNode) -> Step:
    """The step of the network's own body that an op is, or is part of."""
    return node.calls[0] if node.calls else node.node


def same(one: Group, other: Group) -> bool:
    """Whether two groups are the same block, called alike."""
    if one.single is None or other.single is None or one.clusters != other.clusters:
        return False
    return same_call(one.single, other.single)


def same_call(one: Step, other: Step) -> bool:
    """Whether two steps call the same block alike."""
    if not isinstance(one, Call) or not isinstance(other, Call):
        return False
    return one.body is other.body and one.arguments == other.arguments and one.share == other.share


def _op_groups(flat: FlatGraph) -> Iterator[Group]:
    for node in flat.nodes:
        clusters = (top_of(node).scope,) if node.calls else ()
        ops = range(node.index, node.index + 1)
        yield Group(node.path, node.path, kind_of(node.node), (node.node,), ops, len(node.calls), clusters)


class _Division:
    """A network being divided; ops are counted off as the steps go by."""

    def __init__(self, graph: Graph, opened: frozenset[str]) -> None:
        self._graph, self._opened = graph, opened
        self._sizes: dict[int, int] = {}
        self._next = 0

    def groups(self, level: str) -> Iterator[Group]:
        """The groups at stage or block level."""
        for section in self._graph.sections:
            steps = self._graph.body.steps[section.first : section.last]
            if level == "stage" and not self._within(section, steps):
                yield Group(section.name, section.name, made_of(steps), steps, self._ops(steps), stage=True)
            else:
                yield from self._section(section, steps)

    def _within(self, section: Section, steps: tuple[Step, ...]) -> bool:
        """Whether a stage, or anything in it, is to be opened."""
        scopes = tuple(f"{step.scope}." for step in steps if isinstance(step, Call))
        return section.name in self._opened or any(f"{path}.".startswith(scopes) for path in self._opened)

    def _section(self, section: Section, steps: tuple[Step, ...]) -> Iterator[Group]:
        """Every block of a section is one group, and so are loose ops that follow one another."""
        runs = list(_runs(steps, section.name in self._opened))
        clusters = (section.name,) if len(runs) > 1 else ()
        for run in runs:
            whole = len(runs) == 1 and len(run) > 1
            yield from self._run(run, "", 0, clusters, section.name if whole else "")

    def _run(
        self, run: tuple[Step, ...], prefix: str, depth: int, clusters: tuple[str, ...], title: str = ""
    ) -> Iterator[Group]:
        path, step = join(prefix, run[0].scope), run[0]
        if isinstance(step, Call) and path in self._opened:
            for inner in _runs(step.body.steps, True):
                around = clusters if path in clusters else (*clusters, path)
                yield from self._run(inner, path, depth + 1, around)
            return
        title = title or (path if len(run) == 1 else f"{path} … {join(prefix, run[-1].scope)}")
        yield Group(path, title, made_of(run), run, self._ops(run), depth, clusters)

    def _ops(self, steps: tuple[Step, ...]) -> range:
        first = self._next
        self._next += sum(self._size(step) for step in steps)
        return range(first, self._next)

    def _size(self, step: Step) -> int:
        """How many ops a step is."""
        if not isinstance(step, Call):
            return 1
        body: Body = step.body
        if id(body) not in self._sizes:
            self._sizes[id(body)] = sum(self._size(inner) for inner in body.steps)
        return self._sizes[id(body)]


def _runs(steps: tuple[Step, ...], single: bool) -> Iterator[tuple[Step, ...]]:
    """Every block alone, and loose ops that follow one another together, or one by one."""
    for is_call, run in groupby(steps, key=lambda step: isinstance(step, Call)):
        if is_call or single:
            yield from ((step,) for step in run)
        else:
            yield tuple(run)


def made_of(steps: tuple[Step, ...]) -> str:
    """What a group is made of: `bottleneck ×3`, `conv, batch_norm, relu`, `conv + 7 more`; what a block grows by."""
    if len(steps) == 1 and isinstance(steps[0], Call):
        return steps[0].kind + growth_of(steps[0])
    runs = [(kind, len(list(run))) for kind, run in groupby(kind_of(step) for step in steps)]
    shown = [kind + (f" ×{count}" if count > 1 else "") for kind, count in runs]
    return ", ".join(shown) if len(shown) <= 4 else f"{shown[0]} + {len(steps) - runs[0][1]} more"


def kind_of(step: Step) -> str:
    """What a step is; `?` for one that stands for a layer which could not be made out."""
    return "?" if not isinstance(step, Call) and step.failed else step.kind
