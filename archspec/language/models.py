"""The models of a spec and of a block."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, model_validator

from archspec.language.budget import Budget
from archspec.language.layers import Layers
from archspec.language.nodes import (
    SPAN,
    AnyNode,
    DefaultsMapping,
    Entries,
    Flag,
    Model,
    NodeMapping,
    OptionalNumber,
    OptionalShapeNode,
    OptionalText,
    Reader,
    ShapeNode,
    SizeMapping,
    SizeNode,
    Text,
    Texts,
    collect_fields,
    one_of,
    unexpected,
    validation_error,
)
from archspec.source import Mapping, Scalar, Sequence, Tree

PARAMETER_TYPES = ("int", "float", "bool", "str", "list", "axes", "layers", "block", "any")
ELEMENT_TYPES = ("int", "float", "bool", "str", "any")
VALUE_KINDS = ("map", "tokens", "vector", "ids", "mask")
PORT_KINDS = (*VALUE_KINDS, "any")
PORT_KIND_SCHEMA: dict[str, Any] = {
    "anyOf": [
        {"enum": list(PORT_KINDS)},
        {"type": "array", "items": {"enum": list(PORT_KINDS)}, "minItems": 1, "maxItems": 1},
    ]
}


class ParameterDeclaration(Model):
    """A parameter: `channels: int` (required), `expansion: 4` (a literal default), or the long form."""

    type: Annotated[str | None, one_of(*PARAMETER_TYPES)] = Field(
        default=None,
        description="`int`, `float`, `bool`, `str`, `list`, `axes` (an int, or one for each axis), "
        "`layers` (a slot), `block` or `any`",
        examples=["int"],
    )
    default: AnyNode = Field(
        default=None,
        description="the value of the parameter where none is passed; an expression over earlier parameters",
        examples=["width * 4"],
    )
    literal: Annotated[bool, Reader()] = Field(default=False, alias="<literal>")
    first: Flag = Field(
        default=False,
        description="pass an argument to the first repeat only; the others take the default",
        examples=[True],
    )
    ge: OptionalNumber = Field(default=None, description="the least number, of a list the least element", examples=[1])
    gt: OptionalNumber = Field(default=None, description="a bound that numbers must exceed", examples=[0])
    choices: Texts = Field(default=(), description="the words or numbers that are allowed", examples=[["mean", "max"]])
    of: Annotated[str | None, one_of(*ELEMENT_TYPES)] = Field(
        default=None,
        description="the type of a list's elements: `int`, `float`, `bool`, `str` or `any`",
        examples=["int"],
    )
    about: OptionalText = Field(
        default=None, description="a sentence that describes the parameter", examples=["number of classes"]
    )

    @model_validator(mode="before")
    @classmethod
    def _from_tree(cls, data: Any) -> Any:
        if isinstance(data, Mapping) and _is_declaration(data):
            _check_constraints(data)
            return collect_fields(cls, data)
        # In quotes, the name of a type is a text that the parameter has as its default.
        if isinstance(data, Scalar) and not data.quoted and data.text in PARAMETER_TYPES:
            return {"type": data, SPAN: data.span}
        if isinstance(data, (Scalar, Sequence, Mapping)):
            return {"default": data, "<literal>": True, SPAN: data.span}
        raise unexpected(data, "a type or a default", hint="write `channels: int`, or a default: `channels: 64`")


def _is_declaration(tree: Mapping) -> bool:
    """Return whether a mapping declares: `{type: int, default: 1}` does; `{conv: {groups: 32}}` is itself a default."""
    return not {"type", "default"}.isdisjoint(tree.keys())


def _check_constraints(tree: Mapping) -> None:
    """Raise SPC002 for a constraint that no value of the declared type can be checked against."""
    kind = tree.get("type")
    for word, types in _CONSTRAINED.items():
        constraint = tree.get(word)
        if constraint is not None and isinstance(kind, Scalar) and kind.text in set(PARAMETER_TYPES) - set(types):
            message = f"{word} is for parameters of type {', '.join(types)}, and this one is of type {kind.text}"
            hint = f"remove {word}, or change the type"
            raise validation_error(constraint.key or constraint, message, "SPC002", hint)


_NUMBERS = ("int", "float", "axes", "list", "any")
_CONSTRAINED = {
    "ge": _NUMBERS,
    "gt": _NUMBERS,
    "choices": (*_NUMBERS, "bool", "str", "block"),
    "of": ("list",),
}
"""The types of parameters that each constraint is for."""


class InputDeclaration(Model):
    """One input: its shape for one sample, its kind, and for ids how many there are."""

    shape: ShapeNode = Field(description="the shape of one sample, without the batch", examples=[[128]])
    kind: Annotated[str | None, one_of(*VALUE_KINDS)] = Field(
        default=None, description="`map`, `tokens`, `vector`, `ids` or `mask`", examples=["ids"]
    )
    range: SizeNode = Field(default=None, description="for ids: the bound that they lie below", examples=[1000])

    @model_validator(mode="before")
    @classmethod
    def _from_tree(cls, data: Any) -> Any:
        if isinstance(data, Sequence):
            return {"shape": data, SPAN: data.span}
        if not isinstance(data, Mapping):
            raise unexpected(data, "a shape or {shape, kind}", hint="a shape leaves the batch out: [3, 224, 224]")
        return collect_fields(cls, data)


class PortDeclaration(Model):
    """A port of a block: the kind of its value, `[kind]` for several values, or the long form."""

    kind: Annotated[Tree, Reader(None, PORT_KIND_SCHEMA)] = Field(
        description="`map`, `tokens`, `vector`, `ids`, `mask` or `any`; in a list, `[map]`, for several values",
        examples=["map", ["map"]],
    )
    default: Annotated[Tree | None, Reader(None, {"type": "array", "maxItems": 0})] = Field(
        default=None,
        description="`[]` lets a port of several values be left out: it then has none",
        examples=[[]],
    )

    @model_validator(mode="before")
    @classmethod
    def _from_tree(cls, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return {"kind": data, SPAN: data.span}
        default, kind = data.get("default"), data.get("kind")
        if default is not None and not (isinstance(default, Sequence) and not default.items):
            raise unexpected(default, "an empty list", hint="a port may be left out if it takes several: default: []")
        # A kind that is missing, as one under a misspelt key is, is reported with the keys.
        if default is not None and kind is not None and not isinstance(kind, Sequence):
            message = "only a port of several values has a default"
            raise validation_error(default, message, "SPC002", "write its kind as a list: {kind: [map], default: []}")
        return collect_fields(cls, data)

    @property
    def takes_several(self) -> bool:
        """Whether the port takes a list of values."""
        return isinstance(self.kind, Sequence)


class BlockDocument(Model):
    """A block: parameters, lets, ports, a body of layers, exports."""

    about: OptionalText = Field(default=None, description="a sentence that describes the block")
    params: Annotated[dict[str, ParameterDeclaration], Entries] = Field(
        default_factory=dict,
        description="the block's parameters; the first is the main one, which `block: value` sets",
        examples=[{"channels": "int", "stride": 1}],
    )
    let: NodeMapping = Field(
        default_factory=dict,
        description="values computed from the parameters",
        examples=[{"hidden": "channels // 4"}],
    )
    inputs: Annotated[dict[str, PortDeclaration], Entries] = Field(
        default_factory=dict,
        description="the block's ports, each a kind or `{kind, default}`; if absent there is one, `x`",
        examples=[{"x": "map", "skip": "map"}],
    )
    defaults: DefaultsMapping = Field(
        default_factory=dict,
        description="what `norm`, `act` and `shortcut` mean inside; default arguments of ops and blocks",
        examples=[{"act": "gelu"}],
    )
    body: Layers = Field(description="the layers of the block")
    outputs: Annotated[dict[str, Text], Entries] = Field(
        default_factory=dict,
        description="inner values that callers can refer to, by name",
        examples=[{"skip": "conv2"}],
    )


class Variant(Model):
    """A named set of parameter overrides."""

    values: NodeMapping = Field(alias="<values>")

    @model_validator(mode="before")
    @classmethod
    def _from_tree(cls, data: Any) -> Any:
        if not isinstance(data, Mapping):
            hint = "write {parameter: value}, or {} for the spec as it is"
            raise unexpected(data, "a mapping of parameters", hint=hint)
        return {"<values>": data, SPAN: data.span}


class SpecDocument(Model):
    """A spec as written, before a variant is chosen."""

    name: OptionalText = Field(
        default=None, description="the network's name; the file's if absent", examples=["my_resnet"]
    )
    about: OptionalText = Field(default=None, description="a sentence that describes the network")
    extends: OptionalText = Field(
        default=None,
        description="another spec to start from, by gallery name or path, whose parameters this one sets",
        examples=["resnet", "./other.yaml"],
    )
    input: OptionalShapeNode = Field(
        default=None,
        description="the shape of one sample in PyTorch order, without the batch: "
        "`[C, H, W]`, `[C, L]`, `[C, D, H, W]` or `[F]`",
        examples=[[3, 224, 224]],
    )
    inputs: Annotated[dict[str, InputDeclaration] | None, Entries] = Field(
        default=None,
        description="several inputs by name, each a shape or `{shape, kind, range}`",
        examples=[{"text": {"shape": [128], "kind": "ids", "range": 1000}}],
    )
    sizes: SizeMapping = Field(
        default_factory=dict, description="named dimensions for the shapes of `inputs`", examples=[{"length": 128}]
    )
    params: Annotated[dict[str, ParameterDeclaration], Entries] = Field(
        default_factory=dict, description="parameters with their defaults", examples=[{"width": 16, "classes": 10}]
    )
    let: NodeMapping = Field(
        default_factory=dict,
        description="values (numbers, lists) computed from the parameters",
        examples=[{"hidden": "width * 4"}],
    )
    defaults: DefaultsMapping = Field(
        default_factory=dict,
        description="what `norm`, `act` and the default shortcut are; default arguments of ops and blocks",
        examples=[{"act": "silu", "conv": {"bias": False}}],
    )
    blocks: Annotated[dict[str, BlockDocument], Entries] = Field(
        default_factory=dict, description="definitions of your own blocks"
    )
    stem: Layers = Field(default=(), description="the first layers; one row of the summary table")
    stages: Layers = Field(default=(), description="the layers in the middle; each item is a row of the summary table")
    head: Layers = Field(default=(), description="the last layers; one row of the summary table")
    outputs: Annotated[dict[str, Text], Entries] = Field(
        default_factory=dict,
        description="named outputs; if absent, the network returns its last value",
        examples=[{"logits": "fc", "features": "layer4"}],
    )
    variants: Annotated[dict[str, Variant], Entries] = Field(
        default_factory=dict, description="named sets of parameter values", examples=[{"wide": {"width": 64}}]
    )
    budget: Budget | None = Field(
        default=None,
        description="the most that the network may cost, checked by lint (PRF003)",
        examples=[{"params": "25M", "macs": "4G"}],
    )
    tree: Annotated[Mapping | None, Reader()] = Field(default=None, alias="<tree>", repr=False)

    @model_validator(mode="before")
    @classmethod
    def _from_tree(cls, data: Any) -> Any:
        # `parse_layers` passes keyword data.
        if isinstance(data, dict):
            return data
        if not isinstance(data, Mapping):
            raise unexpected(data, "a mapping")
        return {**collect_fields(cls, data), "<tree>": data}


def parse_layers(tree: Tree) -> tuple[Any, ...]:
    """Return the layers of a list outside any spec, read as a spec's stages: another validator would cost 15 ms."""
    return SpecDocument.model_validate({"stages": tree, SPAN: tree.span}).stages
