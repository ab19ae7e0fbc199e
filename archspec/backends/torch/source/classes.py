"""The classes of a file: bodies that differ in values alone are one class, whose parameters are those values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct, field

from archspec.backends.torch.emit.base import module_file
from archspec.backends.torch.program import Program
from archspec.backends.torch.source.expressions import Bare, Block, New, defaults_of, each
from archspec.backends.torch.source.initial import own_starts, whole_network
from archspec.backends.torch.source.plan import Plan
from archspec.backends.torch.source.values import EMPTY, Argument, Values
from archspec.ir.graph import Body, Call, Graph

MOST_ARGUMENTS = 10  # of a class that stands for several bodies; with more each body is a class of its own


class Family(Struct):
    """The bodies that one class stands for, in the order of their first use."""

    plans: list[Plan]
    name: str = ""
    arguments: list[Argument] = field(default_factory=list)

    def values_of(self, body: Body) -> dict[str, Any]:
        """The arguments that make the class this body."""
        place = next(number for number, plan in enumerate(self.plans) if plan.body is body)
        return {argument.name: argument.values[place] for argument in self.arguments}

    def channels(self, outgoing: bool) -> Values:
        """The channels of the first input, or of the first output, of each body."""
        sides = [plan.body.output_types if outgoing else plan.body.inputs for plan in self.plans]
        return tuple(types[0].channels if types else 0 for types in sides)


class Families(Struct):
    """All classes of a graph; those that others are made of come first."""

    convolutions: bool = False  # whether each class starts its own
    families: list[Family] = field(default_factory=list)
    _of_body: dict[int, int] = field(default_factory=dict)
    _of_skeleton: dict[str, int] = field(default_factory=dict)
    _values: dict[int, dict[str, Any]] = field(default_factory=dict)
    _programs: dict[int, Program] = field(default_factory=dict)

    @staticmethod
    def of(graph: Graph, taken: set[str]) -> Families:
        """The classes of a graph, named; `taken` are names that the file has already."""
        made = Families(own_starts(graph))
        network = Program(graph.body, graph.outputs)
        made._programs[id(graph.body)] = network
        made._enter(Plan(network, made._program, made.convolutions, network=True))
        made._name(taken)
        return made

    def family_of(self, body: Body) -> Family:
        """The class of a body."""
        return self.families[self._of_body[id(body)]]

    def whole(self, plan: Plan) -> list[str]:
        """The lines at the end of the network's constructor."""
        return whole_network(list(self._programs.values())) if plan.network and not self.convolutions else []

    def _program(self, body: Body) -> Program:
        return self._programs.setdefault(id(body), Program(body))

    def _enter(self, plan: Plan) -> None:
        for step in plan.body.steps:
            if isinstance(step, Call) and id(step.body) not in self._of_body:
                self._enter(Plan(self._program(step.body), self._program, self.convolutions))
        skeleton = plan.skeleton(lambda body: self._of_body[id(body)])
        self._values[id(plan.body)] = self._values_in(plan)
        number = self._of_skeleton.setdefault(skeleton, len(self.families))
        if number < len(self.families) and self._differences([*self.families[number].plans, plan]) > MOST_ARGUMENTS:
            number = self._of_skeleton[skeleton] = len(self.families)
        if number == len(self.families):
            self.families.append(Family([]))
        self.families[number].plans.append(plan)
        self._of_body[id(plan.body)] = number

    def _values_in(self, plan: Plan) -> dict[str, Any]:
        """Every value that a class's constructor hands on, by its place, those of the blocks in it among them."""
        found: dict[str, Any] = {}
        expressions = [made for entry in plan.entries if entry.made is not None for made in each(entry.made)]
        for place, made in enumerate(expressions):
            if isinstance(made, New):
                found.update({f"{place}.{name}": value for name, value in made.arguments})
            elif isinstance(made, Bare):
                found.update({f"{place}.{axis}": size for axis, size in enumerate(made.shape)})
            elif isinstance(made, Block):
                below = self._values[id(made.body)]
                found.update({f"{place}.{name}": value for name, value in below.items()})
        return found

    def _differences(self, plans: list[Plan]) -> int:
        """How many arguments a class for all these bodies would have."""
        values = [self._values[id(plan.body)] for plan in plans]
        rows = {tuple(repr(of_one.get(place)) for of_one in values) for place in values[0]}
        return sum(len(set(row)) > 1 for row in rows)

    def _name(self, taken: set[str]) -> None:
        """Each class is called after its block, numbered where there are several of that block."""
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


def together(calls: list[New]) -> Iterator[tuple[str, Values, Any]]:
    """The arguments of the same call in several bodies: name, values, and the default where some have left it out."""
    defaults = defaults_of(calls[0].target)
    given = [dict(call.arguments) for call in calls]
    for name, default in defaults.items():
        if any(name in arguments for arguments in given):
            left_out = not all(name in arguments for arguments in given)
            values = tuple(arguments.get(name, default) for arguments in given)
            yield name, values, default if left_out else EMPTY


def own_modules(families: Families) -> dict[str, set[str]]:
    """The classes of archspec's own that the file needs, by the module that holds them."""
    found: dict[str, set[str]] = {}
    for family in families.families:
        for entry in family.plans[0].entries:
            for made in each(entry.made) if entry.made is not None else ():
                if isinstance(made, New) and not made.target.startswith("nn."):
                    found.setdefault(module_file(made.target), set()).add(made.name)
    return found
