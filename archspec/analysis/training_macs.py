"""The MACs of a training step in closed form: of the forward pass, and of its gradients."""

from __future__ import annotations

from archspec.ir.flat import FlatGraph, FlatNode, flatten
from archspec.ir.graph import Graph


def training_macs(graph: Graph) -> int:
    """Return the MACs of forward and backward for one sample: three times the forward pass, less unneeded gradients.

    These are of the network's inputs (so that the first layer has two thirds), and of layers that no output depends on.
    """
    flat = flatten(graph)
    learned, reached = _learned(flat), _reached(flat)
    return sum(_node_macs(flat, node, learned, any(reached[v] for v in node.outputs)) for node in flat.nodes)


def trained_nodes(graph: Graph) -> tuple[bool, ...]:
    """Return for each op, in order, whether it gets a gradient: some output depends on it."""
    flat = flatten(graph)
    reached = _reached(flat)
    return tuple(any(reached[value] for value in node.outputs) for node in flat.nodes)


def _learned(flat: FlatGraph) -> list[bool]:
    """Return for each value whether it depends on a parameter, so that its gradient is needed."""
    learned = [False] * len(flat.types)
    for node in flat.nodes:
        # Before any parameter no gradient is needed: the network's inputs have none.
        owns = any(tensor.role == "parameter" for tensor in node.node.op.tensors(flat.input_types(node)))
        needed = owns or any(learned[value] for value in node.inputs if value is not None)
        for value in node.outputs:
            learned[value] = needed
    return learned


def _reached(flat: FlatGraph) -> list[bool]:
    """Return for each value whether an output of the network depends on it.

    One backward pass over ops in topological order, in place of `networkx.ancestors`, whose import takes 0.2 s.
    """
    reached = [False] * len(flat.types)
    for value in flat.outputs:
        reached[value] = True
    for node in reversed(flat.nodes):
        if any(reached[value] for value in node.outputs):
            for read in node.inputs:
                if read is not None:
                    reached[read] = True
    return reached


def _node_macs(flat: FlatGraph, node: FlatNode, learned: list[bool], trained: bool) -> int:
    inputs = flat.input_types(node)
    forward = node.node.op.macs(inputs, node.node.outputs)
    # Autograd does not run backward through ops on which no output depends.
    if not forward or not trained:
        return forward
    needs_grad = tuple(None if value is None else learned[value] for value in node.inputs)
    return forward + node.node.op.backward_macs(inputs, node.node.outputs, needs_grad)
