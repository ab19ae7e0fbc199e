"""From a path or a text to a Spec: read, parsed, `extends` followed, the variant chosen."""

from __future__ import annotations

import os
from collections.abc import Mapping as Mappings
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from archspec.diagnostics import Diagnostic, Span, did_you_mean, spelling_fix
from archspec.errors import SpecError
from archspec.language.files import SpecLocation, is_path, locate, resolve_include
from archspec.language.models import SpecDocument
from archspec.language.parse import parse_spec, parse_tree
from archspec.source import Mapping, Tree, compose, read
from archspec.source.composer import ReadTree
from archspec.source.limits import INCLUDE_DEPTH

Overrides = tuple[tuple[str, Tree], ...]


class Spec(Struct, frozen=True):
    """A spec with its variant chosen: the models, the text they were read from, and what overrides the parameters.

    `overrides` go from weak to strong: those of `extends`, of the variant, and from outside (`--set`).
    """

    document: SpecDocument
    text: str
    file: str
    variant: str = ""
    overrides: Overrides = ()
    root: str = "."
    input: Tree | None = None  # an input from outside, in place of the declared one
    chain: tuple[str, ...] = ()  # the files that led here
    whole: bool = True  # nothing of the text had to be left out

    @property
    def name(self) -> str:
        """The spec's name; its file's if it has none."""
        return self.document.name or Path(self.file).stem

    @property
    def variants(self) -> tuple[str, ...]:
        """The names of its variants."""
        return tuple(self.document.variants)


def load(path_or_name: str | os.PathLike[str], variant: str | None = None, **params: Any) -> Spec:
    """Return the spec at a path or of a gallery name (`resnet`, `resnet:resnet50`, `resnet50`).

    params: override the spec's parameters, as `--set` does.

    Raises SpecError with every finding.
    """
    return _or_raise(*load_partial(path_or_name, variant, to_trees(params)))


def loads(text: str, variant: str | None = None, file: str | os.PathLike[str] = "<text>", **params: Any) -> Spec:
    """Return the spec of a text.

    Raises SpecError with every finding.
    """
    spec, found = loads_partial(text, os.fspath(file))
    return _or_raise(*configure(spec, variant or "", to_trees(params), found))


def _or_raise(spec: Spec | None, found: tuple[Diagnostic, ...]) -> Spec:
    if spec is None or any(d.is_error for d in found):
        raise SpecError(found)
    return spec


def load_partial(
    path_or_name: str | os.PathLike[str], variant: str | None = None, overrides: Overrides = ()
) -> tuple[Spec | None, tuple[Diagnostic, ...]]:
    """Return what `load` returns, or None, with every finding; never raises for the content of a file."""
    name = os.fspath(path_or_name)
    if not isinstance(path_or_name, str) and not is_path(name):
        name = os.path.join(os.curdir, name)  # a Path is never a name of the gallery
    place = locate(name)
    if isinstance(place, Diagnostic):
        return None, (place,)
    spec, found = load_location(place)
    return configure(spec, variant or place.variant, overrides, found)


def load_location(
    place: SpecLocation, root: str | None = None, chain: tuple[str, ...] = ()
) -> tuple[Spec | None, tuple[Diagnostic, ...]]:
    """Return the spec at a location, without a variant, and every finding."""
    text, found = read(place.path)
    if text is None:
        return None, tuple(replace(d, span=replace(d.span, file=place.shown)) for d in found)
    directory = root if root is not None else str(Path(place.path).resolve().parent) if place.path != "-" else "."
    here = str(Path(place.path).resolve()) if place.path != "-" else "-"
    spec, more = loads_partial(text, place.shown, directory, (*chain, here))
    return spec, (*found, *more)


def loads_partial(
    text: str, file: str, root: str = ".", chain: tuple[str, ...] = (), read: ReadTree = compose
) -> tuple[Spec | None, tuple[Diagnostic, ...]]:
    """Return the spec of a text with its `extends` followed, or None, and every finding; `read` composes the text."""
    return _with_extends(*parse_spec(text, file, read), text, file, root, chain)


