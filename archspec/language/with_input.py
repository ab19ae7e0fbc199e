"""A spec with another input than the one it declares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from archspec.language.load import Spec, to_trees

Sizes = Sequence[int]


def with_input(spec: Spec, shape: Sizes | Mapping[str, Sizes]) -> Spec:
    """Return the spec with an input of another shape, without the batch: `(3, 256, 256)`, or by name if it has several.

    Kinds stay as declared. Lowering it reports what does not work with that shape.
    """
    shapes = {name: list(sizes) for name, sizes in shape.items()} if isinstance(shape, Mapping) else list(shape)
    ((_, tree),) = to_trees({"input": shapes})
    return replace(spec, input=tree)
