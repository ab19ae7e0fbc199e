"""Graph to Graph: every added residual becomes its main path, and what only its shortcut needed goes."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from archspec.analysis.shortcut_removal.check import Refusal, is_added_residual, require_removable
from archspec.errors import ShortcutRemovalError
from archspec.ir.graph import Body, Call, Decision, Graph, Section, Step


def without_shortcuts(graph: Graph) -> Graph:
    """The design without its shortcuts: paths, tensors and places are those of the main path, in the same order.

    Raises ShortcutRemovalError where a skip connection is no added residual, or where there is none.
    """
    require_removable(graph)
    return _Taking(graph.name).graph(graph)


class _Plain(Struct, frozen=True):
    """A body without its shortcuts, and which of its former inputs it still reads."""

    body: Body
    inputs: tuple[int, ...]


class _Taking:
    """One pass over the distinct bodies of a graph."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._done: dict[int, tuple[Body, _Plain]] = {}

    def graph(self, graph: Graph) -> Graph:
        """The graph with its own body rewritten; all its inputs stay."""
        work = _Rewriting(self, graph.body, self._name, whole=True)
        sections = tuple(work.section(section) for section in graph.sections)
        return replace(graph, body=work.body(), sections=sections)

    def plain(self, body: Body) -> _Plain:
        """A body that calls share, rewritten once."""
        if id(body) not in self._done:
            work = _Rewriting(self, body, self._name, whole=False)
            self._done[id(body)] = (body, _Plain(work.body(), work.inputs))
        return self._done[id(body)][1]


class _Rewriting:
    """One body: which steps stay, and the numbers that its values have then; a `whole` network keeps its inputs."""

    def __init__(self, taking: _Taking, body: Body, name: str, whole: bool) -> None:
        self._old, self._name = body, name
        merges = zip(body.starts, body.steps, strict=True)
        self._main = {start: step.inputs[0] for start, step in merges if is_added_residual(step)}
        self._steps = tuple(_reduced(step, taking) for step in body.steps)
        self._idle = _idle(body)
        self._live = self._living()
        read = {v for step in body.steps for v in step.inputs}.union(body.outputs)
        inputs = range(len(body.inputs))
        self.inputs = tuple(v for v in inputs if whole or v not in read or v in self._live)
        self._keep = [self._stays(index) for index in range(len(body.steps))]
        self._number = self._numbers()
        self._refuse_sharing()

    def body(self) -> Body:
        """The body with the steps that stay."""
        old = self._old
        steps = tuple(self._renumbered(step) for step, keep in zip(self._steps, self._keep, strict=True) if keep)
        return replace(
            old,
            ports=tuple(old.ports[v] for v in self.inputs) if len(old.ports) == len(old.inputs) else old.ports,
            inputs=tuple(old.inputs[v] for v in self.inputs),
            steps=steps,
            outputs=tuple(self._now(v) for v in old.outputs),
            decisions=tuple(self._decision(d) for d in old.decisions if not self._gone(d)),
        )

    def section(self, section: Section) -> Section:
        """A row of the table over the steps that stay."""
        first, last = self._before(section.first), self._before(section.last)
        values = (self._now(v) for v in section.values if self._source(v) in self._number)
        return replace(section, first=first, last=last, values=tuple(dict.fromkeys(values)))

    def _source(self, value: int) -> int:
        """The value that stands for one: the main path's for what a merge gave."""
        while value in self._main:
            main = self._main[value]
            assert main is not None
            value = main
        return value

    def _now(self, value: int) -> int:
        return self._number[self._source(value)]

    def _living(self) -> set[int]:
        """The values that are still read: on the way to an output, or by a step that nobody needed before either."""
        live = {self._source(v) for v in self._old.outputs}
        for index in range(len(self._steps) - 1, -1, -1):
            if index in self._idle or any(v in live for v in self._values(index)):
                live.update(self._source(v) for v in self._steps[index].inputs if v is not None)
        return live

    def _values(self, index: int) -> range:
        """The values that a step gives."""
        first = self._old.starts[index]
        return range(first, first + len(self._steps[index].outputs))

    def _stays(self, index: int) -> bool:
        if self._old.starts[index] in self._main:
            return False
        return index in self._idle or any(v in self._live for v in self._values(index))

    def _numbers(self) -> dict[int, int]:
        found = {value: number for number, value in enumerate(self.inputs)}
        for index, keep in enumerate(self._keep):
            if keep:
                for value in self._values(index):
                    found[value] = len(found)
        return found

    def _renumbered(self, step: Step) -> Step:
        return replace(step, inputs=tuple(None if v is None else self._now(v) for v in step.inputs))

    def _before(self, index: int) -> int:
        return sum(self._keep[:index])

    def _gone(self, decision: Decision) -> bool:
        first, last = decision.steps
        return first < last and not any(self._keep[first:last])

    def _decision(self, decision: Decision) -> Decision:
        first, last = decision.steps
        return replace(decision, steps=(self._before(first), self._before(last)))

    def _refuse_sharing(self) -> None:
        """A step that stays must not take its tensors from one that goes."""
        gone = {step.scope for step, keep in zip(self._steps, self._keep, strict=True) if not keep}
        gone -= {step.scope for step, keep in zip(self._steps, self._keep, strict=True) if keep}
        for step, keep in zip(self._steps, self._keep, strict=True):
            taken = [share.path for share in step.share if share.path in gone]
            if keep and taken:
                reason = f"it shares the tensors of {taken[0]}, which belongs to a shortcut"
                raise ShortcutRemovalError(
                    self._name, (Refusal(step.origin.span, step.scope, step.kind, reason, step.origin.span),)
                )


def _reduced(step: Step, taking: _Taking) -> Step:
    """A call of the body that is left, with the inputs that it still reads."""
    if not isinstance(step, Call):
        return step
    plain = taking.plain(step.body)
    return replace(step, body=plain.body, inputs=tuple(step.inputs[number] for number in plain.inputs))


def _idle(body: Body) -> frozenset[int]:
    """The indices of the steps that no output of the body needs."""
    live, idle = set(body.outputs), set()
    for index in range(len(body.steps) - 1, -1, -1):
        first, step = body.starts[index], body.steps[index]
        if any(v in live for v in range(first, first + len(step.outputs))):
            live.update(v for v in step.inputs if v is not None)
        else:
            idle.add(index)
    return frozenset(idle)
