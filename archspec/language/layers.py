"""The models of what may stand in a list of layers."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Discriminator, Field, InstanceOf, Tag, model_validator

from archspec.language.nodes import SPAN, Items, Model, Node, Nodes, Text, Word, fields_of, mistake, one_of, wrong
from archspec.language.recovery import BROKEN
from archspec.source import Mapping, Scalar, Sequence, Tree

RESERVED = ("name", "from", "when", "repeat", "as", "share", "init", "keys", "defaults")
STRUCTURE = ("residual", "branches", "sequence", "layers", "network")


class Layer(Model):
    """What any layer may carry."""

    name: Text | None = None
    source: Node | None = Field(default=None, alias="from")
    when: Node | None = None
    repeat: Node | None = None
    variable: Text | None = Field(default=None, alias="as")
    share: Node | None = None
    init: Nodes | None = None
    keys: Nodes | None = None
    defaults: Nodes | None = None


class CallLayer(Layer):
    """An op or a block used: `conv: 64`, `conv: {channels: 64}`, `{block: bottleneck, channels: 64}`."""

    callee: InstanceOf[Scalar] | InstanceOf[Mapping] = Field(alias="<callee>")
    arguments: tuple[tuple[InstanceOf[Scalar], Any], ...] = Field(default=(), alias="<arguments>")
    main: Any = Field(default=None, alias="<main>")

    @model_validator(mode="before")
    @classmethod
    def _from_tree(cls, data: Any) -> Any:
        return call_fields(data)


class StructureLayer(Layer):
    """Base of the layers that are structure: `word: {fields}`, where a list is short for its main field."""

    @classmethod
    def main_field(cls) -> str:
        return "body"

    @model_validator(mode="before")
    @classmethod
    def _from_tree(cls, data: Any) -> Any:
        ((_, inner),) = data.entries
        if isinstance(inner, Mapping):
            return fields_of(cls, inner)
        return {cls.main_field(): inner, SPAN: data.span}


class ResidualLayer(StructureLayer):
    """y = merge(shortcut(x), body(x))."""

    body: Layers
    shortcut: Node | None = None
    merge: Node | None = None


class SequenceLayer(StructureLayer):
    """A group of layers; with `merge`, a repeat joins its input and every step (VoVNet, Lee et al. 2019)."""

    body: Layers
    merge: Annotated[str | None, one_of("concat", "add")] = None


class Branch(Model):
    """One branch: its layers, and where it starts."""

    name: Text | None = None
    source: Node | None = Field(default=None, alias="from")
    when: Node | None = None
    repeat: Node | None = None
    variable: Text | None = Field(default=None, alias="as")
    body: Layers

    @model_validator(mode="before")
    @classmethod
    def _from_tree(cls, data: Any) -> Any:
        if isinstance(data, Sequence):
            return {"body": data, SPAN: data.span}
        if not isinstance(data, Mapping):
            raise wrong(data, "a list of layers, or a mapping with a body", hint="write [...] or {body: [...]}")
        return fields_of(cls, data)


class BranchesLayer(StructureLayer):
    """Several lists of layers side by side, then merged; `none` gives a tuple."""

    merge: Annotated[str, one_of("concat", "add", "none")] = "concat"
    of: Annotated[tuple[Branch, ...], Items]

    @classmethod
    def main_field(cls) -> str:
        return "of"


class SlotLayer(Model):
    """`layers: slot` splices the layers that a parameter holds."""

    slot: Word = Field(alias="layers")


class BrokenLayer(StructureLayer):
    """What stands for a layer that could not be read, and that has been reported: only its name is known."""


class NetworkLayer(StructureLayer):
    """A whole spec used as a layer."""

    spec: Text
    variant: Text | None = None
    params: Nodes | None = None

    @classmethod
    def main_field(cls) -> str:
        return "spec"


def kind_of(tree: Any) -> str:
    """Which model a node in a list of layers is read with."""
    if isinstance(tree, Mapping) and len(tree.entries) == 1 and tree.entries[0][0].text in (*STRUCTURE, BROKEN):
        return tree.entries[0][0].text
    return "call"


AnyLayer = Annotated[
    Annotated[CallLayer, Tag("call")]
    | Annotated[ResidualLayer, Tag("residual")]
    | Annotated[BranchesLayer, Tag("branches")]
    | Annotated[SequenceLayer, Tag("sequence")]
    | Annotated[SlotLayer, Tag("layers")]
    | Annotated[NetworkLayer, Tag("network")]
    | Annotated[BrokenLayer, Tag(BROKEN)],
    Discriminator(kind_of),
]
Layers = Annotated[tuple[AnyLayer, ...], Items]


def call_fields(tree: Any) -> Any:
    """The fields of a CallLayer from any way of writing one."""
    if isinstance(tree, Scalar) and tree.text:
        return {"<callee>": tree, SPAN: tree.span}
    if not isinstance(tree, Mapping) or not tree.entries:
        raise wrong(tree, "a layer", hint="a layer is `op`, `op: value` or `op: {arguments}`")
    block = tree.get("block")
    if block is not None:
        if not isinstance(block, (Scalar, Mapping)) or (isinstance(block, Scalar) and not block.text):
            raise wrong(block, "the name of a block or op", hint="for example `block: bottleneck`")
        return _split(tree, block, [(k, v) for k, v in tree.entries if k.text != "block"])
    callees = [(key, value) for key, value in tree.entries if key.text not in RESERVED]
    if len(tree.entries) > 1:
        raise _several(tree, callees)
    (callee, inner) = tree.entries[0]
    if callee.text in RESERVED:
        raise wrong(tree, "a layer", hint=f"{callee.text} belongs inside a layer's arguments")
    if isinstance(inner, Mapping):
        return _split(tree, callee, list(inner.entries))
    if isinstance(inner, Scalar) and inner.value is None and not inner.quoted:
        return {"<callee>": callee, SPAN: tree.span}
    return {"<callee>": callee, "<main>": inner, SPAN: tree.span}


def _several(tree: Mapping, callees: list[tuple[Scalar, Tree]]) -> Exception:
    names = [key.text for key, _ in callees] or ["op"]
    hint = f"put what belongs to the layer inside it: `- {names[0]}: {{...}}`; one layer for each dash"
    return mistake(tree, f"expected one layer, but here are the keys {', '.join(tree.keys())}", "SPC002", hint)


def _split(tree: Mapping, callee: Tree | None, entries: list[tuple[Scalar, Tree]]) -> dict[str, Any]:
    data: dict[str, Any] = {key.text: value for key, value in entries if key.text in RESERVED}
    data["<callee>"] = callee
    data["<arguments>"] = tuple((key, value) for key, value in entries if key.text not in RESERVED)
    data[SPAN] = tree.span
    return data
