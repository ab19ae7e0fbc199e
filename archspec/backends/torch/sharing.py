"""Weight sharing: two layers are one module where nothing else differs, else modules with the same tensors."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct, field
from torch import nn

from archspec.backends.torch.program import Program
from archspec.ir.graph import Body, Call, Node, Step, join


class Links(Struct, frozen=True):
    """Pairs of paths within a body, (own, other's), of modules and of tensors that are shared."""

    modules: list[tuple[str, str]] = field(default_factory=list)
    tensors: list[tuple[str, str]] = field(default_factory=list)


class _LocatedStep(Struct, frozen=True):
    """A step with its index, its program and the path that leads to its body."""

    step: Step
    index: int
    program: Program
    prefix: str = ""

    @property
    def path(self) -> str:
        return join(self.prefix, self.step.scope)

    def keys(self) -> list[str]:
        """Return the full state_dict keys of a node's tensors, in the op's order."""
        assert isinstance(self.step, Node)
        tensors = self.step.op.tensors(self.program.body.input_types(self.step))
        return [join(self.prefix, self.step.key_of(tensor.name)) for tensor in tensors]


def find_links(program: Program, program_of: Callable[[Body], Program]) -> Links:
    """Return the modules and tensors that the steps of a body share with earlier steps."""
    links = Links()
    places = {step.scope: _LocatedStep(step, index, program) for index, step in enumerate(program.body.steps)}
    for step in program.body.steps:
        for share in step.share:
            other = places[share.path].step
            if share.tensor:
                assert isinstance(step, Node)
                assert isinstance(other, Node)
                links.tensors.append((step.key_of(share.tensor), other.key_of(share.theirs)))
            else:
                _link(places[step.scope], places[share.path], links, program_of)
    return links


def _link(mine: _LocatedStep, theirs: _LocatedStep, links: Links, program_of: Callable[[Body], Program]) -> None:
    if _is_same_module(mine, theirs, program_of):
        links.modules.append((mine.path, theirs.path))
    elif isinstance(mine.step, Call) and isinstance(theirs.step, Call):
        known = _owning_steps(theirs, program_of)
        for scope, place in _owning_steps(mine, program_of).items():
            if scope in known:
                _link(place, known[scope], links, program_of)
    elif isinstance(mine.step, Node) and isinstance(theirs.step, Node):
        links.tensors.extend(zip(mine.keys(), theirs.keys(), strict=True))


def _owning_steps(place: _LocatedStep, program_of: Callable[[Body], Program]) -> dict[str, _LocatedStep]:
    """Return the steps of a call's body that own tensors, by scope."""
    assert isinstance(place.step, Call)
    program = program_of(place.step.body)
    found = [_LocatedStep(step, index, program, place.path) for index, step in enumerate(program.body.steps)]
    return {p.step.scope: p for p in found if isinstance(p.step, Call) or p.keys()}


def _is_same_module(mine: _LocatedStep, theirs: _LocatedStep, program_of: Callable[[Body], Program]) -> bool:
    """Return whether one module can serve as both: they are constructed and called in the same way."""
    if isinstance(mine.step, Node) and isinstance(theirs.step, Node):
        made = mine.program.constructs.get(mine.index)
        renamed = mine.step.keys or theirs.step.keys
        # Equal constructor calls. A layer with another stride, for example, is another module with the same tensors.
        return made is not None and not renamed and made == theirs.program.constructs.get(theirs.index)
    if not isinstance(mine.step, Call) or not isinstance(theirs.step, Call):
        return False
    if mine.step.body is theirs.step.body:
        return True
    one, other = program_of(mine.step.body), program_of(theirs.step.body)
    # Equal sources call their children in the same way, so that comparing these in pairs is enough.
    if one.source != other.source or [s.scope for s in one.body.steps] != [s.scope for s in other.body.steps]:
        return False
    pairs = zip(one.body.steps, other.body.steps, strict=True)
    return all(
        _has_no_module(a, index, one)
        or _is_same_module(_LocatedStep(a, index, one), _LocatedStep(b, index, other), program_of)
        for index, (a, b) in enumerate(pairs)
    )


def _has_no_module(step: Step, index: int, program: Program) -> bool:
    return isinstance(step, Node) and (index not in program.constructs or bool(step.keys))


def put_modules(block: nn.Module, links: Links) -> None:
    """Replace each shared module by the other, in the order of the steps."""
    # In order: a layer that shares with a sharing one finds the first one's module there.
    for mine, theirs in links.modules:
        holder, _, name = mine.rpartition(".")
        block.get_submodule(holder).add_module(name, block.get_submodule(theirs))


def tie_tensors(block: nn.Module, links: Links) -> None:
    """Replace each shared tensor by the other; done last, since moving a module gives it new parameters."""
    for mine, theirs in links.tensors:
        holder, _, name = mine.rpartition(".")
        owner, _, other = theirs.rpartition(".")
        setattr(block.get_submodule(holder), name, getattr(block.get_submodule(owner), other))
