"""The language as JSON Schema (draft-07), with the arguments of every op and library block, for editors.

The keys, their descriptions and their forms come from the models; only what a model leaves to its validator (several
ways to write one thing) is spelled out here. A schema sees structure, not meaning: it accepts what only evaluation
can refuse (names, expressions, shapes).
"""

from __future__ import annotations

from types import NoneType
from typing import Annotated, Any, get_args, get_origin

from archspec.ir.parameters import Parameter
from archspec.language.budget import Budget
from archspec.language.layers import STRUCTURE_MODELS, Branch, Layer, Layers, SlotLayer
from archspec.language.models import BlockDocument, InputDeclaration, ParameterDeclaration, SpecDocument, Variant
from archspec.language.nodes import EXPRESSION_SCHEMA, SHAPE_SCHEMA, SIZE_SCHEMA, Model, Reader
from archspec.language.symbols import Definition, OpDefinition, library_block, library_names, op_definition
from archspec.language.vocabulary import INIT_SCHEMES, LAYER_ROLES, LONG_FORM_DESCRIPTION, ROLES
from archspec.ops import op_names

Schema = dict[str, Any]


def _ref(name: str) -> Schema:
    return {"$ref": f"#/definitions/{name}"}


def _array(items: Schema) -> Schema:
    return {"type": "array", "items": items}


_TEXT_OR_MAPPING: Schema = {"type": ["string", "object"]}
_DEFINITION_NAMES: dict[type[Model], str] = {
    ParameterDeclaration: "parameter",
    BlockDocument: "block",
    InputDeclaration: "input",
    Variant: "variant",
    Branch: "branch",
    Budget: "budget",
}


def json_schema() -> Schema:
    """Return the schema of a spec file."""
    ops = [op for name in op_names() if (op := op_definition(name)) is not None]
    blocks = [block for name in library_names() if (block := library_block(name)) is not None]
    callees: list[Definition] = [*ops, *blocks]
    init = {"anyOf": [{"type": "number"}, {"enum": list(INIT_SCHEMES)}, _TEXT_OR_MAPPING]}
    definitions: Schema = {
        "layers": _array(_ref("layer")),
        "layer": _layer([c.name for c in callees]),
        "reserved": {"type": "object", "properties": _properties(Layer)},
        "reference": {"type": ["string", "array", "object"]},
        "defaults": _defaults(),
        "init": {"type": "object", "additionalProperties": init},
        "input": {"anyOf": [*SHAPE_SCHEMA["anyOf"], _object(InputDeclaration)]},
        "parameter": {"anyOf": [{"type": ["string", "number", "boolean", "array", "null"]}, _declaration()]},
        "variant": {"type": "object"},
        "block": _object(BlockDocument),
        "budget": _object(Budget),
        "branch": {"anyOf": [_ref("layers"), _object(Branch)]},
        **{word: _structure(model) for word, model in STRUCTURE_MODELS.items() if model is not SlotLayer},
        **{f"call_{callee.name}": _call(callee) for callee in callees},
    }
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "archspec",
        **_object(SpecDocument),
        "description": "A neural network as layers plus skip connections.",
        "definitions": definitions,
    }


def _object(model: type[Model]) -> Schema:
    """Return the schema of a mapping that a model reads, closed as the model is."""
    required = [key for key, field in model.keyed_fields().items() if field.is_required()]
    return {
        "type": "object",
        "description": model.summary(),
        "properties": _properties(model),
        **({"required": required} if required else {}),
        "additionalProperties": False,
    }


def _properties(model: type[Model]) -> Schema:
    """Return each key of a model with its form, description and examples."""
    properties: Schema = {}
    for key, field in model.keyed_fields().items():
        form = _form(field.annotation, tuple(field.metadata))
        properties[key] = {**form, "description": field.description}
        if field.examples:
            properties[key]["examples"] = field.examples
    return properties


