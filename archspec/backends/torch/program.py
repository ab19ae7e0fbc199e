"""The `forward` of a body as Python source: one statement a step; a name is reused once its value is not read again."""

from __future__ import annotations

import keyword
import unicodedata
from functools import cached_property

from msgspec import Struct

from archspec.analysis.in_place import find_in_place_steps
from archspec.backends.torch import emit
from archspec.backends.torch.emit.base import Construct, Site
from archspec.backends.torch.layout import TreeNode, layout
from archspec.ir.graph import Body, Call, Node


class Program(Struct, frozen=True, eq=False, dict=True):
    """The module tree of a body, the constructor calls of its modules, and the source of its forward."""

    body: Body
    outputs: tuple[str, ...] = ()  # names, where forward gives a dict

    @cached_property
    def sites(self) -> dict[int, Site]:
        """The Site of every node, by its step."""
        overwriting = find_in_place_steps(self.body)
        found = {}
        for index, step in enumerate(self.body.steps):
            if isinstance(step, Node):
                found[index] = Site(step.op, self.body.input_types(step), step.outputs, index in overwriting)
        return found

    @cached_property
    def constructs(self) -> dict[int, Construct]:
        """The constructor calls of the nodes that have a module, by their steps."""
        made = ((index, emit.construct(site)) for index, site in self.sites.items())
        return {index: construct for index, construct in made if construct is not None}

    @cached_property
    def renamed(self) -> frozenset[int]:
        """The steps whose tensors are the parent's under other names (`keys:`), so that they have no module."""
        return frozenset(i for i, step in enumerate(self.body.steps) if isinstance(step, Node) and step.keys)

    @cached_property
    def tree(self) -> TreeNode:
        calls = (index for index, step in enumerate(self.body.steps) if isinstance(step, Call))
        return layout(self.body, (frozenset(self.constructs) | frozenset(calls)) - self.renamed)

    @cached_property
    def class_name(self) -> str:
        """The block's name in CamelCase."""
        name = "".join(part[:1].upper() + part[1:] for part in _identifier(self.body.block).split("_"))
        # The name of a spec may begin with a digit.
        return name if name.isidentifier() and not keyword.iskeyword(name) else f"Network{name}"

    @cached_property
    def source(self) -> str:
        """The source of `def forward(self, ...)`, without indentation."""
        return ForwardWriter(self).write()

    def steps_at(self, line: int) -> tuple[int, ...]:
        """Return the steps that a line of the source runs, counted from 1; none for a line that runs nothing."""
        statements = iter(ForwardWriter(self).statements())
        for number, text in enumerate(self.source.splitlines(), 1):
            # These are the lines that write() adds to the statements. No statement begins like them: its target is a
            # name from _fresh, which is no keyword and not in `taken`.
            runs = number > 1 and not text.startswith(("    modules = ", "    del ", "    return "))
            steps = next(statements).steps if runs else ()
            if number == line:
                return steps
        return ()


def _identifier(name: str) -> str:
    """Return the name as an identifier, in the normal form in which Python compares identifiers (NFKC)."""
    return "".join(c if c.isalnum() or c == "_" else "_" for c in unicodedata.normalize("NFKC", name))


def is_attribute(name: str) -> bool:
    """Return whether `self.name` means the attribute of exactly that name, within a class too (no mangling)."""
    return name.isidentifier() and name.isascii() and not keyword.iskeyword(name) and not name.startswith("__")


class _Statement(Struct, frozen=True):
    """One line of forward: the steps that it runs, the values that it reads and those that it makes."""

    steps: tuple[int, ...]
    reads: tuple[int | None, ...]
    gives: tuple[int, ...]


