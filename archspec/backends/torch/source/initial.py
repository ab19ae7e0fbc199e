"""The lines that initialise tensors: by the spec's `init:`, else as `archspec.build` does."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from archspec.backends.torch.emit.base import class_at
from archspec.backends.torch.program import Program
from archspec.backends.torch.source.values import literal
from archspec.ir.graph import Body, Graph, Initializer, Node

KAIMING = Initializer("weight", "kaiming_normal", (("mode", "fan_out"), ("nonlinearity", "relu")))
ZERO = Initializer("bias", "zeros")
_NAMES = {"truncated_normal": "trunc_normal"}  # schemes that have another name in torch
_WORDS = {"low": "a", "high": "b"}


class TensorInit(Struct, frozen=True):
    """The initialisation of one of a body's tensors: the node, its tensor, and the scheme."""

    node: Node
    tensor: str
    initial: Initializer

    def line(self, reached: str) -> str:
        """Return the statement; `reached` is the expression of the tensor."""
        initial = self.initial
        words = [
            literal(value) if name == "value" else f"{_WORDS.get(name, name)}={literal(value)}"
            for name, value in initial.arguments
        ]
        return f"nn.init.{_NAMES.get(initial.scheme, initial.scheme)}_({', '.join([reached, *words])})"


def has_own_inits(graph: Graph) -> bool:
    """Return whether the spec initialises some convolution: then each class initialises those that it holds."""
    return any(
        isinstance(placed.step, Node) and placed.step.op.is_convolution and bool(placed.step.init)
        for placed in graph.nodes()
    )


def starts(body: Body, convolutions: bool) -> Iterator[TensorInit]:
    """Yield the tensors that a class fills itself; `convolutions`: those of convolutions without `init:` too."""
    for step in body.steps:
        if not isinstance(step, Node) or any(not share.tensor for share in step.share):
            continue  # filled where its weights come from
        names = [tensor.name for tensor in step.op.tensors(body.input_types(step))]
        usual = {}
        # The network's last lines fill the modules of convolutions. One with `keys:` has none: its class fills the
        # tensors.
        if step.op.is_convolution and (convolutions or step.keys):
            own = {initial.tensor for initial in step.init if initial.scheme == "default"}
            usual = {i.tensor: i for i in (KAIMING, ZERO) if i.tensor in names and i.tensor not in own}
        found = {**usual, **_declared_inits(step)}
        for share in step.share:
            found.pop(share.tensor, None)
        yield from (TensorInit(step, tensor, initial) for tensor, initial in found.items())


def _declared_inits(node: Node) -> dict[str, Initializer]:
    """Return the spec's initialisers of a node, by the tensors' names ("" for a bare one)."""
    given = node.init[:1] if node.op.bare else node.init
    return {"" if node.op.bare else i.tensor: i for i in given if i.scheme != "default"}


def whole_network(programs: list[Program]) -> list[str]:
    """Return the lines that initialise all convolutions of a network, as `archspec.build` does."""
    kinds: set[str] = set()
    biased: set[bool] = set()
    for program in programs:
        for index, construct in program.constructs.items():
            step = program.body.steps[index]
            if isinstance(step, Node) and step.op.is_convolution and not step.keys:
                kinds.add(_torch_name(construct.target))
                names = [tensor.name for tensor in step.op.tensors(program.body.input_types(step))]
                biased.add("bias" in names)
    if not kinds:
        return []
    lines = [
        "for module in self.modules():",
        f"    if isinstance(module, {' | '.join(sorted(kinds))}):",
        '        nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")',
    ]
    if biased == {True}:
        lines.append("        nn.init.zeros_(module.bias)")
    elif biased == {True, False}:
        lines.extend(["        if module.bias is not None:", "            nn.init.zeros_(module.bias)"])
    return lines


def _torch_name(target: str) -> str:
    """Return the class of torch that a class is, or derives from."""
    made = next(c for c in class_at(target).__mro__ if c.__module__.startswith("torch.nn"))
    return f"nn.{made.__name__}"
