"""The models of a spec and of a block."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, InstanceOf, model_validator

from archspec.language.budget import Budget
from archspec.language.layers import Layers
from archspec.language.nodes import (
    SPAN,
    Entries,
    Flag,
    Model,
    Node,
    Nodes,
    Number,
    Text,
    Texts,
    fields_of,
    one_of,
    wrong,
)
from archspec.source import Mapping, Scalar, Sequence, Tree

PARAMETER_TYPES = ("int", "float", "bool", "str", "list", "axes", "layers", "block", "any")
VALUE_KINDS = ("map", "tokens", "vector", "ids", "mask")


class ParameterDeclaration(Model):
    """A parameter: `channels: int` (required), `expansion: 4` (a literal default), or the long form."""

    type: Annotated[str | None, one_of(*PARAMETER_TYPES)] = None
    default: Node | None = None
    literal: bool = Field(default=False, alias="<literal>")
    first: Flag = False
    ge: Number | None = None
    gt: Number | None = None
    choices: Texts = ()
    of: Annotated[str | None, one_of("int", "float", "bool", "str", "any")] = None
    about: Text | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_tree(cls, data: Any) -> Any:
        if isinstance(data, Mapping) and _is_declaration(data):
            return fields_of(cls, data)
        if isinstance(data, Scalar) and not data.quoted and data.text in PARAMETER_TYPES:
            return {"type": data, SPAN: data.span}
        if isinstance(data, (Scalar, Sequence, Mapping)):
            return {"default": data, "<literal>": True, SPAN: data.span}
        raise wrong(data, "a type or a default", hint="write `channels: int`, or a default: `channels: 64`")


def _is_declaration(tree: Mapping) -> bool:
    """`{type: int, default: 1}` declares; `{bottleneck: {groups: 32}}` is a default that happens to be a mapping."""
    return not {"type", "default"}.isdisjoint(tree.keys())


class InputDeclaration(Model):
    """One input: its shape for one sample, its kind, and for ids how many there are."""

    shape: Node
    kind: Annotated[str | None, one_of(*VALUE_KINDS)] = None
    range: Node | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_tree(cls, data: Any) -> Any:
        if isinstance(data, Sequence):
            return {"shape": data, SPAN: data.span}
        if not isinstance(data, Mapping):
            raise wrong(data, "a shape or {shape, kind}", hint="a shape leaves the batch out: [3, 224, 224]")
        return fields_of(cls, data)


class BlockDefinition(Model):
    """A block: parameters, lets, ports, a body of layers, exports."""

    about: Text | None = None
    params: Annotated[dict[str, ParameterDeclaration], Entries] = Field(default_factory=dict)
    let: Nodes = Field(default_factory=dict)
    inputs: Annotated[dict[str, Node], Entries] = Field(default_factory=dict)
    defaults: Nodes = Field(default_factory=dict)
    body: Layers
    outputs: Annotated[dict[str, Text], Entries] = Field(default_factory=dict)


class Variant(Model):
    """A named set of parameter overrides."""

    values: Nodes = Field(alias="<values>")

    @model_validator(mode="before")
    @classmethod
    def _from_tree(cls, data: Any) -> Any:
        if not isinstance(data, Mapping):
            raise wrong(data, "a mapping of parameters", hint="write {parameter: value}, or {} for the spec as it is")
        return {"<values>": data, SPAN: data.span}


class SpecDocument(Model):
    """A spec as written, before a variant is chosen."""

    name: Text | None = None
    about: Text | None = None
    extends: Text | None = None
    input: Node | None = None
    inputs: Annotated[dict[str, InputDeclaration], Entries] | None = None
    sizes: Nodes = Field(default_factory=dict)
    params: Annotated[dict[str, ParameterDeclaration], Entries] = Field(default_factory=dict)
    let: Nodes = Field(default_factory=dict)
    defaults: Nodes = Field(default_factory=dict)
    blocks: Annotated[dict[str, BlockDefinition], Entries] = Field(default_factory=dict)
    stem: Layers = ()
    stages: Layers = ()
    head: Layers = ()
    outputs: Annotated[dict[str, Text], Entries] = Field(default_factory=dict)
    variants: Annotated[dict[str, Variant], Entries] = Field(default_factory=dict)
    budget: Budget | None = None
    tree: InstanceOf[Mapping] | None = Field(default=None, alias="<tree>", repr=False)

    @model_validator(mode="before")
    @classmethod
    def _from_tree(cls, data: Any) -> Any:
        if isinstance(data, dict):
            return data
        if not isinstance(data, Mapping):
            raise wrong(data, "a mapping")
        return {**fields_of(cls, data), "<tree>": data}


def layers_of(tree: Tree) -> tuple[Any, ...]:
    """A list of layers that stands outside a spec: read as a spec's, since each validator of its own costs 15 ms."""
    return SpecDocument.model_validate({"stages": tree, SPAN: tree.span}).stages
