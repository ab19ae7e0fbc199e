"""The ops of a network as a checker's rules see them. No torch: the expected figures follow from the Graph alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod

from archspec.analysis.training_macs import trained_nodes
from archspec.ir.graph import Graph, Node
from archspec.ir.op import Op
from archspec.ir.types import ValueType
from archspec.ops.attention import Attention


@dataclass(frozen=True, slots=True)
class CountedLayer:
    """One op with its types and tensors, as a checker's rule sees it.

    parameters: the elements of each of its learned tensors by name, those of another layer too.
    tied: the names among them that are another layer's while the module is its own.
    own_module: whether it is a torch module; False for an expression and for tensors of the module around it.
    at_root: whether it lies in no block.
    trained: whether a gradient comes to it.
    """

    op: Op
    inputs: tuple[ValueType, ...]
    outputs: tuple[ValueType, ...]
    parameters: Mapping[str, int]
    tied: tuple[str, ...]
    own_module: bool
    at_root: bool
    trained: bool

    @property
    def kind(self) -> str:
        return self.op.kind

    @property
    def weight(self) -> int:
        """The elements of its weight, 0 where it has none."""
        return self.parameters.get("weight", 0)

    @property
    def bias(self) -> int:
        """The elements of its bias, 0 where it has none."""
        return self.parameters.get("bias", 0)

    @property
    def places(self) -> int:
        """The number of times its weight is applied to a sample: positions of a kernel, rows of a linear layer."""
        return self.op.weight_uses(self.inputs, self.outputs)

    @property
    def multiplications(self) -> int:
        """Its MACs, computed from its tensors and shapes and not by the op's own rule, which the audit is to check."""
        if self.op.is_weighted:
            return self.weight * self.places
        if isinstance(self.op, Attention):
            q, k, _ = self.op.operands(self.inputs)
            return prod(_sizes(q)[:1] + _sizes(k)[:1]) * (q.channels + self.outputs[0].channels)
        return 0


def _sizes(value: ValueType) -> list[int]:
    return [size for size in value.shape if isinstance(size, int)]


def layers_of(graph: Graph) -> tuple[CountedLayer, ...]:
    """Return every op of a graph without errors, in order."""
    found = []
    for placed, trained in zip(graph.nodes(), trained_nodes(graph), strict=True):
        node = placed.step
        assert isinstance(node, Node)
        inputs = placed.body.input_types(node)
        parameters = {t.name: t.elements for t in node.op.tensors(inputs) if t.role == "parameter"}
        scopes = {step.scope: step for step in placed.body.steps}
        found.append(
            CountedLayer(
                op=node.op,
                inputs=inputs,
                outputs=node.outputs,
                parameters=parameters,
                tied=_tied(node, scopes, parameters),
                # As the torch backend builds it: renamed tensors and bare ones are parameters of the module around
                # them.
                own_module=bool(parameters) and not node.keys and not node.op.bare,
                at_root=placed.depth == 0,
                trained=trained,
            )
        )
    return tuple(found)


def _tied(node: Node, scopes: Mapping[str, object], parameters: Mapping[str, int]) -> tuple[str, ...]:
    """Return the names of the tensors that another module has too; a layer that is wholly shared is the same module."""
    names: list[str] = []
    for share in node.share:
        other = scopes.get(share.path)
        if share.tensor:
            names.append(share.tensor)
        # Equal ops share one module (backends/torch/sharing.py), whose tensors every counter sees once.
        elif not (isinstance(other, Node) and other.op == node.op and not other.keys and not node.keys):
            names.extend(parameters)
    return tuple(name for name in dict.fromkeys(names) if name in parameters)
