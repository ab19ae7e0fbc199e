"""A spec with another input than the one it declares."""

from __future__ import annotations

from collections.abc import Mapping as Mappings
from collections.abc import Sequence as Sequences

from msgspec.structs import replace

from archspec.diagnostics import Diagnostic
from archspec.language.load import Spec, to_trees
from archspec.source import Mapping, Scalar, Sequence, Tree

Sizes = Sequences[int]


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
    """Return what is wrong with the names and ranks of the input from outside, or None: lowering checks its sizes."""
    declared = spec.document.inputs or {}
    if isinstance(spec.input, Mapping):
        for key, _ in spec.input.entries:
            if key.text not in (declared or ("input",)):
                known = ", ".join(declared) or "input"
                return Diagnostic("SPC001", f"there is no input {key.text}", key.span, hint=f"its inputs: {known}")
    elif spec.input is not None and len(declared) > 1:
        message = f"there are several inputs: {', '.join(declared)}"
        return Diagnostic("SPC002", message, spec.input.span, hint="write --input name=3x32x32")
    return _diagnose_rank(spec)


def _diagnose_rank(spec: Spec) -> Diagnostic | None:
    """Report an input from outside with more or fewer sizes than the spec's: its convolutions would have other axes."""
    for name, declared in declared_shapes(spec).items():
        shape = spec.input.get(name) if isinstance(spec.input, Mapping) else spec.input
        # An expression's sizes are known only once it is evaluated.
        if not isinstance(shape, Sequence) or not isinstance(declared, Sequence):
            continue
        count, wanted = len(shape.items), len(declared.items)
        if count != wanted:
            written = ", ".join(item.text for item in declared.items if isinstance(item, Scalar))
            message = f"here are {count} sizes, and the spec's {name} has {wanted}: [{written}]"
            hint = "leave the batch out" if count == wanted + 1 else "a network over other axes needs a spec of its own"
            return Diagnostic("SPC002", message, shape.span, hint=hint)
    return None


def declared_shapes(spec: Spec) -> dict[str, Tree]:
    """Return the shapes that the spec declares, by the name of the input."""
    document = spec.document
    if document.inputs:
        return {name: item.shape for name, item in document.inputs.items()}
    return {} if document.input is None else {"input": document.input}
