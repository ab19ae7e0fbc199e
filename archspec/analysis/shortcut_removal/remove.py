"""Rewrite a Graph without its shortcuts: every residual add becomes its main path, then dead steps are removed."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from archspec.analysis.shortcut_removal.check import is_added_residual, require_removable
from archspec.analysis.shortcut_removal.unremovable import UnremovableMerge
from archspec.errors import ShortcutRemovalError
from archspec.ir.graph import Body, Call, Decision, Graph, Section, Step


def without_shortcuts(graph: Graph) -> Graph:
    """Return the Graph without its shortcuts: paths, tensors and spans of the main path, in the same order.

    Raises ShortcutRemovalError if a skip connection is no residual add, or if there is none.
    """
    require_removable(graph)
    return _GraphRewriter(graph.name).graph(graph)


class _RewrittenBody(Struct, frozen=True):
    """A body without its shortcuts, and which of its former inputs it still has."""

    body: Body
    inputs: tuple[int, ...]


class _GraphRewriter:
    """Rewrites each distinct body of a graph once, however many calls share it."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._done: dict[int, tuple[Body, _RewrittenBody]] = {}

    def graph(self, graph: Graph) -> Graph:
        """Return the graph with its own body rewritten; all its inputs stay."""
        work = _BodyRewriter(self, graph.body, self._name, whole=True)
        sections = tuple(work.section(section) for section in graph.sections)
        return replace(graph, body=work.body(), sections=sections)

    def rewrite(self, body: Body) -> _RewrittenBody:
        """Return a called body without its shortcuts."""
        if id(body) not in self._done:
            work = _BodyRewriter(self, body, self._name, whole=False)
            self._done[id(body)] = (body, _RewrittenBody(work.body(), work.inputs))
        return self._done[id(body)][1]


class _BodyRewriter:
    """Rewriter of one body: which steps stay, and the new numbers of its values; a `whole` network keeps its inputs.

    Liveness is one backward pass: the steps are in topological order, so that a step's readers come before it. Steps
    that were dead in the design as it is stay, since removing them is not what was requested.
    """

    def __init__(self, rewriter: _GraphRewriter, body: Body, name: str, whole: bool) -> None:
        self._old, self._name = body, name
        merges = zip(body.starts, body.steps, strict=True)
        self._main = {start: step.inputs[0] for start, step in merges if is_added_residual(step)}
        self._steps = tuple(_rewrite_call(step, rewriter) for step in body.steps)
        self._dead = _dead_steps(body)
        self._live = self._find_live()
        read = {v for step in body.steps for v in step.inputs}.union(body.outputs)
        inputs = range(len(body.inputs))
        # Inputs that only shortcuts read go, with the caller's argument; unused ones were the author's choice and stay.
        self.inputs = tuple(v for v in inputs if whole or v not in read or v in self._live)
        self._keep = [self._stays(index) for index in range(len(body.steps))]
        self._number = self._numbers()
        self._check_sharing()

    def body(self) -> Body:
        """Return the body with the steps that stay."""
        old = self._old
        steps = tuple(self._renumbered(step) for step, keep in zip(self._steps, self._keep, strict=True) if keep)
        return replace(
            old,
            ports=tuple(old.ports[v] for v in self.inputs) if len(old.ports) == len(old.inputs) else old.ports,
            inputs=tuple(old.inputs[v] for v in self.inputs),
            steps=steps,
            outputs=tuple(self._renumber(v) for v in old.outputs),
            decisions=tuple(self._decision(d) for d in old.decisions if not self._is_gone(d)),
        )

    def section(self, section: Section) -> Section:
        """Return a row of the table over the steps that stay."""
        first, last = self._before(section.first), self._before(section.last)
        values = (self._renumber(v) for v in section.values if self._source(v) in self._number)
        return replace(section, first=first, last=last, values=tuple(dict.fromkeys(values)))

    def _source(self, value: int) -> int:
        """Return the value that replaces one: for a merge, the value of its main path."""
        while value in self._main:
            main = self._main[value]
            assert main is not None
            value = main
        return value

    def _renumber(self, value: int) -> int:
        return self._number[self._source(value)]

    def _find_live(self) -> set[int]:
        """Return the values that are still read: on the way to an output, or by a step that was dead before, too."""
        live = {self._source(v) for v in self._old.outputs}
        for index in range(len(self._steps) - 1, -1, -1):  # readers before what they read
            if index in self._dead or any(v in live for v in self._values(index)):
                live.update(self._source(v) for v in self._steps[index].inputs if v is not None)
        return live

    def _values(self, index: int) -> range:
        """Return the values that a step computes."""
        first = self._old.starts[index]
        return range(first, first + len(self._steps[index].outputs))

    def _stays(self, index: int) -> bool:
        # The merge itself: its readers read the main path.
        if self._old.starts[index] in self._main:
            return False
        return index in self._dead or any(v in self._live for v in self._values(index))

    def _numbers(self) -> dict[int, int]:
        found = {value: number for number, value in enumerate(self.inputs)}
        for index, keep in enumerate(self._keep):
            if keep:
                for value in self._values(index):
                    found[value] = len(found)
        return found

    def _renumbered(self, step: Step) -> Step:
        return replace(step, inputs=tuple(None if v is None else self._renumber(v) for v in step.inputs))

    def _before(self, index: int) -> int:
        return sum(self._keep[:index])

    def _is_gone(self, decision: Decision) -> bool:
        first, last = decision.steps
        return first < last and not any(self._keep[first:last])

    def _decision(self, decision: Decision) -> Decision:
        first, last = decision.steps
        return replace(decision, steps=(self._before(first), self._before(last)))

    def _check_sharing(self) -> None:
        """Raise ShortcutRemovalError if a step that stays shares the tensors of one that goes."""
        gone = {step.scope for step, keep in zip(self._steps, self._keep, strict=True) if not keep}
        # A scope that some step keeps still exists.
        gone -= {step.scope for step, keep in zip(self._steps, self._keep, strict=True) if keep}
        for step, keep in zip(self._steps, self._keep, strict=True):
            taken = [share.path for share in step.share if share.path in gone]
            if keep and taken:
                reason = f"it shares the tensors of {taken[0]}, which belongs to a shortcut"
                raise ShortcutRemovalError(
                    self._name, (UnremovableMerge(step.origin.span, step.scope, step.kind, reason, step.origin.span),)
                )


def _rewrite_call(step: Step, rewriter: _GraphRewriter) -> Step:
    """Return a call of the rewritten body, with the inputs that this still has; an op as it is."""
    if not isinstance(step, Call):
        return step
    rewritten = rewriter.rewrite(step.body)
    return replace(step, body=rewritten.body, inputs=tuple(step.inputs[number] for number in rewritten.inputs))


def _dead_steps(body: Body) -> frozenset[int]:
    """Return the indices of the steps that no output of the body needs."""
    live, dead = set(body.outputs), set()
    for index in range(len(body.steps) - 1, -1, -1):
        first, step = body.starts[index], body.steps[index]
        if any(v in live for v in range(first, first + len(step.outputs))):
            live.update(v for v in step.inputs if v is not None)
        else:
            dead.add(index)
    return frozenset(dead)
