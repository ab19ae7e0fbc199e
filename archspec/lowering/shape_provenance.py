"""The provenance of shapes: from a value back to the layers that set its channels and its sizes."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from archspec.diagnostics import Cause, Span
from archspec.ir.graph import Body, Call, Node
from archspec.ir.types import UNKNOWN, ValueType
from archspec.lowering.builder import BodyBuilder
from archspec.lowering.context import Context, Lowering

CHANNEL_ARGUMENTS = ("channels", "features")
SIZE_ARGUMENTS = ("stride", "scale", "size", "kernel", "padding", "before", "after", "patch", "factor")
SIZE_CODES = ("SHP006", "SHP012", "NRM007", "CNV004", "CNV005", "CNV007", "CNV009", "ATT002", "ATT003")
MAX_STEPS_BACK = 4_000
MAX_CAUSES = 6


class EnclosingCall(Struct, frozen=True):
    """An enclosing block call: where it is written, and its inputs."""

    holder: BodyBuilder | Body
    inputs: tuple[int | None, ...]
    block: str
    span: Span
    arguments: tuple[tuple[str, Span], ...]


class ValueSite(Struct, frozen=True):
    """A value of a body, finished or under construction, with the calls around it, the outermost first."""

    holder: BodyBuilder | Body
    value: int
    outer: tuple[EnclosingCall, ...]

    @property
    def type(self) -> ValueType:
        return self.holder.types[self.value]


def explain_shape(context: Context, code: str, values: tuple[int | None, ...]) -> tuple[Cause, ...]:
    """Return the causes of a shape that an op cannot take: for one value of its channels or sizes, for several of what
    differs."""
    sites = [_place(context, v) for v in dict.fromkeys(values) if v is not None]
    if len(sites) < 2:
        found = [c for p in sites for c in (_sizes(context, p, ()) if code in SIZE_CODES else _channels(context, p))]
        if code == "SHP010":
            found[:0] = [cause for site in sites for cause in _kind(context, site)]
        return tuple(dict.fromkeys(found))[:MAX_CAUSES]
    if code == "SHP010":  # of the kinds of the values, whose sizes are another matter
        return tuple(dict.fromkeys(cause for site in sites for cause in _kind(context, site)))[:MAX_CAUSES]
    return differences(context, sites) or tuple(_channels(context, sites[0]))


def differences_between(context: Context, before: int, after: int) -> tuple[Cause, ...]:
    """Return what the layers between two values of the body under construction do to channels and sizes."""
    return differences(context, [_place(context, after), _place(context, before)], named=False)


def differences(context: Context, sites: list[ValueSite], named: bool = True) -> tuple[Cause, ...]:
    """Return which layers made values differ that should agree: those that set channels, or changed sizes since.

    `named`: include a layer that begins a branch because it does not read the one before it.
    """
    found: list[Cause] = []
    if len({site.type.channels for site in sites}) > 1:
        for site in sites:
            found.extend(_channels(context, site))
    if len({_sizes_of(site.type) for site in sites}) > 1:
        # Values on all paths: behind the last of them the sizes diverge.
        common = frozenset.intersection(*(frozenset(_key(p) for p, _ in _back(site)) for site in sites))
        for site in sites:
            found.extend(_sizes(context, site, common, named))
        found.extend(_rounded(context, sites, common))
    return tuple(dict.fromkeys(found))[: 2 * MAX_CAUSES]


def _rounded(context: Context, sites: list[ValueSite], common: frozenset[tuple[int, ...]]) -> list[Cause]:
    """Return where the sizes at the divergence come from, if they differ by rounding and not by a forgotten stride."""
    sizes = [site.type.spatial for site in sites]
    pairs = [(a, b) for a, b in zip(sizes[0], sizes[-1], strict=False) if isinstance(a, int) and isinstance(b, int)]
    # A forgotten stride makes one size a multiple of the other; rounding does not.
    if all(max(pair) % max(1, min(pair)) == 0 for pair in pairs):
        return []
    start = next((here for here, _ in _back(sites[0]) if _key(here) in common), None)
    return [] if start is None else _sizes(context, start, ())


def _sizes_of(value_type: ValueType) -> tuple[object, ...]:
    axis = value_type.channel_axis
    return tuple(size for site, size in enumerate(value_type.shape) if site != axis)


def _place(context: Context, value: int) -> ValueSite:
    return ValueSite(context.builder, value, _around(context.lowering))


def _around(lowering: Lowering) -> tuple[EnclosingCall, ...]:
    """Return the block calls that are being lowered, the outermost first; none outside a network used as a layer."""
    found: list[EnclosingCall] = []
    for frame in lowering.frames:
        if frame.slot:
            continue
        # The inputs of a network used as a layer are not traced into the spec around it.
        if frame.outer is None:
            found.clear()
            continue
        spans = tuple((name, tree.span) for name, tree in frame.arguments.items())
        found.append(EnclosingCall(frame.outer, frame.inputs, frame.block, frame.span, spans))
    return tuple(found)


def _key(site: ValueSite) -> tuple[int, ...]:
    return (*(id(outer.holder) for outer in site.outer), id(site.holder), site.value)


def _back(site: ValueSite) -> Iterator[tuple[ValueSite, Node | None]]:
    """Yield the values from one back along the main inputs, each with the op that makes it (None for an input)."""
    for _ in range(MAX_STEPS_BACK):
        found = _maker(site)
        if found is None:
            if not site.outer:
                yield site, None
                return
            outer = site.outer[-1]
            value = outer.inputs[site.value] if site.value < len(outer.inputs) else None
            if value is None:
                return
            site = ValueSite(outer.holder, value, site.outer[:-1])
            continue
        index, step = found
        if isinstance(step, Call):
            offset = site.value - site.holder.starts[index]
            around = EnclosingCall(site.holder, step.inputs, step.kind, step.origin.span, step.origin.arguments)
            site = ValueSite(step.body, step.body.outputs[offset], (*site.outer, around))
            continue
        yield site, step
        before = _read(site, step)
        if before is None:
            return
        site = ValueSite(site.holder, before, site.outer)


def _read(site: ValueSite, step: Node) -> int | None:
    """Return the main input of an op: the first of the output's sizes, so that a gate's weights are not followed."""
    inputs = [v for v in step.inputs if v is not None]
    # Of a product or gate the weights are often smaller ([C, 1, 1]): the value that is weighted has the sizes.
    if len(inputs) > 1:
        sizes, types = _sizes_of(site.type), site.holder.types
        inputs = [v for v in inputs if _sizes_of(types[v]) == sizes] or inputs
    return inputs[0] if inputs else None


def _maker(site: ValueSite) -> tuple[int, Node | Call] | None:
    """Return the step that makes a value, with its index; None for an input of the body."""
    if site.value < len(site.holder.inputs):
        return None
    starts = site.holder.starts
    low, high = 0, len(starts)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if starts[middle] <= site.value else (low, middle)
    return low, site.holder.steps[low]


def _channels(context: Context, site: ValueSite) -> list[Cause]:
    """Return which layer set the channels of a value; behind a merge or a library block that keeps them, also the one
    before."""
    number = site.type.channels
    found: list[Cause] = []
    chosen: list[Cause] = []
    for here, step in _back(site):
        inside = step is not None and step.origin.span.in_library
        if found and not inside and here.type.channels != number:
            break
        if step is None:
            return [*found, _input_cause(context, here, f"{number} channels: the input's"), *chosen]
        argument = next((name for name in CHANNEL_ARGUMENTS if hasattr(step.op, name)), "")
        keeps = _first_type(here, step).channels == here.type.channels
        if argument or not keeps or len(step.inputs) > 1:
            who, span = _lifted(step, here.outer, (argument,))
            by_itself = (inside and "'s " not in who) or (keeps and len(step.inputs) > 1)
            if not (by_itself and found):
                found.append(Cause(f"{number} channels: from {who}", span))
            if not by_itself and (argument or len(step.inputs) > 1):
                break
            if not (inside or keeps or argument) and len(step.inputs) == 1:  # a part or a product of what it was given
                number = _first_type(here, step).channels
        elif any(name == "axis" for name, _ in step.origin.arguments):  # along another axis it would change them
            who, span = _lifted(step, here.outer, ("axis",))
            found.append(Cause(f"{number} channels stay: by {who}", span))
        chosen.extend(_chosen(here, step))
    return [*found, *chosen]


def _chosen(site: ValueSite, step: Node) -> list[Cause]:
    """Return the `from:` by which a layer, or the block that it begins, reads another value than the one before it."""
    value = _read(site, step)
    if value is None:
        return []
    calls = [(step.kind, step.origin.arguments)]
    if value < len(site.holder.inputs) and site.outer:
        calls.append((site.outer[-1].block, site.outer[-1].arguments))
    spans = [(who, span) for who, written in calls for name, span in written if name == "from"]
    users = [(who, span) for who, span in spans if not span.in_library]
    return [Cause(f"{site.holder.types[value]}: chosen by {who}'s from", span) for who, span in users]


def _kind(context: Context, site: ValueSite) -> list[Cause]:
    """Return which layer made a value the kind that it is: a vector, tokens, a map with so many axes.

    If no layer did since the input, include the one that set its sizes last, which may be the one to change.
    """
    what = f"{site.type.kind} [{site.type}]"
    resized: list[Cause] = []
    chosen: list[Cause] = []
    for here, step in _back(site):
        if step is None:
            first = _input_cause(context, here, f"{what}: the input is {here.type.kind} [{here.type}]")
            return [first, *resized, *chosen]
        before = _first_type(here, step)
        if (before.kind, len(before.shape)) != (here.type.kind, len(here.type.shape)):
            who, span = _lifted(step, here.outer, ())
            return [Cause(f"{what}: a {here.type.kind} by {who}", span), *chosen]
        chosen.extend(_chosen(here, step))
        if not resized and (_sizes_of(before) != _sizes_of(here.type) or _is_resizing(step)):
            who, span = _lifted(step, here.outer, ())
            resized.append(Cause(f"{before} → {here.type}: by {who}", span))
    return []


def _is_resizing(step: Node) -> bool:
    """Return whether an op is meant to change sizes, so that it is a cause even where it leaves them unchanged."""
    return step.op.upsamples or step.op.pooling in ("window", "adaptive")


def _sizes(
    context: Context, site: ValueSite, common: frozenset[tuple[int, ...]] | tuple[()], named: bool = False
) -> list[Cause]:
    """Return which layers changed the sizes of a value since the last common value, the latest first."""
    found: list[Cause] = []
    chosen: list[Cause] = []
    later: tuple[ValueSite, Node] | None = None
    for here, step in _back(site):
        if len(found) >= MAX_CAUSES:
            break
        if _key(here) in common:
            found.extend(_branching(here, later) if named else ())
            found.extend(_kept(context, here, later) if named and not found else ())
            break
        if step is None:
            found.append(_input_cause(context, here, f"{here.type}: the input"))
            break
        before, later = _first_type(here, step), (here, step)
        if _sizes_of(before) != _sizes_of(here.type):
            who, span = _lifted(step, here.outer, SIZE_ARGUMENTS)
            found.append(Cause(f"{before} → {here.type}: by {who}", span))
        elif _is_resizing(step) and common:
            who, span = _lifted(step, here.outer, SIZE_ARGUMENTS)
            found.append(Cause(f"{here.type} stays as large: by {who}", span))
        chosen.extend((_handed(here, step) if common else ()) or _chosen(here, step))
    return [*found, *chosen]


def _handed(site: ValueSite, step: Node) -> list[Cause]:
    """Return the block that a value enters by another port than its first, where no layer can be named."""
    first = _read(site, step)
    if not site.outer or not first or first >= len(site.holder.inputs):
        return []
    outer = site.outer[-1]
    if len(site.holder.ports) != len(site.holder.inputs) or outer.span.in_library:
        return []
    return [Cause(f"{site.holder.types[first]}: the {site.holder.ports[first]} of {outer.block}", outer.span)]


def _branching(start: ValueSite, first: tuple[ValueSite, Node] | None) -> list[Cause]:
    """Return the first layer of a branch, if it names its input itself."""
    if first is None or first[0].holder is not start.holder or start.value == first[0].value - 1:
        return []
    if len(first[1].inputs) != 1:
        return []
    who, span = _lifted(first[1], first[0].outer, ())
    return [Cause(f"{start.type}: where {who} starts", span)]


def _kept(context: Context, start: ValueSite, first: tuple[ValueSite, Node] | None) -> list[Cause]:
    """Return the first layer, in another block, of a branch that never changes its sizes, though it may have to."""
    if first is None or first[0].holder is start.holder:
        return []
    who, span = _lifted(first[1], first[0].outer, ("stride",))
    if any(span == outer.span for outer in _around(context.lowering)):
        return []  # the block that fails is named anyway
    return [Cause(f"{first[0].type} stays as large: by {who}", span)]


def _first_type(site: ValueSite, step: Node) -> ValueType:
    before = _read(site, step)
    return UNKNOWN if before is None else site.holder.types[before]


def _input_cause(context: Context, site: ValueSite, message: str) -> Cause:
    spans = context.lowering.input_spans
    return Cause(message, spans[site.value] if site.value < len(spans) else None)


def _lifted(step: Node, outer: tuple[EnclosingCall, ...], arguments: tuple[str, ...]) -> tuple[str, Span]:
    """Return the layer's name and span, or those of the call in the user's own text that it comes from."""
    written, span, who = step.origin.arguments, step.origin.span, step.kind
    for call in (*reversed(outer), None):
        given = next((pair for name in arguments for pair in written if pair[0] == name), None)
        if given is not None:
            who, span = f"{who}'s {given[0]}", given[1]
        if call is None or not span.in_library:
            break
        written, span, who = call.arguments, call.span, call.block
    return who, span