class ForwardWriter:
    """Writes one forward; `module` and `tensor` are the expressions of a submodule and of a bare tensor."""

    def __init__(self, program: Program) -> None:
        self.program, self.body = program, program.body
        self.names: dict[int, str] = {}
        self.free: list[str] = []
        # Names that the text itself reads: no input and no value may hide them.
        self.taken: set[str] = {"self", "modules", "torch", "F", "getattr"}
        self.reads_modules = False

    def write(self) -> str:
        ports = self._ports()
        statements = self.statements()
        last = self._last_reads(statements)
        lines = []
        for number, statement in enumerate(statements):
            expression = self._expression(statement)
            # fromkeys, as a step may read a value twice (x * x), whose name must be released once.
            dying = [v for v in dict.fromkeys(statement.reads) if v is not None and last[v] == number]
            target, unused = self._targets(statement, dying, last)
            lines.append(f"{target} = {expression}")
            if unused:
                lines.append(f"del {', '.join(unused)}")
        lines.append(f"return {self._result()}")
        head = f"def forward(self, {', '.join(ports)}):" if ports else "def forward(self):"
        if self.reads_modules:
            lines.insert(0, "modules = self._modules")
        return "\n".join([head, *(f"    {line}" for line in lines)]) + "\n"

    def _ports(self) -> list[str]:
        """Return one argument for each input; a port that takes a list has one for each of its values."""
        names = []
        ports = self.body.ports if len(self.body.ports) == len(self.body.inputs) else ()
        for value in range(len(self.body.inputs)):
            wished = _identifier(ports[value]) if ports else f"x{value}"
            names.append(self._fresh(wished if wished.isidentifier() else f"x{value}"))
            self.names[value] = names[-1]
        return names

    def _fresh(self, wished: str) -> str:
        name, number = wished, 1
        while name in self.taken or keyword.iskeyword(name):
            number += 1
            name = f"{wished}_{number}"
        self.taken.add(name)
        return name

    def statements(self) -> list[_Statement]:
        """Return the statements: a step each, but one for all steps of a chain."""
        chains = {place.steps()[0]: place for place in _chains(self.program.tree)}
        statements, index = [], 0
        while index < len(self.body.steps):
            count = len(chains[index].steps()) if index in chains else 1
            step = self.body.steps[index]
            end = self.body.steps[index + count - 1]
            first = self.body.starts[index + count - 1]
            gives = tuple(range(first, first + len(end.outputs)))
            statements.append(_Statement(tuple(range(index, index + count)), step.inputs, gives))
            index += count
        return statements

    def _last_reads(self, statements: list[_Statement]) -> dict[int, int]:
        last: dict[int, int] = {}
        for number, statement in enumerate(statements):
            for value in statement.reads:
                if value is not None:
                    last[value] = number
        for value in self.body.outputs:
            # `return` reads the outputs, after every statement.
            last[value] = len(statements)
        return last

    def _targets(self, statement: _Statement, dying: list[int], last: dict[int, int]) -> tuple[str, list[str]]:
        """Return the names of the results, reusing those of inputs not read again, and the names to delete.

        Reuse frees the old value with the assignment, so that memory is as low as in hand-written code.
        """
        freed = self.freed(dying)
        targets = []
        for value in statement.gives:
            if value not in last:
                self.names[value] = "_"
            elif freed:
                self.names[value] = freed.pop(0)
            elif self.free:
                self.names[value] = self.free.pop(0)
            else:
                self.names[value] = self._fresh("y")
            targets.append(self.names[value])
        # More values died than were made: their names are deleted, to free the memory, and may be used again.
        self.free.extend(freed)
        return ", ".join(targets), freed

    def freed(self, dying: list[int]) -> list[str]:
        """Return the names of values that are not read again, in the order in which they are reused."""
        return [self.names[v] for v in dying]

    def _expression(self, statement: _Statement) -> str:
        index = statement.steps[0]
        arguments = tuple("None" if v is None else self.names[v] for v in statement.reads)
        # A chain of a single layer is called through its container too, so that hooks on the container run.
        if len(statement.steps) > 1 or self._in_chain(index):
            return f"{self.module(self._chain_path(statement.steps))}({arguments[0]})"
        step = self.body.steps[index]
        if isinstance(step, Call):
            return f"{self.module(step.scope)}({', '.join(arguments)})"
        if step.keys:
            tensors = {tensor: self.tensor(step.key_of(tensor)) for tensor, _ in step.keys}
            return emit.functional(self.program.sites[index], tensors, arguments)
        if step.op.bare:
            module = self.tensor(step.scope)
        else:
            module = self.module(step.scope) if index in self.program.constructs else ""
        return emit.call(self.program.sites[index], module, arguments)

    def _in_chain(self, index: int) -> bool:
        return any(place.steps()[0] == index for place in _chains(self.program.tree))

    def _chain_path(self, steps: tuple[int, ...]) -> str:
        return next(place.path for place in _chains(self.program.tree) if place.steps() == list(steps))

    def module(self, path: str) -> str:
        """Return the expression of a module; it reads the dict, as attribute access on a Module is ten times slower."""
        self.reads_modules = True
        first, *rest = path.split(".")
        return f"modules[{first!r}]" + "".join(f"._modules[{part!r}]" for part in rest)

    def tensor(self, path: str) -> str:
        """Return the expression of a bare tensor: by attributes, so that parametrisations of it take effect."""
        text = "self"
        for part in path.split("."):
            text = f"{text}.{part}" if is_attribute(part) else f"getattr({text}, {part!r})"
        return text

    def _result(self) -> str:
        names = [self.names[value] for value in self.body.outputs]
        if self.program.outputs:
            return "{" + ", ".join(f"{n!r}: {v}" for n, v in zip(self.program.outputs, names, strict=True)) + "}"
        return ", ".join(names) if len(names) > 1 else names[0]


def _chains(place: TreeNode) -> list[TreeNode]:
    """Return the outermost chains of a tree."""
    found = []
    for child in place.children.values():
        found.extend([child] if child.chain else _chains(child))
    return found
