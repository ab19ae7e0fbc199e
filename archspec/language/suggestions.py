"""What to write in place of an unknown word: what a synonym means, else the word of the same kind spelled alike."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from functools import cache, lru_cache
from itertools import islice
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from archspec.diagnostics import (
    Fix,
    Span,
    did_you_mean,
    replacement_fix,
    spelling_fix,
    spelling_hint,
    without_separators,
)
from archspec.language.synonyms import KEYS, LAYERS, WORDS, Synonym


class Suggestion(Struct, frozen=True):
    """The hint, the word that is probably meant if there is one, and the fix if writing it keeps the meaning."""

    hint: str = ""
    name: str | None = None
    fix: Fix | None = None


_MOST_UNKNOWN: Final = 20
"""Other unknown keys that one is compared with before it has a fix: each may mean the same."""

_PACKAGES: Final = frozenset({"torch", "nn", "F", "torchvision", "tf", "keras", "layers", "flax", "linen"})
"""The first part of dotted names such as `torch.nn.ReLU`; other dotted names are not those of a framework."""

_DIMENSIONS: Final = re.compile(r"[123]d")


def normalize(word: str) -> str:
    """Return what of a word counts: `Conv2DTranspose`, `conv_transpose` and `conv-transpose` are one."""
    return _DIMENSIONS.sub("", without_separators(word))


@cache
def _by_word(table: tuple[Synonym, ...]) -> dict[str, tuple[Synonym, ...]]:
    found: dict[str, tuple[Synonym, ...]] = {}
    for synonym in table:
        for word in dict.fromkeys(map(normalize, synonym.words.split())):
            found[word] = (*found.get(word, ()), synonym)
    return found


@lru_cache(maxsize=64)  # a misspelt layer is looked up again in each of its repeats
def _spelled_otherwise(word: str, known: tuple[str, ...]) -> str | None:
    """Return the first of the known words that differs from `word` in what normalize() removes alone."""
    normal = normalize(word)
    return next((other for other in known if other != word and normalize(other) == normal), None)


def suggest_layer(word: str, known: Iterable[str], span: Span) -> Suggestion:
    """Return what to write for an unknown layer; `known` are the names that a layer can have there."""
    names = tuple(known)
    first, dot, _ = word.partition(".")
    if not dot or first not in _PACKAGES:
        return _suggest(LAYERS, word, names, span)
    bare = word.rpartition(".")[2]
    if bare in names:
        return Suggestion(f"did you mean {bare}?", bare, replacement_fix(word, bare, span))
    # Where the last part alone would have a fix, this one replaces the whole name.
    found = _suggest(LAYERS, bare, names, replace(span, column=span.column + len(word) - len(bare)))
    return replace(found, fix=replacement_fix(word, found.name, span) if found.fix and found.name else None)


def suggest_key(word: str, known: Iterable[str], span: Span, keys: Collection[str] = ()) -> Suggestion:
    """Return what to write for an unknown key of a mapping that can have the `known` ones.

    `keys` are all keys of the mapping: a fix never gives it two equal ones.
    """
    known = tuple(known)
    found = _suggest(KEYS, word, known, span)
    if found.fix is None:
        return found
    unknown = tuple(islice((key for key in keys if key not in known and key != word), _MOST_UNKNOWN + 1))
    is_taken = (
        found.name in keys
        or len(unknown) > _MOST_UNKNOWN
        or any(_suggest(KEYS, key, known, span).name == found.name for key in unknown)
    )
    return replace(found, fix=None) if is_taken else found


def suggest_value(word: str, allowed: Iterable[str], span: Span) -> Suggestion:
    """Return what to write for a word that is none of those which are allowed."""
    return _suggest(WORDS, word, tuple(allowed), span)


def _suggest(table: tuple[Synonym, ...], word: str, known: tuple[str, ...], span: Span) -> Suggestion:
    # A known word in other capitals or separators is spelled so; with dimensions as well, it is torch's.
    same = _spelled_otherwise(word, tuple(sorted(known)))
    if same is not None and not _DIMENSIONS.search(word.lower()):
        return Suggestion(f"did you mean {same}?", same, spelling_fix(word, known, span))
    for synonym in _by_word(table).get(normalize(word), ()):
        if not synonym.name or synonym.name in known:
            fix = replacement_fix(word, synonym.name, span) if synonym.is_exact else None
            return Suggestion(synonym.hint, synonym.name or None, fix)
    if same is not None:
        return Suggestion(f"did you mean {same}?", same, replacement_fix(word, same, span))
    return Suggestion(spelling_hint(word, known), did_you_mean(word, known), spelling_fix(word, known, span))
