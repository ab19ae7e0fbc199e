"""Text to models, or to everything that is wrong with it."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace
from pydantic import ValidationError

from archspec.diagnostics import Diagnostic, Edit, Fix, Span
from archspec.language.models import SpecDocument
from archspec.language.nodes import NODE_PLACEHOLDER, SPAN, UnknownKey
from archspec.language.recovery import MAX_RECOVERED, Recovery
from archspec.source import Mapping, Tree, compose, describe
from archspec.source.composer import ReadTree

RECOVERED_CODES = ("SPC003", "SPC004")
"""Errors after which the tree is still whole: of equal keys the first is kept, a split expression is joined again."""

MAX_REPORTED = 200
"""Errors of one text that are reported: nobody reads more, and each costs time."""

MAX_ROUNDS = 4
"""Rounds of recovery: below a misspelt key, errors show only once the key has been corrected."""


def parse_spec(text: str, file: str, read: ReadTree = compose) -> tuple[SpecDocument | None, tuple[Diagnostic, ...]]:
    """Return a spec's text as a model, with every finding.

    If something is wrong, the model holds what can be read without it, so that the rest is still checked; it is None
    if nothing can be.
    """
    tree, found = _read_mapping(text, file, read)
    return (None, found) if tree is None else parse_tree(tree, found)


def parse_tree(tree: Mapping, found: tuple[Diagnostic, ...] = ()) -> tuple[SpecDocument | None, tuple[Diagnostic, ...]]:
    """Return a spec's tree as a model, as `parse_spec` does; new findings follow those so far."""
    for _ in range(MAX_ROUNDS):
        try:
            return SpecDocument.model_validate(tree), found
        except ValidationError as error:
            found = (*found, *diagnostics_of(error, tree))
            recovered = _recover(error, tree)
            if recovered is None:
                break
            tree = recovered
    return None, found


def parse_library(text: str, file: str) -> tuple[SpecDocument | None, tuple[Diagnostic, ...]]:
    """Return a library file's text as a spec of which only `blocks` counts; None if anything is wrong with it."""
    tree, found = _read_mapping(text, file)
    if tree is None:
        return None, found
    try:
        return SpecDocument.model_validate(tree), found
    except ValidationError as error:
        return None, (*found, *diagnostics_of(error, tree))


def _read_mapping(text: str, file: str, read: ReadTree = compose) -> tuple[Mapping | None, tuple[Diagnostic, ...]]:
    """Return the text's tree, which must be a mapping, or None after an error that leaves holes in it.

    A tree with holes would be reported for what is only missing because of them.
    """
    tree, found = read(text, file)
    if tree is None or any(d.is_error and d.code not in RECOVERED_CODES for d in found):
        return None, found
    if isinstance(tree, Mapping):
        return tree, found
    hint = "a spec is a mapping: `input: [3, 32, 32]`, then `stem:`, `stages:`, `head:`"
    return None, (*found, Diagnostic("SPC002", f"expected a mapping, found {describe(tree)}", tree.span, hint=hint))


def _recover(error: ValidationError, tree: Mapping) -> Mapping | None:
    """Return the tree without the parts that `error` is about; None if there are too many, or nothing changes."""
    items = _error_items(error)
    if len(items) > MAX_RECOVERED:
        return None
    unknown = {
        item["input"].span: item["input"].suggest(str(item["loc"][-1]))
        for item in items
        if isinstance(item["input"], UnknownKey)
    }
    wrong = tuple({_span_of(item, tree) for item in items if not isinstance(item["input"], UnknownKey)})
    recovered = Recovery(unknown, wrong).apply(tree)
    # An unchanged tree would have the same errors in every further round.
    return recovered if isinstance(recovered, Mapping) and recovered != tree else None


def diagnostics_of(error: ValidationError, tree: Tree) -> tuple[Diagnostic, ...]:
    """Return a model's errors as findings, sorted by span, one for each span and code."""
    found: dict[tuple[Span, str], Diagnostic] = {}
    for item in _error_items(error):
        diagnostic = _diagnostic(item, tree)
        found.setdefault((diagnostic.span, diagnostic.code), diagnostic)
    return tuple(sorted(found.values(), key=lambda d: d.span))


def _error_items(error: ValidationError) -> list[Any]:
    """Return Pydantic's errors, less the missing keys that are only misspelt: those have an error of their own."""
    items = error.errors(include_url=False)[:MAX_REPORTED]
    misspelt = {
        (item["loc"][:-1], item["input"].suggest(str(item["loc"][-1])).name)
        for item in items
        if isinstance(item["input"], UnknownKey)
    }
    return [i for i in items if i["type"] != "missing" or (i["loc"][:-1], i["loc"][-1]) not in misspelt]


_MISSING_HINTS = {
    "body": "write `body: [...]`, a list of layers",
    "of": "write `of: [[...], [...]]`, a list of layers for each branch",
    "shape": "write `shape: [3, 224, 224]`, without the batch",
    "spec": "write `spec: resnet50`, or a path",
}


def _diagnostic(item: dict[str, Any], tree: Tree) -> Diagnostic:
    value, name = item["input"], str(item["loc"][-1]) if item["loc"] else ""
    span = _span_of(item, tree)
    if isinstance(value, UnknownKey):
        meant = value.suggest(name)
        hint = meant.hint or "known keys: " + ", ".join(value.known)
        return Diagnostic("SPC001", f"unknown key {name}", span, hint=hint, fix=meant.fix)
    if item["type"] == "missing":
        hint = _MISSING_HINTS.get(name, f"write `{name}: ...`")
        return Diagnostic("SPC009", f"the key {name} is missing", span, hint=hint)
    context = item.get("ctx", {})
    message, code = context.get("message", item["msg"]), context.get("code", "SPC002")
    fix = _fix(code, span, context.get("replacement"))
    return Diagnostic(code, message, span, hint=context.get("hint", ""), fix=fix)


def _fix(code: str, span: Span, replacement: str | None) -> Fix | None:
    """Return the fix that an error carries: another text in place of the span, or one around it."""
    if replacement is None:
        return None
    # SPC004 reports what YAML makes of a text, where only one thing can be meant; any other replacement is a guess.
    applicability = "safe" if code == "SPC004" else "unsafe"
    if NODE_PLACEHOLDER not in replacement:
        return Fix(applicability, (Edit(span, replacement),))
    before, _, after = replacement.partition(NODE_PLACEHOLDER)
    start = replace(span, end_line=span.line, end_column=span.column)
    end = replace(span, line=span.end_line, column=span.end_column)
    return Fix(applicability, (Edit(start, before), Edit(end, after)))


def _span_of(item: dict[str, Any], tree: Tree) -> Span:
    """Return the span that an error names, else that of the node which was being read."""
    span = item.get("ctx", {}).get("span")
    if isinstance(span, Span):
        return span
    value = item["input"]
    # Keyword data of a model, as `collect_fields` makes it.
    if isinstance(value, dict):
        value = value.get(SPAN, tree)
    return value if isinstance(value, Span) else getattr(value, "span", tree.span)
