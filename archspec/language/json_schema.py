"""The language as JSON Schema (draft-07), with the arguments of every op and library block, for editors.

A schema sees structure, not meaning: what only evaluation can tell (names, expressions, shapes) it lets through.
"""

from __future__ import annotations

from typing import Any

from archspec.ir.parameters import Parameter
from archspec.language.budget import PATTERN, Budget
from archspec.language.models import PARAMETER_TYPES, VALUE_KINDS
from archspec.language.symbols import Definition, OpDefinition, library_block, library_names, op_definition
from archspec.language.vocabulary import INIT_SCHEMES, ROLES
from archspec.ops import op_names

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_EXPRESSION: Schema = {"type": "string", "description": "an expression over the names in scope"}
_ANYTHING: Schema = {}
_SIZE: Schema = {"anyOf": [{"type": "integer"}, _EXPRESSION]}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/definitions/{name}"}


def json_schema() -> Schema:
    """The schema of a spec file."""
    blocks = [block for name in library_names() if (block := library_block(name)) is not None]
    ops = [op for name in op_names() if (op := op_definition(name)) is not None]
    callees: list[Definition] = [*ops, *(b for b in blocks)]
    definitions: Schema = {
        "layers": {"type": "array", "items": _ref("layer")},
        "layer": _layer([c.name for c in callees]),
        "reserved": {"type": "object", "properties": _reserved()},
        "parameter": _parameter_declaration(),
        "block": _block(),
        "branch": _branch(),
        "reference": {"type": ["string", "array", "object"], "description": "the name of an earlier value"},
        "residual": _structure("body", {"body": _ref("layers"), "shortcut": _ANYTHING, "merge": _ANYTHING}),
        "branches": _structure("of", {"of": _list(_ref("branch")), "merge": {"enum": ["concat", "add", "none"]}}),
        "sequence": _structure("body", {"body": _ref("layers"), "merge": {"enum": ["concat", "add"]}}),
        "network": _network(),
    }
    definitions.update({f"call_{callee.name}": _call(callee) for callee in callees})
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "archspec",
        "description": "A neural network as layers plus skip connections.",
        **_spec(),
        "definitions": definitions,
    }


def _spec() -> Schema:
    mapping = {"type": "object"}
    properties = {
        "name": _TEXT,
        "about": _TEXT,
        "extends": {**_TEXT, "description": "another spec to start from, overriding parameters only"},
        "input": {"anyOf": _shape(), "description": "one sample in PyTorch order, no batch: [3, 224, 224]"},
        "inputs": {**mapping, "additionalProperties": _input()},
        "sizes": {**mapping, "additionalProperties": _SIZE},
        "params": {**mapping, "additionalProperties": _ref("parameter")},
        "let": mapping,
        "defaults": _defaults(),
        "blocks": {**mapping, "additionalProperties": _ref("block")},
        "stem": _ref("layers"),
        "stages": _ref("layers"),
        "head": _ref("layers"),
        "outputs": {**mapping, "additionalProperties": _TEXT},
        "variants": {**mapping, "additionalProperties": mapping},
        "budget": _budget(),
    }
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _budget() -> Schema:
    """What the network may cost: a number, or one with k, M, G or T."""
    count = {"anyOf": [{"type": "number", "minimum": 1}, {"type": "string", "pattern": f"^{PATTERN}$"}]}
    return {
        "type": "object",
        "properties": dict.fromkeys(Budget.known_keys(), count),
        "additionalProperties": False,
        "description": "the most parameters and multiply-accumulates it is meant to have: {params: 25M, macs: 4G}",
    }


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _input() -> Schema:
    long = {
        "type": "object",
        "properties": {"shape": {"anyOf": _shape()}, "kind": {"enum": list(VALUE_KINDS)}, "range": _SIZE},
        "required": ["shape"],
        "additionalProperties": False,
    }
    return {"anyOf": [*_shape(), long]}


def _shape() -> list[Schema]:
    """A shape written out, or an expression that gives one."""
    return [_list(_SIZE), _EXPRESSION]


def _defaults() -> Schema:
    roles: Schema = {role: {"type": ["string", "object"]} for role in ROLES}
    return {"type": "object", "properties": roles, "additionalProperties": {"type": "object"}}


def _reserved() -> Schema:
    """What any layer may carry."""
    start = {"anyOf": [{"type": "number"}, {"enum": list(INIT_SCHEMES)}, {"type": ["string", "object"]}]}
    return {
        "name": {"type": ["string", "number"], "description": "the layer's name and its key in the state_dict"},
        "from": _ref("reference"),
        "when": {"type": ["boolean", "string"]},
        "repeat": _SIZE,
        "as": {**_TEXT, "description": "the loop variable; `index` otherwise"},
        "share": {"type": ["string", "object"], "description": "the layer whose weights to use"},
        "init": {"type": "object", "additionalProperties": start},
        "keys": {"type": "object", "additionalProperties": _TEXT},
        "defaults": _defaults(),
    }


