"""Flattening: a spec as one YAML text, its `extends`, variant and overrides merged into its parameters."""

from __future__ import annotations

from typing import Any

from archspec.errors import SpecError
from archspec.language.load import Spec
from archspec.language.models import ParameterDeclaration
from archspec.language.with_input import diagnose_input
from archspec.source import Scalar, plain
from archspec.source.dump import dump_yaml


def flatten(spec: Spec) -> str:
    """Return YAML of the same meaning without variant, overrides and `extends`; its name is the variant's.

    Raises SpecError for an input from outside that the spec does not have.
    """
    tree = spec.document.tree
    assert tree is not None
    written = plain(tree)
    data: dict[str, Any] = {"name": spec.variant or spec.name}
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
    if spec.input is not None:
        _override_input(data, spec)
    return dump_yaml(data)


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