def load_tree(
    tree: Mapping, file: str, root: str, chain: tuple[str, ...]
) -> tuple[Spec | None, tuple[Diagnostic, ...]]:
    """Return the spec of a tree inside another spec, whose file, root and chain it has, and every finding."""
    return _with_extends(*parse_tree(tree), "", file, root, chain)


def _with_extends(
    document: SpecDocument | None,
    found: tuple[Diagnostic, ...],
    text: str,
    file: str,
    root: str,
    chain: tuple[str, ...],
) -> tuple[Spec | None, tuple[Diagnostic, ...]]:
    if document is None:
        return None, found
    whole = not any(d.is_error for d in found)
    spec = Spec(document, text, file, root=root, chain=chain, whole=whole)
    checks = _check_variants(spec) if document.extends is None else ()
    if document.extends is not None:
        extended, more = _follow_extends(spec)
        return extended, (*found, *more)
    return spec, (*found, *checks)


def _follow_extends(spec: Spec) -> tuple[Spec | None, tuple[Diagnostic, ...]]:
    """Return the base of `extends` with this spec's parameters as overrides, variants and budget added."""
    document = spec.document
    written = document.extends
    assert written is not None
    span = _value_span(document, "extends")
    # A path is relative to the file that contains it, and must stay inside the directory of the first one.
    base_dir = Path(spec.chain[-1]).parent if spec.chain and spec.chain[-1] != "-" else Path(spec.root)
    target = resolve_include(written, Path(spec.root), base_dir)
    if isinstance(target, str):
        hint = "extends takes a gallery name, or a path such as ./other.yaml inside this directory"
        code = "SPC005" if "no gallery spec" in target else "LIM010"
        return None, (Diagnostic(code, target, span, hint=hint),)
    # Both sides are resolved paths: a link cannot hide the circle.
    if str(target) in spec.chain:
        return None, (
            Diagnostic("GRF002", f"{written} extends this spec, which extends it", span, hint="break the circle"),
        )
    if len(spec.chain) > INCLUDE_DEPTH:
        message = f"`extends` is followed {INCLUDE_DEPTH} times at most"
        return None, (Diagnostic("LIM010", message, span, hint="extend a spec nearer to the first"),)
    own = [key for key in _OWN if getattr(document, key)]
    if own:
        message = f"a spec that extends another sets params and variants only, not {', '.join(own)}"
        hint = f"write the layers out without extends, or make a parameter of {own[0]} in {written}"
        return None, (Diagnostic("SPC001", message, _key_span(document, own[0]), hint=hint),)
    # What a spec of the gallery includes lies in the gallery, outside this spec's root. A path, with a slash or not,
    # lies inside the root, which holds for what that file extends in turn.
    root = spec.root if is_path(written) else str(target.parent)
    base, found = load_location(
        SpecLocation(str(target), str(target.name) if root == spec.root else written), root, spec.chain
    )
    if base is None:
        # A file that cannot be read is reported where it is named: its own span would lead to no text.
        missing_file = [d for d in found if d.code.startswith("FIL")]
        return None, tuple(replace(d, span=span) for d in missing_file) or found
    overrides = tuple((name, d.default) for name, d in document.params.items() if d.default is not None)
    merged = base.document.model_copy(
        update={
            "name": document.name or Path(spec.file).stem,
            "about": document.about or base.document.about,
            "variants": {**base.document.variants, **document.variants},
            "budget": document.budget or base.document.budget,
        }
    )
    found = (*found, *_unknown_keys(base.document, overrides))
    # The text is this spec's, while the spans of its layers name the file of the base.
    result = replace(base, document=merged, overrides=(*base.overrides, *overrides), text=spec.text, file=spec.file)
    return result, (*found, *_check_variants(result))


def _value_span(document: SpecDocument, key: str) -> Span:
    """Return the span of a key's value."""
    tree = document.tree.get(key) if document.tree is not None else None
    return tree.span if tree is not None else document.span


def _key_span(document: SpecDocument, key: str) -> Span:
    """Return the span of a key itself."""
    tree = document.tree.get(key) if document.tree is not None else None
    return tree.key.span if tree is not None and tree.key is not None else document.span


_OWN = ("input", "inputs", "sizes", "let", "defaults", "blocks", "stem", "stages", "head", "outputs")


