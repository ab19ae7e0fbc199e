"""The models of the items of a list of layers."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag, model_validator
from typing_extensions import TypeAliasType

from archspec.language.nodes import (
    SPAN,
    AnyNode,
    ConditionNode,
    InitMapping,
    Items,
    LayerName,
    Model,
    OptionalDefaultsMapping,
    OptionalNodeMapping,
    OptionalText,
    Reader,
    ReferenceNode,
    SizeNode,
    TensorNames,
    TextOrMapping,
    TextOrNode,
    Word,
    collect_fields,
    one_of,
    unexpected,
    validation_error,
)
from archspec.language.recovery import BROKEN
from archspec.language.vocabulary import BRANCH_MERGES, SEQUENCE_MERGES
from archspec.source import Mapping, Scalar, Sequence, Tree

# An alias with a name of its own is one definition of the schema, built once and not again for each of its nine uses.
# What it is made of comes below, since layers hold layers.
Layers = TypeAliasType("Layers", Annotated[tuple["AnyLayer", ...], Items])


class Placement(Model):
    """The keys that layers and branches share."""

    name: LayerName = Field(
        default=None,
        description="the name, for references to the layer and as its segment of the state_dict key",
        examples=["conv1"],
    )
    source: ReferenceNode = Field(
        default=None,
        alias="from",
        description="the value to take in place of the previous one; a mapping gives a value to each port",
        examples=["enc1", {"skip": "enc1"}],
    )
    when: ConditionNode = Field(
        default=None,
        description="a condition; where it is false, the layer is left out and takes no position",
        examples=["stride > 1"],
    )
    repeat: SizeNode = Field(default=None, description="how many times to repeat the layer", examples=[2])
    variable: OptionalText = Field(
        default=None, alias="as", description="the name of the loop variable; `index` if absent", examples=["i"]
    )


class ReferenceItem(Model):
    """An item of a list of references that a condition may leave out."""

    source: ReferenceNode = Field(alias="from", description="the value, or a list of values", examples=["enc1"])
    when: ConditionNode = Field(
        default=None, description="a condition; where it is false, the value is left out", examples=["depth > 2"]
    )


class Layer(Placement):
    """The keys that any layer may carry."""

    share: TextOrMapping = Field(
        default=None,
        description="an earlier layer whose weights to use, or one tensor of it",
        examples=["dec1", {"weight": "embed.weight"}],
    )
    init: InitMapping = Field(
        default=None,
        description="how the layer's tensors are initialised: a number or a scheme for each",
        examples=[{"weight": {"normal": {"std": 0.02}}, "bias": 0}],
    )
    keys: TensorNames = Field(
        default=None,
        description="other names for the layer's tensors",
        examples=[{"weight": "in_proj_weight"}],
    )
    defaults: OptionalDefaultsMapping = Field(
        default=None, description="defaults for this layer alone", examples=[{"norm": "layer_norm"}]
    )


RESERVED = Layer.known_keys()
"""The keys that any layer may carry among its arguments; no op has an argument of such a name."""


class CallLayer(Layer):
    """An op or a block used: `conv: 64`, `conv: {channels: 64}`, `{block: bottleneck, channels: 64}`."""

    callee: Annotated[Scalar | Mapping, Reader()] = Field(alias="<callee>")
    arguments: Annotated[tuple[tuple[Scalar, Any], ...], Reader()] = Field(default=(), alias="<arguments>")
    main: AnyNode = Field(default=None, alias="<main>")

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
            return collect_fields(cls, inner)
        return {cls.main_field(): inner, SPAN: data.span}


class ResidualLayer(StructureLayer):
    """A body, a shortcut around it, and how the two are merged: y = merge(shortcut(x), body(x))."""

    body: Layers = Field(description="the layers that the shortcut goes around")
    shortcut: AnyNode = Field(
        default=None,
        description="`identity`, `identity_if_same`, `none`, a block, or a list of layers",
        examples=["identity"],
    )
    merge: AnyNode = Field(
        default=None, description="`add`, `concat`, `multiply` or `{gate: [layers]}`", examples=["add"]
    )


class SequenceLayer(StructureLayer):
    """A group of layers; a repeated one can join its input and the value of every repeat (VoVNet, Lee et al. 2019)."""

    body: Layers = Field(description="the layers of the group")
    merge: Annotated[str | None, one_of(*SEQUENCE_MERGES)] = Field(
        default=None,
        description="with `repeat`: join the input and the value of every repeat by `concat` or `add`",
        examples=["concat"],
    )


class Branch(Placement):
    """One branch: its layers, and the value that it starts from."""

    body: Layers = Field(description="the layers of the branch")

    @model_validator(mode="before")
    @classmethod
    def _from_tree(cls, data: Any) -> Any:
        if isinstance(data, Sequence):
            return {"body": data, SPAN: data.span}
        if not isinstance(data, Mapping):
            raise unexpected(data, "a list of layers, or a mapping with a body", hint="write [...] or {body: [...]}")
        return collect_fields(cls, data)


class BranchesLayer(StructureLayer):
    """Lists of layers side by side, then merged."""

    of: Annotated[tuple[Branch, ...], Items] = Field(description="the branches, each a list of layers or a mapping")
    merge: Annotated[str, one_of(*BRANCH_MERGES)] = Field(
        default="concat", description="`concat`, `add`, or `none`, which gives a tuple", examples=["concat"]
    )

    @classmethod
    def main_field(cls) -> str:
        return "of"


class SlotLayer(Model):
    """The layers that a parameter of type `layers` holds."""

    slot: Word = Field(alias="layers", description="the parameter of type `layers`", examples=["attention"])


class BrokenLayer(StructureLayer):
    """A layer that could not be read, and was reported: only its name is known."""


class NetworkLayer(StructureLayer):
    """A whole spec as one layer; references reach what it lists under `outputs`."""

    spec: TextOrNode = Field(description="a gallery name, a path, or a whole spec in place", examples=["resnet50"])
    variant: OptionalText = Field(default=None, description="one of the spec's variants", examples=["resnet18"])
    params: OptionalNodeMapping = Field(
        default=None,
        description="values for the spec's parameters, evaluated where they are written",
        examples=[{"width": 32}],
    )

    @classmethod
    def main_field(cls) -> str:
        return "spec"


STRUCTURE_MODELS: dict[str, type[Model]] = {
    "residual": ResidualLayer,
    "branches": BranchesLayer,
    "sequence": SequenceLayer,
    "layers": SlotLayer,
    "network": NetworkLayer,
}
STRUCTURE = tuple(STRUCTURE_MODELS)
"""The keys of a layer that is structure: neither an op nor a block."""


def discriminate(tree: Any) -> str:
    """Return the tag of the model that reads an item of a list of layers."""
    # Anything else is read as a call, whose reader reports what is no layer at all.
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
    Discriminator(discriminate),
]


def call_fields(tree: Any) -> Any:
    """Return the fields of a CallLayer from any of the four forms that a layer is written in."""
    if isinstance(tree, Scalar) and tree.text:
        return {"<callee>": tree, SPAN: tree.span}
    if not isinstance(tree, Mapping) or not tree.entries:
        raise unexpected(tree, "a layer", hint="a layer is `op`, `op: value` or `op: {arguments}`")
    block = tree.get("block")
    if block is not None:
        if not isinstance(block, (Scalar, Mapping)) or (isinstance(block, Scalar) and not block.text):
            raise unexpected(block, "the name of a block or op", hint="for example `block: bottleneck`")
        return _split_entries(tree, block, [(k, v) for k, v in tree.entries if k.text != "block"])
    # Without `block`, a layer has one key. More are often arguments that lack an indent: the hint shows their place.
    callees = [(key, value) for key, value in tree.entries if key.text not in RESERVED]
    if len(tree.entries) > 1:
        raise _several_keys(tree, callees)
    (callee, inner) = tree.entries[0]
    if callee.text in RESERVED:
        raise unexpected(tree, "a layer", hint=f"{callee.text} belongs inside a layer's arguments")
    if isinstance(inner, Mapping):
        return _split_entries(tree, callee, list(inner.entries))
    # `relu:` without a value calls the op without arguments, as the word `relu` does.
    if isinstance(inner, Scalar) and inner.value is None and not inner.quoted:
        return {"<callee>": callee, SPAN: tree.span}
    return {"<callee>": callee, "<main>": inner, SPAN: tree.span}


def _several_keys(tree: Mapping, callees: list[tuple[Scalar, Tree]]) -> Exception:
    names = [key.text for key, _ in callees] or ["op"]
    hint = f"put what belongs to the layer inside it: `- {names[0]}: {{...}}`; one layer for each dash"
    message = f"expected one layer, but here are the keys {', '.join(tree.keys())}"
    return validation_error(tree, message, "SPC002", hint)


def _split_entries(tree: Mapping, callee: Tree | None, entries: list[tuple[Scalar, Tree]]) -> dict[str, Any]:
    """Return the fields of a call whose mapping holds reserved keys and arguments side by side."""
    data: dict[str, Any] = {key.text: value for key, value in entries if key.text in RESERVED}
    data["<callee>"] = callee
    data["<arguments>"] = tuple((key, value) for key, value in entries if key.text not in RESERVED)
    data[SPAN] = tree.span
    return data
