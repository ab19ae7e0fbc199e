"""Whether two steps that are each other's counterpart read counterparts, too."""

from __future__ import annotations

from functools import cached_property

from msgspec import Struct

from archspec.ir.graph import Body, Step

INPUT = -1


class Source(Struct, frozen=True):
    """Where a value comes from: a step by its number, or the body's own inputs; and which of its values it is."""

    step: int
    output: int


class Wiring(Struct, frozen=True, dict=True):
    """The values of one body by what makes them, and which steps have a counterpart."""

    body: Body
    paired: dict[int, int]  # the number of a step: the number of its pair

    @cached_property
    def sources(self) -> tuple[Source, ...]:
        """The source of every value."""
        found = [Source(INPUT, number) for number in range(len(self.body.inputs))]
        for index, step in enumerate(self.body.steps):
            found.extend(Source(index, number) for number in range(len(step.outputs)))
        return tuple(found)

    def pair_of(self, source: Source) -> tuple[int, int] | None:
        """What a source is on both sides; None for a step without a counterpart."""
        if source.step == INPUT:
            return INPUT, source.output
        pair = self.paired.get(source.step)
        return None if pair is None else (pair, source.output)

    def before_loose(self, source: Source) -> set[tuple[int, int]]:
        """What leads to a step without a counterpart, through steps without one."""
        found, seen, waiting = set(), {source.step}, [source]
        while waiting:
            for value in self.body.steps[waiting.pop().step].inputs:
                if value is None:
                    continue
                above = self.sources[value]
                pair = self.pair_of(above)
                if pair is not None:
                    found.add(pair)
                elif above.step not in seen:
                    seen.add(above.step)
                    waiting.append(above)
        return found

    def name(self, value: int | None) -> str:
        """A value in words: the path of what makes it, or the name of the input."""
        if value is None:
            return "none"
        source = self.sources[value]
        if source.step == INPUT:
            ports = self.body.ports
            return ports[source.output] if source.output < len(ports) else f"input {source.output}"
        step: Step = self.body.steps[source.step]
        return step.scope + (f"[{source.output}]" if len(step.outputs) > 1 else "")


Values = tuple[int | None, ...]


def rewired(before: Wiring, after: Wiring, ours: Values, theirs: Values) -> bool:
    """Whether values that are read are others than before, not only because a step came in between or went."""
    if len(ours) != len(theirs):
        return True
    return any(not _alike(before, after, a, b) for a, b in zip(ours, theirs, strict=True))


def _alike(before: Wiring, after: Wiring, ours: int | None, theirs: int | None) -> bool:
    if ours is None or theirs is None:
        return ours == theirs
    one, other = before.sources[ours], after.sources[theirs]
    left, right = before.pair_of(one), after.pair_of(other)
    if left is not None and right is not None:
        return left == right
    if left is None and right is None:
        return True
    if left is None:
        return right in before.before_loose(one)
    return left in after.before_loose(other)
