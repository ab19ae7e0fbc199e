"""The classes of a file: bodies that differ in values alone become one class, with those values as parameters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct, field

from archspec.backends.torch.emit.base import module_file
from archspec.backends.torch.program import Program
from archspec.backends.torch.source.expressions import BareTensor, BlockModule, ConstructorCall, defaults_of, each
from archspec.backends.torch.source.initial import has_own_inits, whole_network
from archspec.backends.torch.source.plan import ClassPlan
from archspec.backends.torch.source.values import EMPTY, Argument, Values
from archspec.ir.graph import Body, Call, Graph

MOST_ARGUMENTS = 10  # of a class for several bodies; with more, each body becomes a separate class


class Family(Struct):
    """The bodies that become one class, in the order of their first use."""

    plans: list[ClassPlan]
    name: str = ""
    arguments: list[Argument] = field(default_factory=list)

    def values_of(self, body: Body) -> dict[str, Any]:
        """Return the arguments with which the class is this body."""
        place = next(number for number, plan in enumerate(self.plans) if plan.body is body)
        return {argument.name: argument.values[place] for argument in self.arguments}

    def channels(self, outgoing: bool) -> Values:
        """Return the channels of the first input, or of the first output, of each body."""
        sides = [plan.body.output_types if outgoing else plan.body.inputs for plan in self.plans]
        return tuple(types[0].channels if types else 0 for types in sides)


class Families(Struct):
    """All classes of a graph; those that others use come first."""

    convolutions: bool = False  # whether each class starts its own
    families: list[Family] = field(default_factory=list)
    _of_body: dict[int, int] = field(default_factory=dict)
    _of_skeleton: dict[str, int] = field(default_factory=dict)
    _values: dict[int, dict[str, Any]] = field(default_factory=dict)
    _programs: dict[int, Program] = field(default_factory=dict)

    @staticmethod
    def of(graph: Graph, taken: set[str]) -> Families:
        """Return the named classes of a graph; `taken` are names that the file has already."""
        made = Families(has_own_inits(graph))
        network = Program(graph.body, graph.outputs)
        made._programs[id(graph.body)] = network
        made._enter(ClassPlan(network, made._program, made.convolutions, network=True))
        made._name(taken)
        return made

    def family_of(self, body: Body) -> Family:
        """Return the class of a body."""
        return self.families[self._of_body[id(body)]]

    def whole(self, plan: ClassPlan) -> list[str]:
        """Return the last lines of the network's constructor, which initialise all convolutions; none for a block."""
        return whole_network(list(self._programs.values())) if plan.network and not self.convolutions else []

    def _program(self, body: Body) -> Program:
        return self._programs.setdefault(id(body), Program(body))

    def _enter(self, plan: ClassPlan) -> None:
        for step in plan.body.steps:
            if isinstance(step, Call) and id(step.body) not in self._of_body:
                self._enter(ClassPlan(self._program(step.body), self._program, self.convolutions))
        # Blocks inside come first, so that the skeleton refers to them by the numbers of their classes.
        skeleton = plan.skeleton(lambda body: self._of_body[id(body)])
        self._values[id(plan.body)] = self._values_in(plan)
        number = self._of_skeleton.setdefault(skeleton, len(self.families))
        if number < len(self.families) and self._differences([*self.families[number].plans, plan]) > MOST_ARGUMENTS:
            number = self._of_skeleton[skeleton] = len(self.families)
        if number == len(self.families):
            self.families.append(Family([]))
        self.families[number].plans.append(plan)
        self._of_body[id(plan.body)] = number

    def _values_in(self, plan: ClassPlan) -> dict[str, Any]:
        """Return every value that a class's constructor passes on, by its place, those of the blocks in it included."""
        found: dict[str, Any] = {}
        expressions = [made for entry in plan.entries if entry.made is not None for made in each(entry.made)]
        for place, made in enumerate(expressions):
            if isinstance(made, ConstructorCall):
                found.update({f"{place}.{name}": value for name, value in made.arguments})
            elif isinstance(made, BareTensor):
                found.update({f"{place}.{axis}": size for axis, size in enumerate(made.shape)})
            elif isinstance(made, BlockModule):
                below = self._values[id(made.body)]
                found.update({f"{place}.{name}": value for name, value in below.items()})
        return found

    def _differences(self, plans: list[ClassPlan]) -> int:
        """Return how many arguments a class for all these bodies would have."""
        values = [self._values[id(plan.body)] for plan in plans]
        # Arguments that have the same values in every body become one parameter: see Arguments.text.
        rows = {tuple(repr(of_one.get(place)) for of_one in values) for place in values[0]}
        return sum(len(set(row)) > 1 for row in rows)

    def _name(self, taken: set[str]) -> None:
        """Name each class after its block, with a number where there are several of that block."""
        counts: dict[str, int] = {}
        for family in self.families:
            base = family.plans[0].program.class_name
            counts[base] = counts.get(base, 0) + 1
        numbers: dict[str, int] = {}
        for family in reversed(self.families):  # the network is last and takes its name first
            base = family.plans[0].program.class_name
            if counts[base] == 1 and base not in taken:
                family.name = base
                taken.add(base)
        for family in self.families:
            base = family.plans[0].program.class_name
            while not family.name:
                numbers[base] = numbers.get(base, 0) + 1
                if f"{base}{numbers[base]}" not in taken:
                    family.name = f"{base}{numbers[base]}"
                    taken.add(family.name)


def together(calls: list[ConstructorCall]) -> Iterator[tuple[str, Values, Any]]:
    """Yield the arguments of one call in several bodies: name, values, and the default where some leave it out."""
    defaults = defaults_of(calls[0].target)
    given = [dict(call.arguments) for call in calls]
    for name, default in defaults.items():
        if any(name in arguments for arguments in given):
            left_out = not all(name in arguments for arguments in given)
            values = tuple(arguments.get(name, default) for arguments in given)
            yield name, values, default if left_out else EMPTY


def own_modules(families: Families) -> dict[str, set[str]]:
    """Return the classes that are not torch's which the file needs, by the Python module that defines them."""
    found: dict[str, set[str]] = {}
    for family in families.families:
        for entry in family.plans[0].entries:
            for made in each(entry.made) if entry.made is not None else ():
                if isinstance(made, ConstructorCall) and not made.target.startswith("nn."):
                    found.setdefault(module_file(made.target), set()).add(made.name)
    return found
