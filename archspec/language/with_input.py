"""A spec with another input than the one it declares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from archspec.language.load import Spec, trees

Sizes = Sequence[int]


def with_input(spec: Spec, shape: Sizes | Mapping[str, Sizes]) -> Spec:
    """The spec with an input of another shape, without the batch: `(3, 256, 256)`, or by name where there are several.

    Kinds stay as declared. Lowering it reports what does not work with that shape.
    """
    given = {name: list(sizes) for name, sizes in shape.items()} if isinstance(shape, Mapping) else list(shape)
    ((_, tree),) = trees({"input": given})
    return replace(spec, input=tree)
