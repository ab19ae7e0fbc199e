"""Decide whether two matching steps read matching values."""

from __future__ import annotations

from functools import cached_property

from msgspec import Struct

from archspec.ir.graph import Body, Step

INPUT = -1
ValueNumbers = tuple[int | None, ...]


class ValueSource(Struct, frozen=True):
    """The step that makes a value (INPUT for the body's inputs), and which of its outputs the value is."""

    step: int
    output: int


class Wiring(Struct, frozen=True, dict=True):
    """The source of every value of a body, and which steps have a counterpart."""

    body: Body
    pair_numbers: dict[int, int]  # by index of a step with a counterpart the number of the pair

    @cached_property
    def sources(self) -> tuple[ValueSource, ...]:
        """The source of every value, by its number."""
        found = [ValueSource(INPUT, number) for number in range(len(self.body.inputs))]
        for index, step in enumerate(self.body.steps):
            found.extend(ValueSource(index, number) for number in range(len(step.outputs)))
        return tuple(found)

    @cached_property
    def consumers(self) -> dict[int, list[int]]:
        """The indices of the steps that read from each step, by its index."""
        found: dict[int, list[int]] = {}
        for index, step in enumerate(self.body.steps):
            for value in step.inputs:
                if value is not None and self.sources[value].step != INPUT:
                    found.setdefault(self.sources[value].step, []).append(index)
        return found

    def pair_of(self, source: ValueSource) -> tuple[int, int] | None:
        """Return an identifier that matching sources have in common; None for a step without a counterpart."""
        if source.step == INPUT:
            return INPUT, source.output
        pair = self.pair_numbers.get(source.step)
        return None if pair is None else (pair, source.output)

    def matched_ancestors(self, source: ValueSource) -> set[tuple[int, int]]:
        """Return the nearest ancestors of an unmatched step that have a counterpart, as from `pair_of`.

        A search that stops at matched steps, which `networkx.ancestors` does not; `archspec diff` also starts without
        the 0.2 s that importing networkx takes.
        """
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
        """Return a value as text: the path of its maker, or the name of the input."""
        if value is None:
            return "none"
        source = self.sources[value]
        if source.step == INPUT:
            ports = self.body.ports
            return ports[source.output] if source.output < len(ports) else f"input {source.output}"
        step: Step = self.body.steps[source.step]
        return step.scope + (f"[{source.output}]" if len(step.outputs) > 1 else "")

    def names(self, values: ValueNumbers) -> str:
        """Return several values as text, separated by commas."""
        return ", ".join(map(self.name, values)) or "nothing"


def is_rewired(before: Wiring, after: Wiring, values: ValueNumbers, values_after: ValueNumbers) -> bool:
    """Return whether other values are read than before; a step inserted in between, or taken out, does not count."""
    if len(values) != len(values_after):
        return True
    return any(not _is_same_value(before, after, a, b) for a, b in zip(values, values_after, strict=True))


def _is_same_value(before: Wiring, after: Wiring, value: int | None, value_after: int | None) -> bool:
    if value is None or value_after is None:
        return value == value_after
    one, other = before.sources[value], after.sources[value_after]
    left, right = before.pair_of(one), after.pair_of(other)
    if left is not None and right is not None:
        return left == right
    if left is None and right is None:  # both are listed as added and removed already
        return True
    # A step was inserted or removed in between if its nearest matched ancestors include the other side's source.
    if left is None:
        return right in before.matched_ancestors(one)
    return left in after.matched_ancestors(other)
