"""Builds the tree from parse events on an explicit stack, so that no nesting overflows Python's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import yaml
from msgspec import Struct, field
from msgspec.structs import replace

from archspec.diagnostics import Cause, Diagnostic, Span, did_you_mean
from archspec.source import limits
from archspec.source.anchors import Anchor, find_unused
from archspec.source.entries import build_entries
from archspec.source.parts import Part
from archspec.source.placeholders import Placeholders
from archspec.source.positions import Positions
from archspec.source.tags import TagError, check_collection_tag, check_tag, value_of
from archspec.source.tree import Mapping, Scalar, Sequence, Tree
from archspec.source.yaml_pitfalls import diagnose_name, rejoin_items, rejoin_values, split_unspaced

# Compiled when first used: a node with a tag or an anchor is rare, and so is a key without a value.
_PROPERTIES: Final = r"(?:(?:!<[^>\s]*>|[!&][^\s,\[\]{}]*)(?:[ \t\r\n]+(?:#[^\r\n]*)?)*)+"
_COLON: Final = r"[ \t]*:"
_TAG: Final = r"!<[^>\s]*>|![^\s,\[\]{}]*"

_MAX_COMPARED: Final = 50
"""With more anchors than these, none is proposed for one that is missing: comparing texts takes time."""


class _Frame(Struct):
    """A collection that is still open; `parts` are its items, or its keys and values in turn."""

    is_mapping: bool
    is_flow: bool
    start: int
    key: Scalar | None
    anchor: Anchor | None
    nodes_before: int
    height: int = 1
    parts: list[Part] = field(default_factory=list)


class Builder:
    """Takes the events of one document; afterwards `root` is its tree and `found` its findings.

    `refused` is True once a limit was passed: reading must stop, since going on is what the limit defends against.
    """

    def __init__(self, text: str, placeholders: Placeholders, positions: Positions) -> None:
        self.root: Tree | None = None
        self.found: list[Diagnostic] = []
        self.refused = False
        self.literal: list[tuple[int, int]] = []  # quoted and block scalars, in which # starts no comment
        self._text = text
        self._placeholders = placeholders
        self._positions = positions
        self._frames: list[_Frame] = []
        self._nodes = 0
        self._anchors: dict[str, Anchor] = {}
        self._all_anchors: list[Anchor] = []

    @property
    def open_parts(self) -> list[Part]:
        """The parts that the innermost open collection holds so far."""
        return self._frames[-1].parts if self._frames else []

    def unused_anchors(self) -> Iterator[Diagnostic]:
        return find_unused(self._all_anchors, self._text, self._positions)

    def refuse_document(self, event: Any) -> None:
        """Report that the text holds a second document, which is not read."""
        message = "a second document starts here: a file holds one"
        start = int(event.start_mark.index)
        self._report("SPC002", message, start, start + 3, "make it a file of its own")

    def take(self, event: Any) -> None:
        """Process one event."""
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event)
        elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            self._open(event)
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            self._close(event)

    def _report(self, code: str, message: str, start: int, end: int, hint: str = "") -> None:
        self.found.append(Diagnostic(code, message, self._positions.span(start, end), hint=hint))

    def _refuse(self, code: str, message: str, start: int, end: int, hint: str) -> None:
        self._report(code, message, start, end, hint)
        self.refused = True

    def _count(self, nodes: int, start: int, end: int) -> None:
        self._nodes += nodes
        # An alias adds the size of its node in one step, so that the limit is passed before anything is expanded.
        if self._nodes > limits.NODES:
            message = f"with its aliases written out the file has more than {limits.NODES:,} nodes"
            self._refuse(limits.NODES_CODE, message, start, end, "a repeat or a block says the same in a few lines")

    def _check_depth(self, levels: int, start: int, end: int) -> None:
        if len(self._frames) + levels > limits.NESTING:
            message = f"lists and mappings are nested more than {limits.NESTING} deep"
            self._refuse(limits.NESTING_CODE, message, start, end, "give the inner part a name of its own, as a block")

    def _next_key(self) -> Scalar | None:
        """Return the key of the value that comes next; None in a list and before a key."""
        if not self._frames or not self._frames[-1].is_mapping or len(self._frames[-1].parts) % 2 == 0:
            return None
        key = self._frames[-1].parts[-1].tree
        return key if isinstance(key, Scalar) else None

    def _content_start(self, event: Any) -> int:
        """Return where the node itself starts, after its tag and anchor."""
        start, end = int(event.start_mark.index), int(event.end_mark.index)
        if event.anchor is None and event.tag is None:
            return start
        if isinstance(event, yaml.CollectionStartEvent):
            end = len(self._text)
        properties = re.compile(_PROPERTIES).match(self._text, start, end)
        return properties.end() if properties else start

    def _declare(self, event: Any) -> Anchor | None:
        """Record the event's anchor, if it has one, as a node that is still being read."""
        if event.anchor is None:
            return None
        anchor = Anchor(event.anchor, max(self._text.find(f"&{event.anchor}", event.start_mark.index), 0))
        self._anchors[anchor.name] = anchor
        self._all_anchors.append(anchor)
        return anchor

    def _scalar(self, event: Any) -> None:
        start, end = self._content_start(event), int(event.end_mark.index)
        # A block scalar's event ends behind the empty lines that follow it.
        written = self._text[start:end].rstrip() if event.style in ("|", ">") else self._text[start:end]
        end = start + len(written)
        if start == end and event.anchor is None and event.tag is None:
            start = end = self._empty_place(start)
        self._count(1, start, max(end, start + 1))
        if event.style:
            self.literal.append((start, end))
        text = self._placeholders.restore(event.value)
        if event.tag is not None:
            self._check_tag(event, check_tag(event.tag))
        value = value_of(event.tag, text, plain=not event.style)
        if value.error is not None:
            hint = "is this a number? a text stands in quotes"
            self._report(value.error.code, value.error.message, start, end, hint)
        scalar = Scalar(value.value, text, self._positions.span(start, end), value.is_text, self._next_key())
        # Not isinstance: a bool is an int.
        if type(value.value) in (int, float) and scalar.key is not None and scalar.key.text == "name":
            self.found.extend(diagnose_name(scalar))
        self._place(Part(scalar, start, end), self._declare(event), 1, 0)

    def _empty_place(self, index: int) -> int:
        """Return the offset of an absent value: after its key's colon (libyaml and PyYAML differ on this)."""
        if not self._frames or not self._frames[-1].is_mapping or len(self._frames[-1].parts) % 2 == 0:
            return index
        key_end = self._frames[-1].parts[-1].end
        colon = re.compile(_COLON).match(self._text, key_end)
        return colon.end() if colon else key_end

    def _check_tag(self, event: Any, error: TagError | None) -> None:
        """Report what is wrong with the event's tag, at the tag."""
        if error is not None:
            place = self._text.find("!", event.start_mark.index)
            written = re.compile(_TAG).match(self._text, max(place, 0))
            self._report(error.code, error.message, *(written.span() if written else (0, 1)), "specs need no tags")

    def _alias(self, event: Any) -> None:
        start, end = int(event.start_mark.index), int(event.end_mark.index)
        anchor = self._anchors.get(event.anchor)
        if anchor is None:
            near = did_you_mean(event.anchor, self._anchors) if len(self._anchors) <= _MAX_COMPARED else None
            hint = f"did you mean *{near}?" if near else "an anchor is written &name, before its alias"
            self._report("SPC011", f"not YAML: there is no anchor {event.anchor}", start, end, hint)
            # A value is put in its place all the same: keys and values of a mapping alternate in `parts`.
            missing = Scalar(None, f"*{event.anchor}", self._positions.span(start, end), key=self._next_key())
            self._place(Part(missing, start, end), None, 1, 0)
            return
        anchor.used = True
        if anchor.tree is None:
            message = f"*{anchor.name} stands inside the node that it stands for"
            self._refuse(limits.RECURSION_CODE, message, start, end, "write out what is meant here")
            cause = Cause("the node starts here", anchor.span(self._positions))
            self.found[-1] = replace(self.found[-1], causes=(cause,))
            return
        self._check_depth(anchor.height, start, end)
        self._count(anchor.size, start, end)
        # The copy is shallow: however often an anchor is used, its children exist once.
        tree = replace(anchor.tree, key=self._next_key(), alias=self._positions.span(start, end))
        self._place(Part(tree, start, end), None, anchor.size, anchor.height)

    def _open(self, event: Any) -> None:
        start = self._content_start(event)
        self._check_depth(1, start, start + 1)
        before = self._nodes
        self._count(1, start, start + 1)
        is_mapping = isinstance(event, yaml.MappingStartEvent)
        if event.tag is not None:
            self._check_tag(event, check_collection_tag(event.tag, is_mapping))
        flow = self._placeholders.text[start : start + 1] == ("{" if is_mapping else "[")
        self._frames.append(_Frame(is_mapping, flow, start, self._next_key(), self._declare(event), before))

    def _close(self, event: Any) -> None:
        frame = self._frames.pop()
        # The end event of a block collection lies at the next token, behind the comments in between.
        end = int(event.end_mark.index) if frame.is_flow or not frame.parts else frame.parts[-1].end
        span = self._positions.span(frame.start, end)
        tree = self._mapping(frame, span) if frame.is_mapping else self._sequence(frame, span)
        self._place(Part(tree, frame.start, end), frame.anchor, self._nodes - frame.nodes_before, frame.height)

    def _mapping(self, frame: _Frame, span: Span) -> Mapping:
        pairs = list(zip(frame.parts[::2], frame.parts[1::2], strict=True))
        if frame.is_flow:
            pairs, split = rejoin_values(pairs, self._text, self._positions)
            pairs, unspaced = split_unspaced(pairs, self._text, self._positions)
            self.found.extend((*split, *unspaced))
        entries, inherited, wrong = build_entries(pairs, self._positions)
        self.found.extend(wrong)
        return Mapping(entries, span, frame.key, inherited=inherited)

    def _sequence(self, frame: _Frame, span: Span) -> Sequence:
        items = frame.parts
        if frame.is_flow:
            items, split = rejoin_items(items, self._text, self._positions)
            self.found.extend(split)
        return Sequence(tuple(item.tree for item in items), span, frame.key)

    def _place(self, part: Part, anchor: Anchor | None, size: int, height: int) -> None:
        """Append a finished node to its collection, and record it under its anchor."""
        if anchor is not None:
            anchor.tree, anchor.size, anchor.height = part.tree, size, height
        if not self._frames:
            self.root = part.tree
            return
        frame = self._frames[-1]
        frame.parts.append(part)
        frame.height = max(frame.height, height + 1)
