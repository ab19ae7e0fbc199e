"""The language's words for completion, derived from its JSON Schema."""

from __future__ import annotations

from typing import Any

import archspec

CompletionWords = dict[str, Any]


def completion_words() -> CompletionWords:
    """Return the keys of a spec, the kinds of layers, the keys that any layer takes, and the arguments of each kind."""
    schema = archspec.json_schema()
    definitions = schema["definitions"]
    # The form of a layer that is a mapping with one key, its kind.
    layer = next(form for form in definitions["layer"]["anyOf"] if form.get("maxProperties") == 1)["properties"]
    calls = {name.removeprefix("call_"): call for name, call in definitions.items() if name.startswith("call_")}
    return {
        "keys": {key: value.get("description", "") for key, value in schema["properties"].items()},
        "layers": {name: _about(name, value, calls) for name, value in layer.items()},
        "reserved": {key: value.get("description", "") for key, value in definitions["reserved"]["properties"].items()},
        "arguments": {name: _arguments(call, definitions) for name, call in calls.items()},
    }


def _about(name: str, value: dict[str, Any], calls: dict[str, Any]) -> str:
    return str(calls[name].get("description", "") if name in calls else value.get("description", ""))


def _arguments(call: dict[str, Any], definitions: dict[str, Any]) -> CompletionWords:
    """Return the arguments of one op or block, without the keys that any layer takes."""
    form = next(form for form in call["anyOf"] if form.get("type") == "object")
    reserved = definitions["reserved"]["properties"]
    own = {name: value for name, value in form["properties"].items() if name not in reserved}
    return {name: {"about": value.get("description", ""), "values": _values(value)} for name, value in own.items()}


def _values(value: dict[str, Any]) -> list[str]:
    """Return the words that an argument accepts."""
    forms = [value, *value.get("anyOf", [])]
    found = [word for form in forms for word in form.get("enum", []) if isinstance(word, str)]
    is_bool = any(form.get("type") == "boolean" for form in forms)
    return found or (["true", "false"] if is_bool else [])
