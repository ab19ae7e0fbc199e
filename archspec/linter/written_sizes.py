"""The places in a spec where the sizes of its inputs are written, followed through names to the number itself."""

from __future__ import annotations

from msgspec import Struct

from archspec.analysis.valid_sizes.model import InputAxis
from archspec.diagnostics import Span
from archspec.language.expressions import identifiers_in
from archspec.language.load import Spec
from archspec.source import Mapping, Scalar, Sequence, Tree

MOST_NAMES = 8  # one standing for another


class WrittenSize(Struct, frozen=True):
    """The place of a size, its number if it is one, and whether `sizes:` declares it as free."""

    span: Span
    number: Scalar | None
    free: bool


def find_axis_size(spec: Spec, axis: InputAxis) -> WrittenSize:
    """Return the place of the size of an input's axis."""
    return find_written_size(spec, axis.input, axis.index)


def find_written_size(spec: Spec, name: str, index: int) -> WrittenSize:
    """Return the place of the size at an index of an input's shape."""
    free = False
    tree = _shape(spec, name)
    indexed = False
    # Names may refer to each other in a circle; lowering reports that, here the search just ends.
    for _ in range(MOST_NAMES):
        if isinstance(tree, Sequence) and not indexed and index < len(tree.items):
            tree, indexed = tree.items[index], True
        elif isinstance(tree, Scalar) and isinstance(tree.value, str):
            free = free or (indexed and not identifiers_in(tree.text).isdisjoint(spec.document.sizes))
            meant = _meant(spec, tree.text)
            if meant is None:
                break
            tree = meant
        else:
            break
    if tree is None:
        return WrittenSize(spec.document.span, None, free)
    is_number = isinstance(tree, Scalar) and isinstance(tree.value, int) and indexed
    return WrittenSize(tree.span, tree if is_number and isinstance(tree, Scalar) else None, free)


def _shape(spec: Spec, name: str) -> Tree | None:
    """Return the shape of an input: the one set from outside, otherwise the declared one."""
    if spec.input is not None:
        given = spec.input.get(name) if isinstance(spec.input, Mapping) else spec.input
        if given is not None:
            return given
    declared = (spec.document.inputs or {}).get(name)
    return declared.shape if declared is not None else spec.document.input


def _meant(spec: Spec, name: str) -> Tree | None:
    """Return the tree that a name refers to, where the text is one name."""
    # Overrides first, as lowering resolves names: --set and variants go before defaults.
    given = dict(spec.overrides).get(name)
    if given is not None:
        return given
    parameter = spec.document.params.get(name)
    return parameter.default if parameter is not None else spec.document.sizes.get(name) or spec.document.let.get(name)