def _form(annotation: Any, metadata: tuple[Any, ...] = ()) -> Schema:
    """Return the schema of what a field takes: that of its reader, else by its type.

    A reference is wrapped in an `allOf`: draft-07 ignores the siblings of a bare one, so its description would be lost.
    """
    reader = next((item for item in metadata if isinstance(item, Reader)), None)
    if reader is not None:
        return reader.json_schema
    if annotation is Layers:
        return {"allOf": [_ref("layers")]}
    if isinstance(annotation, type) and issubclass(annotation, Model):
        return {"allOf": [_ref(_DEFINITION_NAMES[annotation])]}
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _form(arguments[0], arguments[1:])
    if origin is tuple:
        return _array(_form(arguments[0]))
    if origin is dict:
        return {"type": "object", "additionalProperties": _form(arguments[1])}
    (inner,) = (item for item in arguments if item is not NoneType)
    return _form(inner)


def _defaults() -> Schema:
    roles = {role: {**_TEXT_OR_MAPPING, "description": description} for role, description in ROLES.items()}
    return {"type": "object", "properties": roles, "additionalProperties": {"type": "object"}}


def _declaration() -> Schema:
    """Return the long form of a parameter's declaration; open, since a default may be a mapping of any keys."""
    schema = _object(ParameterDeclaration)
    del schema["additionalProperties"]
    return schema


def _layer(names: list[str]) -> Schema:
    """Return a layer: a word, one key with its arguments, or the long form with `block`."""
    known: Schema = {name: _ref(f"call_{name}") for name in names}
    known.update({role: {"description": ROLES[role]} for role in LAYER_ROLES})
    for word, model in STRUCTURE_MODELS.items():
        form = {"type": "string"} if model is SlotLayer else {"allOf": [_ref(word)]}
        known[word] = {**form, "description": model.summary()}
    # Open, since an unknown key may be a block that the spec itself defines.
    one = {"type": "object", "minProperties": 1, "maxProperties": 1, "properties": known}
    properties = {"block": {**_TEXT_OR_MAPPING, "description": LONG_FORM_DESCRIPTION}, **_properties(Layer)}
    long = {"type": "object", "required": ["block"], "properties": properties}
    return {"anyOf": [{"type": "string", "examples": names}, one, long]}


def _structure(model: type[Model]) -> Schema:
    """Return a residual, branches, a sequence or a network: the long form, or the main field alone."""
    schema = _object(model)
    # Each kind of structure has one required key, the one that its short form sets.
    (main,) = schema["required"]
    return {"description": schema.pop("description"), "anyOf": [schema["properties"][main], schema]}


def _call(callee: Definition) -> Schema:
    """Return the arguments of an op or block: all of them by name, or the main one alone."""
    variadic = isinstance(callee, OpDefinition) and any(port.variadic for port in callee.op.ports)
    properties = {**{p.name: _argument(p) for p in callee.parameters}, **_properties(Layer)}
    forms: list[Schema] = [
        {"type": "object", "properties": properties, "additionalProperties": False},
        {"type": "null"},
    ]
    if variadic:
        # `add: [a, b]`: an op of any number of inputs takes references in place of a main argument.
        forms.append(_ref("reference"))
    elif callee.main is not None:
        forms.append(_argument(callee.main))
    return {"description": callee.description or callee.name, "anyOf": forms}


def _argument(parameter: Parameter) -> Schema:
    """Return what a parameter takes in YAML: its type, an expression, or one of its words."""
    expression = {"type": "string"}
    forms: dict[str, list[Schema]] = {
        "int": [{"type": "integer"}, expression],
        "float": [{"type": "number"}, expression],
        "bool": [{"type": "boolean"}, expression],
        "list": [{"type": "array"}, expression],
        "axes": [{"type": "integer"}, _array(SIZE_SCHEMA), expression],
        "shape": [_array(SIZE_SCHEMA), EXPRESSION_SCHEMA],
        "layers": [_ref("layers"), _TEXT_OR_MAPPING],
        "block": [_TEXT_OR_MAPPING],
    }
    schema: Schema = {}
    if parameter.type == "str":
        # A text with `${...}` may evaluate to any of the choices.
        text: Schema = {"anyOf": [{"enum": list(parameter.choices)}, {"type": "string", "pattern": r"\$\{"}]}
        schema = text if parameter.choices else {"type": ["string", "number"]}
    elif parameter.type in forms:
        schema = {"anyOf": [*forms[parameter.type], *([{"type": "null"}] if parameter.nullable else [])]}
    return {**schema, "description": parameter.about} if parameter.about else schema
