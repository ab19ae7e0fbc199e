"""Text to models, or to everything that is wrong with it."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace
from pydantic import ValidationError

from archspec.diagnostics import Diagnostic, Edit, Fix, Span, did_you_mean, respelt
from archspec.language.models import SpecDocument
from archspec.language.nodes import ITSELF, SPAN, UnknownKey
from archspec.language.recovery import MOST_MISTAKES, Mend
from archspec.source import Mapping, Tree, compose, describe
from archspec.source.incremental import Read

WITHOUT_HOLES = ("SPC003", "SPC004")  # of equal keys the first stays; a split expression is put together again
MOST_TOLD = 200  # nobody reads more, and each costs time
MOST_ROUNDS = 4  # a misspelt key set right may hold mistakes of its own


def parse_spec(text: str, file: str, read: Read = compose) -> tuple[SpecDocument | None, tuple[Diagnostic, ...]]:
    """A spec's text as a model, with every finding.

    Where something is wrong, the model is what can be read without it, so that the rest can be checked as well; None
    where that is not possible.
    """
    tree, found = _mapping(text, file, read)
    if tree is None:
        return None, found
    for _ in range(MOST_ROUNDS):
        try:
            return SpecDocument.model_validate(tree), found
        except ValidationError as error:
            found = (*found, *diagnostics_of(error, tree))
            mended = _mended(error, tree)
            if mended is None:
                break
            tree = mended
    return None, found


def parse_library(text: str, file: str) -> tuple[SpecDocument | None, tuple[Diagnostic, ...]]:
    """A library file's text as a spec of which only `blocks` counts; None where anything is wrong with it."""
    tree, found = _mapping(text, file)
    if tree is None:
        return None, found
    try:
        return SpecDocument.model_validate(tree), found
    except ValidationError as error:
        return None, (*found, *diagnostics_of(error, tree))


def _mapping(text: str, file: str, read: Read = compose) -> tuple[Mapping | None, tuple[Diagnostic, ...]]:
    """The text's tree, which must be a mapping; a tree with holes in it would be blamed for what is missing."""
    tree, found = read(text, file)
    if tree is None or any(d.is_error and d.code not in WITHOUT_HOLES for d in found):
        return None, found
    if isinstance(tree, Mapping):
        return tree, found
    hint = "a spec is a mapping: `input: [3, 32, 32]`, then `stem:`, `stages:`, `head:`"
    return None, (*found, Diagnostic("SPC002", f"expected a mapping, found {describe(tree)}", tree.span, hint=hint))


def _mended(error: ValidationError, tree: Mapping) -> Mapping | None:
    """The tree without the mistakes that `error` tells; None where there are too many."""
    items = _mistakes(error)
    if len(items) > MOST_MISTAKES:
        return None
    unknown = {item["input"].span: item["input"].known for item in items if isinstance(item["input"], UnknownKey)}
    wrong = tuple({_place(item, tree) for item in items if not isinstance(item["input"], UnknownKey)})
    mended = Mend(unknown, wrong).tree(tree)
    return mended if isinstance(mended, Mapping) and mended != tree else None


def diagnostics_of(error: ValidationError, tree: Tree) -> tuple[Diagnostic, ...]:
    """What a model refuses of a tree, as findings sorted by place."""
    found: dict[tuple[Span, str], Diagnostic] = {}
    for item in _mistakes(error):
        diagnostic = _diagnostic(item, tree)
        found.setdefault((diagnostic.span, diagnostic.code), diagnostic)
    return tuple(sorted(found.values(), key=lambda d: d.span))


def _mistakes(error: ValidationError) -> list[Any]:
    """Pydantic's errors, less the keys that are missing only because they are misspelt."""
    items = error.errors(include_url=False)[:MOST_TOLD]
    meant = {
        (item["loc"][:-1], did_you_mean(str(item["loc"][-1]), item["input"].known))
        for item in items
        if isinstance(item["input"], UnknownKey)
    }
    return [item for item in items if item["type"] != "missing" or (item["loc"][:-1], item["loc"][-1]) not in meant]


_MISSING = {
    "body": "write `body: [...]`, a list of layers",
    "of": "write `of: [[...], [...]]`, a list of layers for each branch",
    "shape": "write `shape: [3, 224, 224]`, without the batch",
    "spec": "write `spec: resnet50`, or a path",
}


def _diagnostic(item: dict[str, Any], tree: Tree) -> Diagnostic:
    given, name = item["input"], str(item["loc"][-1]) if item["loc"] else ""
    span = _place(item, tree)
    if isinstance(given, UnknownKey):
        close = did_you_mean(name, given.known)
        hint = f"did you mean {close}?" if close else "known keys: " + ", ".join(given.known)
        return Diagnostic("SPC001", f"unknown key {name}", span, hint=hint, fix=respelt(name, close, span))
    if item["type"] == "missing":
        return Diagnostic("SPC009", f"the key {name} is missing", span, hint=_MISSING.get(name, f"write `{name}: ...`"))
    context = item.get("ctx", {})
    message = context.get("message", item["msg"])
    code = context.get("code", "SPC002")
    return Diagnostic(code, message, span, hint=context.get("hint", ""), fix=_fix(code, span, context.get("written")))


def _fix(code: str, span: Span, written: str | None) -> Fix | None:
    """The fix that a mistake brings: another text in its place, or one around it."""
    if written is None:
        return None
    applicability = "safe" if code == "SPC004" else "unsafe"
    if ITSELF not in written:
        return Fix(applicability, (Edit(span, written),))
    before, _, after = written.partition(ITSELF)
    start = replace(span, end_line=span.line, end_column=span.column)
    end = replace(span, line=span.end_line, column=span.end_column)
    return Fix(applicability, (Edit(start, before), Edit(end, after)))


def _place(item: dict[str, Any], tree: Tree) -> Span:
    """Where a mistake is: what it says itself, else what was being read."""
    place = item.get("ctx", {}).get("place")
    if isinstance(place, Span):
        return place
    given = item["input"]
    if isinstance(given, dict):
        given = given.get(SPAN, tree)
    return given if isinstance(given, Span) else getattr(given, "span", tree.span)
