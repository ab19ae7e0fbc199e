"""Resolve which values go into which port of an op or a block."""

from __future__ import annotations

from archspec.diagnostics import Cause
from archspec.ir.op import Port
from archspec.language.layers import CallLayer
from archspec.language.models import PORT_KINDS
from archspec.language.symbols import BlockDefinition, OpDefinition
from archspec.lowering import references
from archspec.lowering.bind import CallArguments
from archspec.lowering.context import Bundle, Context
from archspec.lowering.errors import LoweringError
from archspec.source import Mapping, Scalar, Sequence, Tree, describe


def op_inputs(
    context: Context, layer: CallLayer, definition: OpDefinition, written: CallArguments
) -> tuple[tuple[int | None, ...], CallArguments]:
    """Return the values of an op's ports, and the arguments without those that were references.

    An op that joins values may have one alone, where conditions or empty lists leave the others out.
    """
    ports = definition.op.ports
    if ports and ports[0].variadic:
        return _variadic(context, layer, definition, written)
    if layer.source is not None and _takes_no_value(definition):
        message = f"{definition.name} takes no value: what it gives is learned, and the same for every sample"
        hint = "leave `from` out; to join it with a value, write add or concat after it"
        raise LoweringError("SPC002", message, layer.source.span, hint)
    names = tuple(port.name for port in ports) if layer.source is not None else ()
    given = _trees_by_port(context, layer, names, definition.name)
    inputs: list[int | None] = []
    for place, port in enumerate(ports):
        tree = given.get(port.name)
        if place == 0 and tree is not None and references.continues_turn(context, tree):
            tree = None
        if tree is not None:
            inputs.append(references.resolve_one(context, tree))
        elif place == 0 and not port.optional:
            inputs.append(_single_input(context, layer, definition.name))
        else:
            inputs.append(_default_input(context, layer, definition, port, inputs))
    # A missing optional input and a shorter list mean the same (`optional_input`): one form for both.
    while inputs and inputs[-1] is None:
        inputs.pop()
    return tuple(inputs), written


def _takes_no_value(definition: OpDefinition) -> bool:
    """Return whether an op reads none of the numbers of its inputs (parameter)."""
    ports = definition.op.ports
    return bool(ports) and all(port.shape_only for port in ports)


def _variadic(
    context: Context, layer: CallLayer, definition: OpDefinition, written: CallArguments
) -> tuple[tuple[int | None, ...], CallArguments]:
    tree = written.main if written.main is not None else layer.source
    values = references.resolve_many(context, tree) if tree is not None else context.prev
    if written.main is not None and layer.source is not None:
        message = f"{definition.name} takes its values from one place: a list or `from`"
        raise LoweringError("SPC002", message, written.main.span, "leave one of the two out")
    may_be_one = bool(values) and tree is not None and _may_be_one(context, tree)
    # A value that is unknown may be a tuple of as many as there should be.
    if len(values) < 2 and not may_be_one and all(context.type_of(value).known for value in values):
        hint = f"write `{definition.name}: [name, prev]`"
        here = "none" if not values else "one"
        span = tree.span if tree is not None else layer.span
        raise LoweringError("SPC002", f"{definition.name} joins two values or more, and here is {here}", span, hint)
    return values, CallArguments(written.span, written.arguments)


def _may_be_one(context: Context, tree: Tree) -> bool:
    """Return whether references that give one value could give more: of several, some may be left out here."""
    if isinstance(tree, Sequence) and len(tree.items) == 1:
        tree = tree.items[0]
    if isinstance(tree, Scalar):
        return references.is_list(context, tree)
    return True


def _trees_by_port(context: Context, layer: CallLayer, ports: tuple[str, ...], callee: str) -> dict[str, Tree]:
    """Return `from:` as a tree for each port."""
    source = layer.source
    if source is None:
        return {}
    if isinstance(source, Mapping):
        for key, _ in source.entries:
            if key.text not in ports:
                takes = f"its ports are {', '.join(ports)}" if ports else "it takes no inputs"
                raise LoweringError("SPC001", f"{callee} has no port {key.text}", key.span, takes)
        return {key.text: tree for key, tree in source.entries}
    items = source.items if isinstance(source, Sequence) else (source,)
    if len(items) > len(ports):
        count = "one input" if len(ports) == 1 else f"{len(ports) or 'no'} inputs"
        message = f"{callee} takes {count}, and `from` names {len(items)}"
        raise LoweringError("SPC002", message, source.span, "join several values with concat or add")
    return dict(zip(ports, items, strict=False))


