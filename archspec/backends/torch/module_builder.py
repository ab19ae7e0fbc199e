"""The module tree of a graph, made on the meta device; its tensors are filled once they have memory."""

from __future__ import annotations

from typing import cast

import torch
from msgspec import Struct, field
from msgspec.structs import replace
from torch import nn

from archspec.analysis.checkpointing import matches_pattern
from archspec.backends.torch.emit.base import Construct
from archspec.backends.torch.generated import Generated, Scope, class_of
from archspec.backends.torch.initialise import initialise_bare, initialise_module, last_norms
from archspec.backends.torch.layout import TreeNode
from archspec.backends.torch.program import Program
from archspec.backends.torch.sharing import Links, find_links, put_modules, tie_tensors
from archspec.ir.graph import Body, Call, Graph, Node, join
from archspec.language.load import Spec


class _BuiltOp(Struct):
    """An op's module or bare tensor with its node, to be initialised once it has memory."""

    node: Node
    holder: nn.Module
    names: dict[str, str]  # the holder's names of the node's tensors, where the holder is not its own module
    zero: bool
    construct: Construct | None = None


class ModuleBuilder(Struct):
    """Builds the modules of one network, on the meta device, and initialises them later."""

    checkpoint: tuple[str, ...]
    zero_init_residual: bool
    matched: set[str] = field(default_factory=set)  # the patterns of `checkpoint` that some block has
    blocks: list[str] = field(default_factory=list)
    programs: dict[int, Program] = field(default_factory=dict)
    zeros: dict[int, frozenset[int]] = field(default_factory=dict)
    made: list[_BuiltOp] = field(default_factory=list)
    links: list[tuple[nn.Module, Links]] = field(default_factory=list)

    def network(self, graph: Graph) -> Generated:
        """Return the module of a whole network; to be called on the meta device."""
        program = Program(graph.body, graph.outputs)
        return self._block(program, "", inside_checkpoint=True)

    def _program(self, body: Body) -> Program:
        program = self.programs.get(id(body))
        if program is None:
            program = self.programs[id(body)] = Program(body)
        return program

    def _block(self, program: Program, path: str, inside_checkpoint: bool) -> Generated:
        patterns = [pattern for pattern in self.checkpoint if matches_pattern(path, pattern)] if path else []
        self.matched.update(patterns)
        self.blocks.append(path)
        wanted = bool(patterns) and not inside_checkpoint
        made = class_of(program.class_name, program.source, wanted)()
        made.archspec_path = path
        # A block inside a checkpointed one is not checkpointed again: its forward would run a third time. The root is
        # called as if inside one, so that it is never checkpointed as a whole, but what it holds may be.
        inside = wanted or (inside_checkpoint and path != "")
        for name, place in program.tree.children.items():
            self._hang(made, name, place, program, path, inside)
        if any(step.share for step in program.body.steps):
            links = find_links(program, self._program)
            put_modules(made, links)
            self.links.append((made, links))
        return made

    def _hang(
        self,
        holder: nn.Module,
        name: str,
        place: TreeNode,
        program: Program,
        path: str,
        inside: bool,
    ) -> None:
        """Add the layer, tensor or container at a node of the module tree to the module that holds it."""
        if place.step is None:
            container = _container(place)
            container.archspec_path = join(path, place.path)  # type: ignore[assignment]  # not one of nn.Module's
            holder.add_module(name, container)
            for child, below in place.children.items():
                self._hang(container, child, below, program, path, inside)
            return
        step = program.body.steps[place.step]
        first = len(self.made)
        if place.tensor is not None:
            assert isinstance(step, Node)
            self._bare(holder, name, step, place, program)
        else:
            holder.add_module(name, self._module(step, place.step, program, path, inside))
        if any(not share.tensor for share in step.share):
            del self.made[first:]  # filled where its weights come from

    def _module(self, step: Node | Call, index: int, program: Program, path: str, inside: bool) -> nn.Module:
        full = join(path, step.scope)
        if isinstance(step, Call):
            return self._block(self._program(step.body), full, inside_checkpoint=inside)
        module = program.constructs[index].make()
        module.archspec_path = full  # type: ignore[assignment]  # not one of nn.Module's
        self.made.append(_BuiltOp(step, module, {}, self._zero(program.body, index)))
        return module

    def _zero(self, body: Body, index: int) -> bool:
        if not self.zero_init_residual:
            return False
        if id(body) not in self.zeros:
            self.zeros[id(body)] = last_norms(body)
        return index in self.zeros[id(body)]

    def _bare(self, holder: nn.Module, name: str, step: Node, place: TreeNode, program: Program) -> None:
        """Register a tensor that is in the tree without a module, such as that of a bare op."""
        tensors = {t.name: t for t in step.op.tensors(program.body.input_types(step))}
        holder.register_parameter(name, nn.Parameter(torch.empty(tensors[place.tensor or ""].shape)))
        if place.tensor == "":
            self.made.append(_BuiltOp(step, holder, {"": name}, False))
        else:
            self._renamed(holder, name, step, place, program)

    def _renamed(self, holder: nn.Module, name: str, step: Node, place: TreeNode, program: Program) -> None:
        """Collect a renamed tensor with the others of its op: they are initialised together."""
        assert place.step is not None
        for item in self.made:
            if item.node is step and item.holder is holder and name not in item.names.values():
                item.names[place.tensor or ""] = name
                return
        self.made.append(_BuiltOp(step, holder, {place.tensor or "": name}, False, program.constructs[place.step]))

    def tie(self) -> None:
        """Make shared tensors one object."""
        for block, links in self.links:
            tie_tensors(block, links)

    def initialise(self) -> None:
        """Fill every tensor in the order of the graph, so that a seed gives the same numbers each time."""
        for item in self.made:
            taken = [getattr(item.holder, item.names.get(share.tensor, share.tensor)) for share in item.node.share]
            kept = [tensor.clone() for tensor in taken]
            if item.construct is not None:
                initialise_module(replace(item.node, keys=()), _stand_in(item), item.zero)
            elif item.names:
                initialise_bare(item.node, cast(torch.Tensor, getattr(item.holder, item.names[""])))
            else:
                initialise_module(item.node, item.holder, item.zero)
            for tensor, filled in zip(taken, kept, strict=True):
                tensor.copy_(filled)  # another layer's, filled there

    def remember(self, model: Generated, spec: Spec | None) -> None:
        """Keep the spec with the model, for `spec_of`."""
        if spec is not None:
            object.__setattr__(model, "archspec_spec", spec)


def _container(place: TreeNode) -> nn.Module:
    if place.chain:
        return nn.Sequential()
    numbered = [str(n) for n in range(len(place.children))]
    return nn.ModuleList() if list(place.children) == numbered else Scope()


def _stand_in(made: _BuiltOp) -> nn.Module:
    """Return a module of the op's own class around renamed tensors, so that torch's initialisation works on them."""
    assert made.construct is not None
    with torch.device("meta"):
        module = made.construct.make()
    for tensor, name in made.names.items():
        setattr(module, tensor, getattr(made.holder, name))
    return module
