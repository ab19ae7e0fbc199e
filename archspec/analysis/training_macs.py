"""The MACs of a training step in closed form: what the forward pass multiplies, and what its gradients do."""

from __future__ import annotations

from archspec.ir.flat import FlatGraph, FlatNode, flatten
from archspec.ir.graph import Graph


def training_macs(graph: Graph) -> int:
    """Forward and backward of one sample: three times the forward pass, less the gradients that nobody asks for.

    Those are of the network's inputs (so the first layer has two thirds), and of layers that no output depends on.
    """
    flat = flatten(graph)
    learned, reached = _learned(flat), _reached(flat)
    return sum(_of_node(flat, node, learned, any(reached[v] for v in node.outputs)) for node in flat.nodes)


def trained_nodes(graph: Graph) -> tuple[bool, ...]:
    """For each op, in order, whether a gradient comes to it: some output depends on it."""
    flat = flatten(graph)
    reached = _reached(flat)
    return tuple(any(reached[value] for value in node.outputs) for node in flat.nodes)


def _learned(flat: FlatGraph) -> list[bool]:
    """For each value whether it depends on a parameter, so that its gradient is needed."""
    learned = [False] * len(flat.types)
    for node in flat.nodes:
        owns = any(tensor.role == "parameter" for tensor in node.node.op.tensors(flat.input_types(node)))
        needed = owns or any(learned[value] for value in node.inputs if value is not None)
        for value in node.outputs:
            learned[value] = needed
    return learned


def _reached(flat: FlatGraph) -> list[bool]:
    """For each value whether an output of the network depends on it."""
    reached = [False] * len(flat.types)
    for value in flat.outputs:
        reached[value] = True
    for node in reversed(flat.nodes):
        if any(reached[value] for value in node.outputs):
            for read in node.inputs:
                if read is not None:
                    reached[read] = True
    return reached


def _of_node(flat: FlatGraph, node: FlatNode, learned: list[bool], trained: bool) -> int:
    inputs = flat.input_types(node)
    forward = node.node.op.macs(inputs, node.node.outputs)
    if not forward or not trained:
        return forward
    needs_grad = tuple(None if value is None else learned[value] for value in node.inputs)
    return forward + node.node.op.backward_macs(inputs, node.node.outputs, needs_grad)