def _single_input(context: Context, layer: CallLayer, callee: str) -> int:
    if len(context.prev) != 1:
        # By identity: until a layer has been lowered, the running value is the very tuple that the branch began with.
        chosen = context.start_from if context.prev is context.start else None
        giver = "the layer before" if chosen is None else "the branch's `from`"
        causes = () if chosen is None else (Cause("the branch starts here", chosen),)
        hint = "name the layer before and choose: `from: name[0]`; or join the values with concat or add"
        message = f"{callee} takes one value, and {giver} gives {len(context.prev)}"
        raise LoweringError("SHP010", message, layer.span, hint, causes)
    return context.prev[0]


def _default_input(
    context: Context, layer: CallLayer, definition: OpDefinition, port: Port, inputs: list[int | None]
) -> int | None:
    """Return the default value of a port: the map that tokens came from, a value with the batch size, or None."""
    # It reads the batch size of its port alone, which the body's first input has as well as any.
    if _takes_no_value(definition):
        return 0
    if definition.name == "to_map" and inputs and inputs[0] in context.builder.grids:
        return context.builder.grids[inputs[0]]
    if not port.optional:
        hint = f"write `from: {{{port.name}: name}}`"
        raise LoweringError("SPC009", f"{definition.name} needs a value for its port {port.name}", layer.span, hint)
    return None


def block_inputs(context: Context, layer: CallLayer, block: BlockDefinition) -> tuple[Bundle, tuple[int, ...]]:
    """Return the values of a block's ports, one after the other, and how many each port takes."""
    ports = ports_of(block)
    given = _trees_by_port(context, layer, tuple(ports), block.name)
    values: list[int] = []
    widths: list[int] = []
    for place, (name, several) in enumerate(ports.items()):
        tree = given.get(name)
        if name == starting_port(block) and tree is not None and references.continues_turn(context, tree):
            found = context.prev if several else (_single_input(context, layer, block.name),)
        elif tree is not None:
            found = references.resolve_many(context, tree) if several else (references.resolve_one(context, tree),)
        elif name == "x" or place == 0:
            found = context.prev if several else (_single_input(context, layer, block.name),)
        elif block.model.inputs[name].default is not None:
            found = ()
        else:
            hint = f"write `from: {{{name}: ...}}`"
            raise LoweringError("SPC009", f"{block.name} needs a value for its port {name}", layer.span, hint)
        # A list may be empty, except where the block's layers start: they would have no input.
        if not found and name == starting_port(block):
            hint = f"write `from: {{{name}: [...]}}` with a name or more"
            span = layer.span if tree is None else tree.span
            raise LoweringError("SPC009", f"{block.name} needs a value for its port {name}", span, hint)
        values.extend(found)
        widths.append(len(found))
    _check_kinds(context, layer, block, values, widths)
    return tuple(values), tuple(widths)


def starting_port(block: BlockDefinition) -> str:
    """Return the port whose values a block's first layer takes: x, else the first."""
    ports = ports_of(block)
    return "x" if "x" in ports else next(iter(ports))


def ports_of(block: BlockDefinition) -> dict[str, bool]:
    """Return the ports of a block and whether each takes a list."""
    if not block.model.inputs:
        return {"x": False}
    return {name: port.takes_several for name, port in block.model.inputs.items()}


def _check_kinds(
    context: Context, layer: CallLayer, block: BlockDefinition, values: list[int], widths: list[int]
) -> None:
    rest = list(values)
    # A block without `inputs:` takes anything: the ops inside check what they get.
    for (name, port), width in zip(block.model.inputs.items(), widths, strict=False):
        tree = port.kind
        kind = tree.items[0] if isinstance(tree, Sequence) and len(tree.items) == 1 else tree
        if not isinstance(kind, Scalar) or kind.text not in PORT_KINDS:
            message = f"a port is one of {', '.join(PORT_KINDS)}, not {describe(tree)}"
            raise LoweringError("SPC002", message, tree.span, "for example `inputs: {x: map, skips: [map]}`")
        mine, rest = rest[:width], rest[width:]
        for value in mine:
            found = context.type_of(value)
            if found.known and kind.text not in ("any", found.kind):
                message = f"port {name} of {block.name} takes a {kind.text}, but gets {found.kind} [{found}]"
                raise LoweringError("SHP010", message, layer.span, f"give it a {kind.text}: `from: {{{name}: ...}}`")