def _check_variants(spec: Spec) -> tuple[Diagnostic, ...]:
    found: list[Diagnostic] = []
    for variant in spec.document.variants.values():
        found.extend(_unknown_keys(spec.document, tuple(variant.values.items())))
    return tuple(found)


def _unknown_keys(document: SpecDocument, overrides: Overrides) -> tuple[Diagnostic, ...]:
    found = []
    for name, tree in overrides:
        if name not in document.params:
            close = did_you_mean(name, document.params)
            hint = f"did you mean {close}?" if close else "its parameters: " + (", ".join(document.params) or "none")
            span = tree.key.span if tree.key else tree.span
            fix = spelling_fix(name, document.params, span)
            found.append(Diagnostic("SPC001", f"the spec has no parameter {name}", span, hint=hint, fix=fix))
    return tuple(found)


def configure(
    spec: Spec | None, variant: str, overrides: Overrides, found: tuple[Diagnostic, ...] = ()
) -> tuple[Spec | None, tuple[Diagnostic, ...]]:
    """Return a spec with a variant and overrides of its parameters; new findings follow those so far."""
    spec, found = _with_variant(spec, variant, found)
    return _with_overrides(spec, overrides, found)


def _with_variant(
    spec: Spec | None, variant: str, found: tuple[Diagnostic, ...]
) -> tuple[Spec | None, tuple[Diagnostic, ...]]:
    if spec is None or not variant:
        return spec, found
    chosen = spec.document.variants.get(variant)
    if chosen is None:
        message, hint = explain_unknown_variant(spec, variant)
        return None, (*found, Diagnostic("FIL005", message, Span(spec.file, 1, 1, 1, 1), hint=hint))
    return replace(spec, variant=variant, overrides=(*spec.overrides, *chosen.values.items())), found


def explain_unknown_variant(spec: Spec, variant: str) -> tuple[str, str]:
    """Return the message and the hint for a variant that the spec does not have."""
    close = did_you_mean(variant, spec.variants)
    hint = f"did you mean {close}?" if close else "its variants: " + (", ".join(spec.variants) or "none")
    return f"{spec.name} has no variant {variant}", hint


def _with_overrides(
    spec: Spec | None, overrides: Overrides, found: tuple[Diagnostic, ...]
) -> tuple[Spec | None, tuple[Diagnostic, ...]]:
    if spec is None or not overrides:
        return spec, found
    wrong = _unknown_keys(spec.document, overrides)
    return replace(spec, overrides=(*spec.overrides, *overrides)), (*found, *wrong)


def to_trees(params: Mappings[str, Any]) -> Overrides:
    """Return Python values as the trees of a spec that has them; TypeError where YAML has no such value."""
    from archspec.source.emit_scalar import emit_json

    trees = []
    for name, value in params.items():
        try:
            text = emit_json(value)
        except TypeError:
            # A misspelt or missing keyword of the function ends here, too: what is no keyword is a parameter.
            kinds = "None, booleans, numbers, texts, and lists and mappings of them"
            raise TypeError(f"the spec's parameter {name} takes {kinds}, not {value!r}") from None
        # Composed from a text, they are the trees that lowering takes from a spec, with the same limits.
        trees.append((name, _tree(name, text)))
    return tuple(trees)


def set_argument(text: str) -> tuple[str, Tree] | Diagnostic:
    """Parse `key=value` from a command line; the value is YAML."""
    key, equals, written = text.partition("=")
    if not equals or not key.strip():
        span = Span("--set", 1, 1, 1, max(2, len(text) + 1))
        return Diagnostic(
            "SPC002", f"--set takes key=value, not {text!r}", span, hint="for example --set depths=[3,4,23,3]"
        )
    if not written.strip():
        span = Span("--set", 1, 1, 1, max(2, len(text) + 1))
        hint = f"for example --set {key.strip()}=3"
        return Diagnostic("SPC002", f"--set {key.strip()} has no value", span, hint=hint)
    tree, found = compose(written, f"--set {key.strip()}")
    wrong = next((d for d in found if d.is_error), None)
    return wrong or (key.strip(), tree) if tree is not None else found[0]


def _tree(name: str, text: str) -> Tree:
    tree, found = compose(text, f"<{name}>")
    if tree is None or any(d.is_error for d in found):
        raise SpecError(found)
    return tree
