"""The entries of a mapping from its keys and values as written: keys checked, merge keys (`<<`) expanded."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence as Pairs

from msgspec.structs import replace

from archspec.diagnostics import Cause, Diagnostic
from archspec.source.parts import Part
from archspec.source.positions import Positions
from archspec.source.tree import Mapping, Scalar, Sequence, Tree, describe

MappingEntry = tuple[Scalar, Tree]


def build_entries(
    pairs: Pairs[tuple[Part, Part]], positions: Positions
) -> tuple[tuple[MappingEntry, ...], frozenset[str], tuple[Diagnostic, ...]]:
    """Return the entries in the order written, the keys among them that come from `<<`, and the findings.

    Of two equal keys the first is kept. The mapping's own keys take precedence over those of `<<`, and among the
    mappings of `<<` the first does, as the merge key's specification has it.
    """
    found: list[Diagnostic] = []
    own: dict[tuple[str, bool], Scalar] = {}
    kept: list[tuple[Scalar, Tree]] = []
    for key, value in pairs:
        span = positions.span(key.start, key.end)
        if not isinstance(key.tree, Scalar):
            found.append(
                Diagnostic("SPC002", f"a key is a text, not {describe(key.tree)}", span, hint="write `key: value`")
            )
        # Keys are equal by their texts, as models look them up; a quoted `<<` is an ordinary key, apart from the merge
        # key.
        elif (name := (key.tree.text, _is_merge(key.tree))) in own:
            cause = Cause("first written here", own[name].span)
            message, hint = f"the key {key.tree.text} is there twice", "keep one of the two"
            found.append(Diagnostic("SPC003", message, span, causes=(cause,), hint=hint))
        else:
            own[name] = key.tree
            kept.append((key.tree, value.tree))
    if ("<<", True) not in own:
        return tuple(kept), frozenset(), tuple(found)
    entries = tuple(_expand_merges(kept, found))
    inherited = frozenset(key.text for key, _ in entries if (key.text, False) not in own)
    return entries, inherited, tuple(found)


def _expand_merges(kept: list[MappingEntry], found: list[Diagnostic]) -> Iterator[MappingEntry]:
    taken = {key.text for key, _ in kept if not _is_merge(key)}
    for key, value in kept:
        if not _is_merge(key):
            yield key, value
            continue
        for source in _merge_sources(value, found):
            for name, inherited in source.entries:
                if name.text not in taken:
                    taken.add(name.text)
                    # The alias is the place of the merge, by which edits and editors know that the value is written
                    # elsewhere.
                    yield name, replace(inherited, alias=source.alias or inherited.alias)


def _is_merge(key: Scalar) -> bool:
    return key.text == "<<" and not key.quoted


def _merge_sources(value: Tree, found: list[Diagnostic]) -> Iterator[Mapping]:
    """Yield the mappings that a `<<` names; a list reached through an alias passes its alias on to them."""
    for node in value.items if isinstance(value, Sequence) else (value,):
        if isinstance(node, Mapping):
            yield node if node.alias or not value.alias else replace(node, alias=value.alias)
        else:
            message = f"<< takes a mapping or a list of mappings, not {describe(node)}"
            found.append(Diagnostic("SPC002", message, node.alias or node.span, hint='quote it if "<<" is a key'))
