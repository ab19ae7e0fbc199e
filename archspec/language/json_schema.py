"""The language as JSON Schema (draft-07), with the arguments of every op and library block, for editors.

The keys, their descriptions and their forms come from the models; only what a model leaves to its validator (several
ways to write one thing) is spelled out here. A schema sees structure, not meaning: it accepts what only evaluation
can refuse (names, expressions, shapes).

A spec may define a block under the name of an op or library block, whose arguments are then its own. Draft-07 has no
way to read a definition's keys at each of its uses, so that the layers of such a spec are checked by a second set of
definitions, in which the arguments of every call are open.
"""

from __future__ import annotations

from types import NoneType
from typing import Annotated, Any, get_args, get_origin

from archspec.ir.parameters import Parameter
from archspec.language.budget import Budget
from archspec.language.layers import STRUCTURE_MODELS, Branch, Layer, Layers, ReferenceItem, SlotLayer
from archspec.language.models import (
    PORT_KIND_SCHEMA,
    BlockDocument,
    InputDeclaration,
    ParameterDeclaration,
    PortDeclaration,
    SpecDocument,
    Variant,
)
from archspec.language.nodes import EXPRESSION_SCHEMA, SHAPE_SCHEMA, SIZE_SCHEMA, Model, Reader
from archspec.language.symbols import Definition, OpDefinition, library_block, library_names, op_definition
from archspec.language.vocabulary import INIT_SCHEMES, LAYER_ROLES, LONG_FORM_DESCRIPTION, ROLES
from archspec.ops import op_names

Schema = dict[str, Any]


def _ref(name: str) -> Schema:
    return {"$ref": f"#/definitions/{name}"}


def _array(items: Schema) -> Schema:
    return {"type": "array", "items": items}


CALL = "call_"  # begins the name of the definition of an op's or block's arguments
OPEN = "open_"  # begins the name of a definition in which the arguments of calls are open

_TEXT_OR_MAPPING: Schema = {"type": ["string", "object"]}
_DEFINITION_NAMES: dict[type[Model], str] = {
    ParameterDeclaration: "parameter",
    BlockDocument: "block",
    InputDeclaration: "input",
    PortDeclaration: "port",
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
        "reference": {"anyOf": [{"type": ["string", "number", "object"]}, _array(_ref("reference_item"))]},
        "reference_item": {"anyOf": [{"type": ["string", "number"]}, _object(ReferenceItem)]},
        "defaults": _defaults(),
        "init": {"type": "object", "additionalProperties": init},
        "input": {"anyOf": [*SHAPE_SCHEMA["anyOf"], _object(InputDeclaration)]},
        "port": {"anyOf": [*PORT_KIND_SCHEMA["anyOf"], _object(PortDeclaration)]},
        "parameter": {"anyOf": [{"type": ["string", "number", "boolean", "array", "null"]}, _declaration()]},
        "variant": {"type": "object"},
        "block": _object(BlockDocument),
        "budget": _object(Budget),
        "branch": {"anyOf": [_ref("layers"), _object(Branch)]},
        **{word: _structure(model) for word, model in STRUCTURE_MODELS.items() if model is not SlotLayer},
        **{CALL + callee.name: _call(callee) for callee in callees},
    }
    spec = _object(SpecDocument)
    closed = {key: form for key, form in spec["properties"].items() if _refers(form, definitions)}
    # What may hold layers is checked by one of the two sets; its description stays where editors look for it.
    spec["properties"].update({key: {"description": form["description"]} for key, form in closed.items()})
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "archspec",
        **spec,
        "description": "A neural network as layers plus skip connections.",
        "if": _shadowing([callee.name for callee in callees]),
        "then": {"properties": {key: _open_calls(form, definitions) for key, form in closed.items()}},
        "else": {"properties": closed},
        "definitions": {
            **definitions,
            **{
                OPEN + name: _open_calls(form, definitions)
                for name, form in definitions.items()
                if not name.startswith(CALL) and _refers(form, definitions)
            },
        },
    }


def _shadowing(names: list[str]) -> Schema:
    """Return the schema of a spec with a block of its own that has one of these names."""
    other_names = {"propertyNames": {"not": {"enum": names}}}
    return {"required": ["blocks"], "properties": {"blocks": {"type": "object", "not": other_names}}}


def _refers(form: Any, definitions: Schema, seen: frozenset[str] = frozenset()) -> bool:
    """Return whether a form holds layers, itself or through the definitions that it refers to."""
    if isinstance(form, list):
        return any(_refers(item, definitions, seen) for item in form)
    if not isinstance(form, dict):
        return False
    name = _referred(form)
    if name is None:
        return any(_refers(item, definitions, seen) for item in form.values())
    return name == "layer" or (name not in seen and _refers(definitions[name], definitions, seen | {name}))


def _open_calls(form: Any, definitions: Schema) -> Any:
    """Return a form in which a call takes any arguments, and which refers to definitions of the same kind."""
    if isinstance(form, list):
        return [_open_calls(item, definitions) for item in form]
    if not isinstance(form, dict):
        return form
    name = _referred(form)
    if name is None:
        return {key: _open_calls(item, definitions) for key, item in form.items()}
    if name.startswith(CALL):
        return {}
    return _ref(OPEN + name) if _refers(definitions[name], definitions, frozenset({name})) or name == "layer" else form


def _referred(form: Schema) -> str | None:
    """Return the name of the definition that a form refers to, if it is a reference."""
    target = form.get("$ref")
    return target.rpartition("/")[2] if isinstance(target, str) else None


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
    known: Schema = {name: _ref(CALL + name) for name in names}
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
    short = schema["properties"][main]
    if short.get("type") == ["string", "object"]:
        short = {**short, "type": "string"}  # a mapping is the long form
    return {"description": schema.pop("description"), "anyOf": [short, schema]}


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
