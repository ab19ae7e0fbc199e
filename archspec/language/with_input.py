"""A spec with another input than the one it declares."""

from __future__ import annotations

from collections.abc import Mapping as Mappings
from collections.abc import Sequence

from msgspec.structs import replace

from archspec.diagnostics import Diagnostic
from archspec.language.load import Spec, to_trees
from archspec.source import Mapping

Sizes = Sequence[int]


def with_input(spec: Spec, shape: Sizes | Mappings[str, Sizes]) -> Spec:
    """Return the spec with an input of another shape, without the batch: `(3, 256, 256)`, or by name if it has several.

    Kinds stay as declared. Lowering it reports what does not work with that shape.
    """
    if isinstance(shape, Mappings) and not shape:
        return spec
    shapes = {name: list(sizes) for name, sizes in shape.items()} if isinstance(shape, Mappings) else list(shape)
    ((_, tree),) = to_trees({"input": shapes})
    return replace(spec, input=tree)


def diagnose_input(spec: Spec) -> Diagnostic | None:
    """Return what is wrong with the names of the input from outside, or None: its shapes are checked in lowering."""
    declared = spec.document.inputs or {}
    if isinstance(spec.input, Mapping):
        for key, _ in spec.input.entries:
            if key.text not in (declared or ("input",)):
                known = ", ".join(declared) or "input"
                return Diagnostic("SPC001", f"there is no input {key.text}", key.span, hint=f"its inputs: {known}")
    elif spec.input is not None and len(declared) > 1:
        message = f"there are several inputs: {', '.join(declared)}"
        return Diagnostic("SPC002", message, spec.input.span, hint="write --input name=3x32x32")
    return None
