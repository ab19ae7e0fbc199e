"""The plan of one body's class: its registrations, its forward, and the skeleton that equal classes have in common."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from msgspec import Struct

from archspec.backends.torch.layout import TreeNode, is_chain
from archspec.backends.torch.program import ForwardWriter, Program
from archspec.backends.torch.sharing import find_links
from archspec.backends.torch.source.copying import IMPORTS
from archspec.backends.torch.source.expressions import (
    BareTensor,
    BlockModule,
    ConstructorCall,
    LayerTensor,
    ModuleExpression,
    ModuleRow,
    bare_of,
    is_name,
    new_of,
)
from archspec.backends.torch.source.initial import TensorInit, starts
from archspec.backends.torch.source.values import literal
from archspec.ir.graph import Body, Call, Node
from archspec.lowering.module_names import ROW_NAMES

ProgramOf = Callable[[Body], Program]


class Registration(Struct, frozen=True):
    """One thing that a class registers: a path within the class, and an expression; None for a container."""

    holder: str
    name: str
    made: ModuleExpression | None


class ClassPlan(Struct, frozen=True, eq=False, dict=True):
    """One body as a class."""

    program: Program
    program_of: ProgramOf
    convolutions: bool = False  # whether each class starts its own
    network: bool = False

    @property
    def body(self) -> Body:
        return self.program.body

    @cached_property
    def sequential(self) -> bool:
        """Whether the class is an nn.Sequential, which needs no forward."""
        has_module = (frozenset(self.program.constructs) | self._calls) - self.program.renamed
        if self.network or not ROW_NAMES.isdisjoint(self.program.tree.children):
            return False
        return is_chain(self.body, self.program.tree, has_module)

    @property
    def _calls(self) -> frozenset[int]:
        return frozenset(index for index, step in enumerate(self.body.steps) if isinstance(step, Call))

    @cached_property
    def called(self) -> dict[str, str]:
        """The attribute names of unnamed layers without tensors; equal layers share one."""
        names: dict[str, str] = {}
        taken = set(self.program.tree.children)
        known: dict[ConstructorCall, str] = {}
        for name, place in self.program.tree.children.items():
            if is_name(name) or place.step is None or not self.stateless(place.step):
                continue
            made = new_of(self.program.constructs[place.step])
            # An nn.Sequential needs a child for each call; elsewhere one module serves all equal calls.
            if self.sequential or made not in known:
                known[made] = _fresh(self.body.steps[place.step].kind, taken)
            names[name] = known[made]
        # nn.Sequential numbers its arguments itself.
        return {} if self.sequential and self.numbered else names

    @cached_property
    def numbered(self) -> bool:
        """Whether the modules are named 0, 1, 2 ..., as nn.Sequential names its arguments."""
        return _numbered(self.program.tree)

    def stateless(self, index: int) -> bool:
        """Return whether a step is an op without tensors, so that no state_dict key has its name."""
        step = self.body.steps[index]
        return isinstance(step, Node) and not step.op.tensors(self.body.input_types(step))

    @cached_property
    def entries(self) -> tuple[Registration, ...]:
        """The registrations of the class, in order."""
        found: list[Registration] = []
        for name, place in self.program.tree.children.items():
            wanted = self.called.get(name, name)
            if not any(entry.holder == "" and entry.name == wanted for entry in found):
                found.extend(self._entries("", wanted, place))
        return tuple(found)

    def _entries(self, holder: str, name: str, place: TreeNode) -> list[Registration]:
        if place.step is not None or self.is_row(place):
            return [Registration(holder, name, self._made(place))]
        found = [Registration(holder, name, None)]
        for child, below in place.children.items():
            found.extend(self._entries(place.path, child, below))
        return found

    def is_row(self, place: TreeNode) -> bool:
        """Return whether a node of the tree is written as one nn.Sequential or nn.ModuleList."""
        if place.step is not None:
            return False
        return place.chain or (
            _numbered(place) and all(c.tensor is None and (c.step is not None or self.is_row(c)) for c in _below(place))
        )

    def _made(self, place: TreeNode) -> ModuleExpression:
        if place.step is None:
            target = "nn.Sequential" if place.chain else "nn.ModuleList"
            names = () if _numbered(place) else tuple(place.children)
            return ModuleRow(target, names, tuple(self._made(child) for child in _below(place)))
        step = self.body.steps[place.step]
        if isinstance(step, Call):
            return BlockModule(step.body)
        if place.tensor is not None:
            return self._tensor(step, place)
        return new_of(self.program.constructs[place.step])

    def _tensor(self, step: Node, place: TreeNode) -> ModuleExpression:
        """Return a tensor without a module: that of a bare op, or one of a layer with `keys:`."""
        tensor, index = place.tensor or "", place.step or 0
        filled = any(start.node is step and start.tensor == tensor for start in self.starts)
        if step.keys and not filled:
            return LayerTensor(new_of(self.program.constructs[index]), tensor)
        return bare_of(step, tensor, step.op.tensors(self.body.input_types(step)), filled)

    @cached_property
    def starts(self) -> tuple[TensorInit, ...]:
        """The tensors that the class initialises itself."""
        return tuple(starts(self.body, self.convolutions))

    @cached_property
    def initial(self) -> list[str]:
        """The lines that initialise them."""
        found = []
        for start in self.starts:
            key = start.node.scope if start.node.op.bare else start.node.key_of(start.tensor)
            holder, _, name = key.rpartition(".")
            found.append(start.line(tensor_of(reached(self, holder), name)))
        return found

    @cached_property
    def forward(self) -> str:
        """The lines of forward with its head, as Program writes them except for the expressions of modules."""
        # Readability comes first here, and early release of values, which takes a `del` after many lines, second.
        lines = _ReadableForward(self).write().splitlines()
        return "\n".join(line for line in lines if not line.strip().startswith("del "))

    @cached_property
    def links(self) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
        """The modules and tensors that are shared with other layers."""
        if not any(step.share for step in self.body.steps):
            return [], []
        links = find_links(self.program, self.program_of)
        bare = {step.scope for index, step in enumerate(self.body.steps) if self.stateless(index)}
        return [pair for pair in links.modules if pair[0] not in bare], links.tensors

    def skeleton(self, key_of: Callable[[Body], int]) -> str:
        """Return the text that bodies of one class have in common: everything but the values of arguments."""
        parts = [self.program.class_name, str(self.network), "" if self.sequential else self.forward, str(self.links)]
        parts.extend(self.initial)
        for entry in self.entries:
            parts.append(f"{entry.holder}/{entry.name}={_skeleton(entry.made, key_of)}")
        return "\n".join(parts)


def _skeleton(made: ModuleExpression | None, key_of: Callable[[Body], int]) -> str:
    if isinstance(made, ConstructorCall):
        return made.target
    if isinstance(made, BlockModule):
        return f"block {key_of(made.body)}"
    if isinstance(made, BareTensor):
        return f"{len(made.shape)} {made.fill}"
    if isinstance(made, LayerTensor):
        return f"{made.made.target}.{made.tensor}"
    if isinstance(made, ModuleRow):
        return f"{made.target}{made.names}({', '.join(_skeleton(child, key_of) for child in made.children)})"
    return ""


def _below(place: TreeNode) -> list[TreeNode]:
    return list(place.children.values())


def _numbered(place: TreeNode) -> bool:
    return list(place.children) == [str(number) for number in range(len(place.children))]


def _fresh(wished: str, taken: set[str]) -> str:
    name, number = wished, 1
    while name in taken or not is_name(name):
        number += 1
        name = f"{wished}_{number}"
    taken.add(name)
    return name


class _ReadableForward(ForwardWriter):
    """Writes forward as in hand-written code: modules are attributes."""

    def __init__(self, plan: ClassPlan) -> None:
        super().__init__(plan.program)
        self.plan = plan
        # A port named `nn`, say, must not hide an import.
        self.taken.update(IMPORTS)

    def module(self, path: str) -> str:
        """Return the expression of a module."""
        return reached(self.plan, path)

    def freed(self, dying: list[int]) -> list[str]:
        """Return the oldest names first, so that every repeat of a residual reads and writes the same names."""
        return [self.names[v] for v in sorted(dying)]

    def tensor(self, path: str) -> str:
        """Return the expression of a bare tensor."""
        holder, _, name = path.rpartition(".")
        return tensor_of(reached(self.plan, holder), name)


def reached(plan: ClassPlan, path: str) -> str:
    """Return the expression of a module or container by its path within the class, or within a block of it."""
    place: TreeNode | None = plan.program.tree
    text, row = "self", plan.sequential and plan.numbered
    for depth, part in enumerate(path.split(".") if path else []):
        name = plan.called.get(part, part) if depth == 0 else part
        if row:
            text += f"[{name}]"
        else:
            # Other names are no identifiers, or are attributes of nn.Module already.
            text += f".{name}" if is_name(name) else f".get_submodule({literal(name)})"
        place = place.children.get(part) if place is not None else None
        row = place is not None and plan.is_row(place) and _numbered(place)
    return text


def tensor_of(holder: str, name: str) -> str:
    """Return the expression of a tensor from that of its holder."""
    return f"{holder}.{name}" if is_name(name) else f"{holder}.get_parameter({literal(name)})"
