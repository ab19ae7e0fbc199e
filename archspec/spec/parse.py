"""Text to models, or to everything that is wrong with it."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import ValidationError

from archspec.diagnostics import Diagnostic, Span, did_you_mean
from archspec.source import Mapping, Tree, compose, describe
from archspec.spec.models import Library, SpecDocument
from archspec.spec.nodes import SPAN, Model, UnknownKey

Document = TypeVar("Document", bound=Model)


def parse_spec(text: str, file: str) -> tuple[SpecDocument | None, tuple[Diagnostic, ...]]:
    """A spec's text as a model; None where it cannot be read, with every finding of both passes."""
    return _parse(SpecDocument, text, file)


def parse_library(text: str, file: str) -> tuple[Library | None, tuple[Diagnostic, ...]]:
    """A library file's text as a model."""
    return _parse(Library, text, file)


def _parse(model: type[Document], text: str, file: str) -> tuple[Document | None, tuple[Diagnostic, ...]]:
    tree, found = compose(text, file)
    if tree is None or any(d.is_error for d in found):
        # a tree with holes in it would be blamed for what is missing
        return None, found
    if not isinstance(tree, Mapping):
        hint = "a spec is a mapping: `input: [3, 32, 32]`, then `stem:`, `stages:`, `head:`"
        return None, (*found, Diagnostic("SPC002", f"expected a mapping, found {describe(tree)}", tree.span, hint=hint))
    try:
        return model.model_validate(tree), found
    except ValidationError as error:
        return None, (*found, *diagnostics_of(error, tree))


def diagnostics_of(error: ValidationError, tree: Tree) -> tuple[Diagnostic, ...]:
    found: dict[tuple[Span, str], Diagnostic] = {}
    for item in error.errors(include_url=False):
        diagnostic = _diagnostic(dict(item), tree)
        found.setdefault((diagnostic.span, diagnostic.code), diagnostic)
    return tuple(sorted(found.values(), key=lambda d: d.span))


def _diagnostic(item: dict[str, Any], tree: Tree) -> Diagnostic:
    given, name = item["input"], str(item["loc"][-1]) if item["loc"] else ""
    span = _span_of(given, tree)
    if isinstance(given, UnknownKey):
        close = did_you_mean(name, given.known)
        hint = f"did you mean {close}?" if close else "known keys: " + ", ".join(given.known)
        return Diagnostic("SPC001", f"unknown key {name}", given.span, hint=hint)
    if item["type"] == "missing":
        return Diagnostic("SPC009", f"the key {name} is missing", span)
    context = item.get("ctx", {})
    message = context.get("message", item["msg"])
    return Diagnostic(context.get("code", "SPC002"), message, span, hint=context.get("hint", ""))


def _span_of(given: Any, tree: Tree) -> Span:
    if isinstance(given, dict):
        given = given.get(SPAN, tree)
    if isinstance(given, UnknownKey):
        return given.span
    return given if isinstance(given, Span) else getattr(given, "span", tree.span)
