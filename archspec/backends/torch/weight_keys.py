"""Keys of foreign weights to keys of a model: prefixes of wrappers removed, and patterns that rename."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import TypeAlias

from msgspec import Struct

from archspec.diagnostics import did_you_mean
from archspec.errors import WeightsError

KeyMap: TypeAlias = Mapping[str, str | None]
"""Patterns of foreign keys, where `*` matches any text, to own keys, where it repeats that text; None leaves out."""

# Attributes by which wrappers hold a network: DataParallel, DistributedDataParallel and AveragedModel, then those that
# Lightning modules usually have. A layer may have such a name, so that they are removed only where that is excluded.
WRAPPERS = ("module", "model", "net", "network")
# Segments that torch.compile, FSDP and activation checkpointing put anywhere into a key.
HIDDEN = frozenset({"_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module"})
SAMPLES = 8  # missing keys for which a common prefix is sought: some may be those of another head


class RenamedKeys(Struct, frozen=True):
    """The own key that each foreign one means; the same of those that are left out; the prefixes that were removed."""

    keys: dict[str, str]
    left_out: dict[str, str]
    prefixes: tuple[str, ...] = ()


def rename_keys(foreign: Collection[str], own: Collection[str], patterns: KeyMap | None = None) -> RenamedKeys:
    """Return what each foreign key is in a model with these own keys.

    The first pattern that fits counts. It is compared with the key as it is in the file, and without the prefixes of
    wrappers.

    Raises WeightsError for a pattern that fits no key, one whose replacement has more `*`, two keys that become one.
    """
    renames = [_Rename.of(pattern, target) for pattern, target in (patterns or {}).items()]
    short, prefixes = _without_wrappers(foreign, frozenset(own), renames)
    unused = dict.fromkeys(rename.text for rename in renames)
    found = RenamedKeys({}, {}, prefixes)
    for key in foreign:
        fitting = [(rename, match) for rename in renames if (match := rename.match(key, short[key])) is not None]
        for rename, _ in fitting:
            unused.pop(rename.text, None)
        # What a key that is left out would have been: the tensor of the model that is not to be loaded.
        meant = next((name for rename, match in fitting if (name := rename.apply(match)) is not None), short[key])
        if fitting and fitting[0][0].target is None:
            found.left_out[key] = meant
        else:
            found.keys[key] = meant
    _check_used(unused, short)
    _check_distinct(found.keys)
    return found


class _Rename(Struct, frozen=True):
    text: str
    pattern: re.Pattern[str]
    target: str | None

    @classmethod
    def of(cls, text: str, target: str | None) -> _Rename:
        if target is not None and target.count("*") > text.count("*"):
            raise WeightsError(f"keys: {target!r} has more * than {text!r}, whose matches it repeats")
        return cls(text, re.compile("(.*?)".join(re.escape(part) for part in text.split("*")), re.DOTALL), target)

    def match(self, *spellings: str) -> re.Match[str] | None:
        """Return the match of the first spelling of a key that fits."""
        return next((match for key in spellings if (match := self.pattern.fullmatch(key)) is not None), None)

    def apply(self, match: re.Match[str]) -> str | None:
        if self.target is None:
            return None
        first, *others = self.target.split("*")
        return first + "".join(text + part for text, part in zip(match.groups(), others, strict=False))


def _check_used(unused: Iterable[str], keys: Mapping[str, str]) -> None:
    """Raise WeightsError for a pattern that no key has, which would silently do nothing."""
    for pattern in unused:
        close = did_you_mean(pattern, {*keys, *keys.values()})
        hint = f"; did you mean {close!r}?" if close else "; a pattern is a whole key, or has a * for the rest of it"
        raise WeightsError(f"keys: no key of the weights is {pattern!r}{hint}")


def _check_distinct(keys: Mapping[str, str]) -> None:
    """Raise WeightsError where two keys of the weights would be the same one of the model."""
    sources: dict[str, str] = {}
    for key, meant in keys.items():
        other = sources.setdefault(meant, key)
        if other != key:
            raise WeightsError(f"the weights' keys {other!r} and {key!r} would both be {meant!r} of the model")


def _without_wrappers(
    foreign: Collection[str], own: frozenset[str], renames: list[_Rename]
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the foreign keys without what wrappers added, and which prefixes and segments that were."""
    segments = {segment for key in own for segment in key.split(".")}
    hidden = HIDDEN - segments
    short = {key: ".".join(part for part in key.split(".") if part not in hidden) for key in foreign}
    seen = {part for key in foreign for part in key.split(".")} & hidden
    removed = [f"{part}." for part in sorted(seen)]
    # Wrappers may be nested, each in each: a Lightning module's `model.` around a `module.`.
    while (prefix := next((f"{word}." for word in WRAPPERS if _is_wrapped(f"{word}.", short, own, renames)), "")) != "":
        short = {key: text.removeprefix(prefix) for key, text in short.items()}
        removed.append(prefix)
    return short, tuple(dict.fromkeys(removed))


def _is_wrapped(prefix: str, short: Mapping[str, str], own: frozenset[str], renames: list[_Rename]) -> bool:
    """Return whether a prefix is a wrapper's: keys have it, the model's have not, and none fits without removing it."""
    if any(key.startswith(prefix) for key in own):
        return False
    carrying = [key for key in short.values() if key.startswith(prefix)]
    if not carrying or any(key in own for key in short.values()):
        return False
    return any(_unwrapped(key) in own or _matches(_unwrapped(key), renames) for key in carrying)


def _unwrapped(key: str) -> str:
    """Return the key without all leading words of wrappers."""
    first, _, rest = key.partition(".")
    return _unwrapped(rest) if first in WRAPPERS and rest else key


def _matches(key: str, renames: list[_Rename]) -> bool:
    return any(rename.pattern.fullmatch(key) for rename in renames)


def suggest_keys(missing: Collection[str], unexpected: Collection[str]) -> dict[str, str]:
    """Return the `keys` that would bring together most missing and unexpected tensors by a prefix; {} if none would."""
    there = set(unexpected)
    for sample in list(missing)[:SAMPLES]:
        for key in unexpected:  # not `there`, whose order differs from run to run
            if key.endswith(f".{sample}"):
                prefix, forwards = key.removesuffix(sample), True
            elif sample.endswith(f".{key}"):
                prefix, forwards = sample.removesuffix(key), False
            else:
                continue
            meant = (f"{prefix}{name}" if forwards else name.removeprefix(prefix) for name in missing)
            if sum(name in there for name in meant) * 2 > len(missing):
                return {f"{prefix}*": "*"} if forwards else {"*": f"{prefix}*"}
    return {}