def _layer(names: list[str]) -> Schema:
    """A word, one key with its arguments, or the long form with `block`."""
    known: Schema = {name: _ref(f"call_{name}") for name in names}
    for role in ROLES[:2]:
        known[role] = {"description": f"what the defaults say {role} is"}
    for word in ("residual", "branches", "sequence", "network"):
        known[word] = _ref(word)
    known["layers"] = {**_TEXT, "description": "the parameter whose layers go here"}
    one = {"type": "object", "minProperties": 1, "maxProperties": 1, "properties": known}
    long = {
        "type": "object",
        "required": ["block"],
        "properties": {"block": {"type": ["string", "object"]}, **_reserved()},
    }
    return {"anyOf": [{"type": "string", "examples": names}, one, long]}


def _call(callee: Definition) -> Schema:
    """The arguments of an op or block: all of them by name, or the main one alone."""
    variadic = isinstance(callee, OpDefinition) and any(port.variadic for port in callee.op.ports)
    properties = {p.name: _value(p) for p in callee.parameters}
    long: Schema = {"type": "object", "properties": {**properties, **_reserved()}, "additionalProperties": False}
    forms: list[Schema] = [long, {"type": "null"}]
    if variadic:
        forms.append(_ref("reference"))
    elif callee.main is not None:
        forms.append(_value(callee.main))
    return {"description": _about(callee), "anyOf": forms}


def _about(callee: Definition) -> str:
    if isinstance(callee, OpDefinition):
        return " ".join((callee.op.__doc__ or "").split("\n\n")[0].split())
    return callee.model.about or callee.name


def _value(parameter: Parameter) -> Schema:
    """What a parameter takes in YAML: its type, an expression, or one of its words."""
    expression = {"type": "string"}
    forms: dict[str, list[Schema]] = {
        "int": [{"type": "integer"}, expression],
        "float": [{"type": "number"}, expression],
        "bool": [{"type": "boolean"}, expression],
        "list": [{"type": "array"}, expression],
        "axes": [{"type": "integer"}, _list(_SIZE), expression],
        "shape": [_list(_SIZE), expression],
        "layers": [_ref("layers"), {"type": ["string", "object"]}],
        "block": [{"type": ["string", "object"]}],
    }
    if parameter.type == "str":
        text: Schema = {"anyOf": [{"enum": list(parameter.choices)}, {"type": "string", "pattern": r"\$\{"}]}
        schema = text if parameter.choices else {"type": ["string", "number"]}
    elif parameter.type in forms:
        schema = {"anyOf": [*forms[parameter.type], *([{"type": "null"}] if parameter.nullable else [])]}
    else:
        schema = {}
    return {**schema, "description": parameter.about} if parameter.about else schema


def _structure(main: str, properties: Schema) -> Schema:
    long = {
        "type": "object",
        "properties": {**properties, **_reserved()},
        "required": [main],
        "additionalProperties": False,
    }
    return {"anyOf": [properties[main], long]}


def _branch() -> Schema:
    words = {name: _reserved()[name] for name in ("name", "from", "when", "repeat", "as")}
    long = {
        "type": "object",
        "properties": {"body": _ref("layers"), **words},
        "required": ["body"],
        "additionalProperties": False,
    }
    return {"anyOf": [_ref("layers"), long]}


def _network() -> Schema:
    properties: Schema = {"spec": _TEXT, "variant": _TEXT, "params": {"type": "object"}}
    return _structure("spec", properties)


def _parameter_declaration() -> Schema:
    long = {
        "type": "object",
        "properties": {
            "type": {"enum": list(PARAMETER_TYPES)},
            "default": _ANYTHING,
            "first": {"type": "boolean", "description": "only the first repeat gets it"},
            "ge": {"type": "number"},
            "gt": {"type": "number"},
            "choices": {"type": "array"},
            "of": {"enum": ["int", "float", "bool", "str", "any"]},
            "about": _TEXT,
        },
    }
    return {"anyOf": [{"type": ["string", "number", "boolean", "array", "null"]}, long]}


def _block() -> Schema:
    mapping = {"type": "object"}
    return {
        "type": "object",
        "properties": {
            "about": _TEXT,
            "params": {**mapping, "additionalProperties": _ref("parameter")},
            "let": mapping,
            "inputs": {**mapping, "additionalProperties": {"type": ["string", "array"]}},
            "defaults": _defaults(),
            "body": _ref("layers"),
            "outputs": {**mapping, "additionalProperties": _TEXT},
        },
        "required": ["body"],
        "additionalProperties": False,
    }
