"""The module tree of a body: which paths hold a layer, which are containers, and which containers are chains."""

from __future__ import annotations

from msgspec import Struct, field

from archspec.ir.graph import Body, Node
from archspec.lowering.module_names import ROW_NAMES


class TreeNode(Struct):
    """A path of the module tree: a step, or children in the order of their first step."""

    path: str
    step: int | None = None
    tensor: str | None = None  # the step's tensor that is here without a module: "" its only one, else its name
    children: dict[str, TreeNode] = field(default_factory=dict)
    chain: bool = False  # its steps follow one another and nothing else reads between: an nn.Sequential

    def steps(self) -> list[int]:
        """Return the steps at and below this path."""
        found = [] if self.step is None else [self.step]
        for child in self.children.values():
            found.extend(child.steps())
        return found


def layout(body: Body, has_module: frozenset[int]) -> TreeNode:
    """Return the module tree of a body, its chains marked; `has_module` are the steps that have a module."""
    root = TreeNode("")
    for index, step in enumerate(body.steps):
        if isinstance(step, Node) and step.op.bare:
            _plant(root, step.scope, index, "")
        elif isinstance(step, Node) and step.keys:
            for tensor, _ in step.keys:
                _plant(root, step.key_of(tensor), index, tensor)
        elif index in has_module:
            _plant(root, step.scope, index, None)
    readers = _readers(body)
    for child in root.children.values():
        _mark(body, child, has_module, readers)
    return root


def is_chain(body: Body, place: TreeNode, has_module: frozenset[int]) -> bool:
    """Return whether the whole body is one input through one module after the other."""
    steps = place.steps()
    if len(body.inputs) != 1 or not steps or steps != list(range(len(body.steps))):
        return False
    ends = body.outputs == (body.starts[-1],) and body.steps[0].inputs == (0,)
    whole = all(child.step is not None or child.chain for child in place.children.values())
    return ends and whole and _is_chain(body, steps, has_module, _readers(body)) and _readers(body)[0] == [0]


def _plant(root: TreeNode, path: str, index: int, tensor: str | None) -> None:
    """Insert a step, or one tensor of it, at its path; expressions without tensors (an add) have none."""
    place = root
    for segment in path.split("."):
        below = f"{place.path}.{segment}" if place.path else segment
        place = place.children.setdefault(segment, TreeNode(below))
    place.step, place.tensor = index, tensor


def _readers(body: Body) -> dict[int, list[int]]:
    readers: dict[int, list[int]] = {}
    for index, step in enumerate(body.steps):
        for value in step.inputs:
            if value is not None:
                readers.setdefault(value, []).append(index)
    for value in body.outputs:
        # -1, no step: the caller reads it, so that no chain may hide it.
        readers.setdefault(value, []).append(-1)
    return readers


def _mark(body: Body, place: TreeNode, has_module: frozenset[int], readers: dict[int, list[int]]) -> None:
    for child in place.children.values():
        _mark(body, child, has_module, readers)
    if place.step is not None:
        return
    steps = place.steps()
    # a repeat of one is a container as well: model.layer1[0]
    place.chain = _is_chain(body, steps, has_module, readers) and all(
        child.step is not None or child.chain for child in place.children.values()
    )
    # nn.Sequential has methods of these names, and add_module refuses a child of the same name.
    place.chain = place.chain and ROW_NAMES.isdisjoint(place.children)


def _is_chain(body: Body, steps: list[int], has_module: frozenset[int], readers: dict[int, list[int]]) -> bool:
    # nn.Sequential calls its children in order and keeps what is between them to itself: the steps must be consecutive,
    # and the next step must be the only reader of each value between.
    if steps != list(range(steps[0], steps[0] + len(steps))):
        return False
    for place, index in enumerate(steps):
        step = body.steps[index]
        if index not in has_module or len(step.inputs) != 1 or len(step.outputs) != 1:
            return False
        value = body.starts[index]
        if place + 1 < len(steps) and (body.steps[index + 1].inputs != (value,) or readers.get(value) != [index + 1]):
            return False
    return True
