"""Flattening: a spec as one YAML text, its `extends`, variant and overrides merged, its networks written in place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from archspec.errors import SpecError
from archspec.language.files import SpecLocation, is_path, resolve_include
from archspec.language.load import Spec, load_location, loads_partial
from archspec.language.models import ParameterDeclaration
from archspec.language.with_input import diagnose_input
from archspec.source import Scalar, plain
from archspec.source.dump import dump_yaml


def flatten(spec: Spec) -> str:
    """Return YAML of the same meaning that needs no other file, without variant, overrides and `extends`.

    Its name is the variant's.

    Raises SpecError for an input from outside that the spec does not have.
    """
    tree = spec.document.tree
    assert tree is not None
    data = _merged(spec, spec.variant or spec.name)
    if spec.input is not None:
        _override_input(data, spec)
    return dump_yaml(data)


def _merged(spec: Spec, name: str) -> dict[str, Any]:
    """Return a spec as plain data under a name, without `variants` and `extends`, and with its networks in place."""
    tree = spec.document.tree
    assert tree is not None
    written = plain(tree)
    data: dict[str, Any] = {"name": name}
    data.update({key: value for key, value in written.items() if key not in ("name", "variants", "extends")})
    if spec.document.about:
        data["about"] = spec.document.about
    overrides = dict(spec.overrides)
    params = dict(written.get("params") or {})
    for name, value in overrides.items():
        # Of a spec with errors, an unknown parameter has been reported.
        if name not in spec.document.params:
            continue
        params[name] = _override_default(spec.document.params[name], params[name], value)
    if params:
        data["params"] = params
    # Parameters may hold layers too.
    for key in ("params", "blocks", "stem", "stages", "head"):
        if key in data:
            data[key] = _with_networks(data[key], spec)
    return data


def _with_networks(data: Any, spec: Spec) -> Any:
    """Return layers with the specs that their networks name by a path in place of the paths.

    Gallery names stay: they mean the same in every folder.
    """
    if isinstance(data, dict):
        return {key: _with_networks(value, spec) for key, value in data.items()}
    if not isinstance(data, list):
        return data
    # A network is an item of a list of layers; elsewhere the key is an argument of that name.
    return [
        {"network": _network(item["network"], spec)}
        if isinstance(item, dict) and list(item) == ["network"]
        else _with_networks(item, spec)
        for item in data
    ]


def _network(written: Any, spec: Spec) -> Any:
    """Return the arguments of a network, with the spec that a path names in place of the path."""
    arguments = written if isinstance(written, dict) else {"spec": written}
    named = arguments.get("spec")
    arguments = {key: value if key == "spec" else _with_networks(value, spec) for key, value in arguments.items()}
    if isinstance(named, dict):
        inner, _ = loads_partial(dump_yaml(named), spec.file, spec.root, spec.chain)
        return arguments if inner is None else {**arguments, "spec": _with_variants(inner)}
    kept = arguments if isinstance(written, dict) else written
    path, _, variant = str(named).partition(":")
    if not is_path(path):
        return kept
    base = Path(spec.chain[-1]).parent if spec.chain and spec.chain[-1] != "-" else Path(spec.root)
    target = resolve_include(path, Path(spec.root), base)
    # The name of what cannot be read stays as it is written; lint has reported it. So do circles.
    if isinstance(target, str) or str(target) in spec.chain:
        return kept
    inner, _ = load_location(SpecLocation(str(target), path), spec.root, spec.chain)
    if inner is None:
        return kept
    chosen = {"variant": variant} if variant else {}
    return {**chosen, **arguments, "spec": _with_variants(inner)}


def _with_variants(spec: Spec) -> dict[str, Any]:
    """Return a spec as plain data whose variants a network can still choose."""
    data = _merged(spec, spec.name)
    variants = {
        name: {key: _with_networks(plain(tree), spec) for key, tree in item.values.items()}
        for name, item in spec.document.variants.items()
    }
    if variants:
        data["variants"] = variants
    return data


def _override_default(declaration: ParameterDeclaration, written: Any, value: Any) -> Any:
    """Return a declaration with another default; an expression needs the long form, whose default is evaluated."""
    if isinstance(written, dict) and ("type" in written or "default" in written):
        return {**written, "default": plain(value)}
    computed = isinstance(value, Scalar) and isinstance(value.value, str)
    default = declaration.default
    number = isinstance(default, Scalar) and isinstance(default.value, (bool, int, float))
    if computed and number and isinstance(default, Scalar):
        return {"type": type(default.value).__name__, "default": plain(value)}
    return plain(value)


def _override_input(data: dict[str, Any], spec: Spec) -> None:
    assert spec.input is not None
    wrong = diagnose_input(spec)
    if wrong is not None:
        raise SpecError((wrong,))
    value, declared = plain(spec.input), spec.document.inputs
    if declared:
        shapes = value if isinstance(value, dict) else {next(iter(declared)): value}
        for name, shape in shapes.items():
            item = data["inputs"][name]
            data["inputs"] = {**data["inputs"], name: {**item, "shape": shape} if isinstance(item, dict) else shape}
    else:
        data.pop("inputs", None)
        data["input"] = value["input"] if isinstance(value, dict) else value
