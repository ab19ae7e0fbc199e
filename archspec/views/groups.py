"""Group ops into boxes: a stage, a block or the ops between two blocks, or a single op; compare blocks."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from msgspec import Struct

from archspec.ir.flat import FlatGraph, FlatNode
from archspec.ir.graph import Body, Call, Graph, Section, Step, join
from archspec.views.growth import describe_growth


class Group(Struct, frozen=True):
    """Ops that are drawn as one box; `steps` belong to one body, `single` is the block of a group of one call.

    depth: how many calls are around the steps. clusters: the frames around the box, outermost first.
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
        """The call, if the group is one."""
        step = self.steps[0] if len(self.steps) == 1 else None
        return step if isinstance(step, Call) else None


def groups_of(graph: Graph, flat: FlatGraph, level: str, opened: frozenset[str] = frozenset()) -> tuple[Group, ...]:
    """Return the groups at a level, in order of execution; stages and blocks in `opened` are expanded."""
    return tuple(_op_groups(flat) if level == "op" else _Grouping(graph, opened).groups(level))


def openable(graph: Graph) -> Iterator[str]:
    """Yield the paths that can be opened: the stages and every block."""
    yield from (section.name for section in graph.sections)
    yield from (placed.path for placed in graph.walk() if isinstance(placed.step, Call))


def outermost_step(node: FlatNode) -> Step:
    """Return the step of the network's own body that contains an op."""
    return node.calls[0] if node.calls else node.node


def is_same_block(one: Group, other: Group) -> bool:
    """Whether two groups are calls of one block with equal arguments."""
    if one.single is None or other.single is None or one.clusters != other.clusters:
        return False
    return is_same_call(one.single, other.single)


def is_same_call(one: Step, other: Step) -> bool:
    """Whether two steps call one block with equal arguments."""
    if not isinstance(one, Call) or not isinstance(other, Call):
        return False
    # Lowering shares the body of equal calls, so that identity is equality; arguments are compared for their text.
    return one.body is other.body and one.arguments == other.arguments and one.share == other.share


def _op_groups(flat: FlatGraph) -> Iterator[Group]:
    for node in flat.nodes:
        clusters = (outermost_step(node).scope,) if node.calls else ()
        ops = range(node.index, node.index + 1)
        yield Group(node.path, node.path, show_kind(node.node), (node.node,), ops, len(node.calls), clusters)


class _Grouping:
    """Groups a network in one pass over its steps, which counts the ops."""

    def __init__(self, graph: Graph, opened: frozenset[str]) -> None:
        self._graph, self._opened = graph, opened
        self._sizes: dict[int, int] = {}
        self._next = 0

    def groups(self, level: str) -> Iterator[Group]:
        """Yield the groups at stage or block level."""
        for section in self._graph.sections:
            steps = self._graph.body.steps[section.first : section.last]
            if level == "stage" and not self._is_opened(section, steps):
                yield Group(section.name, section.name, describe_steps(steps), steps, self._ops(steps), stage=True)
            else:
                yield from self._section(section, steps)

    def _is_opened(self, section: Section, steps: tuple[Step, ...]) -> bool:
        """Whether a stage, or anything in it, is opened."""
        scopes = tuple(f"{step.scope}." for step in steps if isinstance(step, Call))
        return section.name in self._opened or any(f"{path}.".startswith(scopes) for path in self._opened)

    def _section(self, section: Section, steps: tuple[Step, ...]) -> Iterator[Group]:
        """Yield a group for each block of a section, and for each run of ops between blocks."""
        runs = list(_runs(steps, section.name in self._opened))
        clusters = (section.name,) if len(runs) > 1 else ()  # a frame around a single box would say nothing
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
        yield Group(path, title, describe_steps(run), run, self._ops(run), depth, clusters)

    def _ops(self, steps: tuple[Step, ...]) -> range:
        # Groups come in the order of execution, as flat ops do, so that counting gives the indices of a group's ops.
        first = self._next
        self._next += sum(self._size(step) for step in steps)
        return range(first, self._next)

    def _size(self, step: Step) -> int:
        """Return how many ops a step has, calls inlined."""
        if not isinstance(step, Call):
            return 1
        body: Body = step.body
        if id(body) not in self._sizes:
            self._sizes[id(body)] = sum(self._size(inner) for inner in body.steps)
        return self._sizes[id(body)]


def _runs(steps: tuple[Step, ...], single: bool) -> Iterator[tuple[Step, ...]]:
    """Yield every block alone, and ops that follow one another together (if `single`, one by one)."""
    for is_call, run in groupby(steps, key=lambda step: isinstance(step, Call)):
        if is_call or single:
            yield from ((step,) for step in run)
        else:
            yield tuple(run)


def describe_steps(steps: tuple[Step, ...]) -> str:
    """Return what a group is made of: `bottleneck ×3`, `conv, batch_norm, relu`, `conv + 7 more`; a block's growth."""
    if len(steps) == 1 and isinstance(steps[0], Call):
        return steps[0].kind + describe_growth(steps[0])
    runs = [(kind, len(list(run))) for kind, run in groupby(show_kind(step) for step in steps)]
    shown = [kind + (f" ×{count}" if count > 1 else "") for kind, count in runs]
    # Four kinds fit on the line of a box.
    return ", ".join(shown) if len(shown) <= 4 else f"{shown[0]} + {len(steps) - runs[0][1]} more"


def show_kind(step: Step) -> str:
    """Return the kind of a step; `?` for a layer that failed."""
    return "?" if not isinstance(step, Call) and step.failed else step.kind
