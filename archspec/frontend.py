"""The driver of the front end: a text, a path or a Spec becomes a Document, from which Graph and diagnostics follow.

Commands, the language server, the explorer and `archspec.lint` all read designs through it, so that they agree on what
a design is and what is wrong with it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from archspec.diagnostics import Diagnostic, sort_diagnostics
from archspec.ir.graph import Graph
from archspec.language.files import gallery
from archspec.language.load import Overrides, Spec, configure, load_partial, loads_partial, to_trees
from archspec.lowering import LoweringResult, lower_partial
from archspec.lowering.cache import LoweringCache
from archspec.source import Tree, compose
from archspec.source.composer import ReadTree
from archspec.source.readable import blank_unreadable

if TYPE_CHECKING:
    from archspec.linter.selection import Selection


class Options(Struct, frozen=True):
    """Choices for a spec from outside its text: a variant, values of its parameters, and an input's shape."""

    variant: str = ""
    overrides: Overrides = ()
    input: Tree | None = None

    def configure(self, spec: Spec | None, found: tuple[Diagnostic, ...]) -> tuple[Spec | None, tuple[Diagnostic, ...]]:
        """Return the spec with these options applied, and `found` with the errors in them.

        None for an unknown variant.
        """
        spec, found = configure(spec, self.variant, self.overrides, found)
        if spec is not None and self.input is not None:
            spec = replace(spec, input=self.input)
        return spec, found


AS_WRITTEN = Options()


class Source(Struct, frozen=True):
    """A text and how it is read: its name in diagnostics, the directory that it may include files from.

    `chain` are the files that lead to the text, its own last, by which circles of includes are found. `compose` makes
    the tree; a language server passes an incremental one.
    """

    text: str
    file: str = "<text>"
    root: str = "."
    chain: tuple[str, ...] = ()
    compose: ReadTree = compose

    def load(self) -> tuple[Spec | None, tuple[Diagnostic, ...]]:
        """Return the spec as it is written, or None, with every diagnostic of reading."""
        return loads_partial(self.text, self.file, self.root, self.chain, self.compose)

    def load_readable(self) -> Spec | None:
        """Return the spec of the lines that are YAML, the others read as empty; None where that makes no spec."""
        text = blank_unreadable(self.text, self.file)
        # Unchanged, it was read already, and is no spec for another reason.
        if not text.strip() or text == self.text:
            return None
        spec, _ = replace(self, text=text).load()
        return replace(spec, text=self.text, whole=False) if spec is not None else None


class Document(Struct, frozen=True, dict=True):
    """A design read as far as it goes: its spec, its Graph and its diagnostics, each computed when first used.

    `spec` is None where nothing can be made of the text, or where it has no such variant. Nothing here raises for an
    error in the design.
    """

    spec: Spec | None
    read_diagnostics: tuple[Diagnostic, ...] = ()
    """Those of reading alone; `diagnostics` has all."""
    source: Source | None = None
    """The text that the design was read from; None for a path or a Spec."""
    options: Options = AS_WRITTEN
    as_written: Spec | None = None
    """The spec before the options were applied."""
    cache: LoweringCache = field(default_factory=LoweringCache)

    @property
    def text(self) -> str:
        """The whole text, read or not."""
        if self.source is not None:
            return self.source.text
        return self.spec.text if self.spec is not None else ""

    @property
    def file(self) -> str:
        """The name of the text in diagnostics."""
        if self.source is not None:
            return self.source.file
        return self.spec.file if self.spec is not None else ""

    @property
    def variant(self) -> str:
        """The chosen variant; "" for the base."""
        return self.spec.variant if self.spec is not None else ""

    @property
    def variants(self) -> tuple[str, ...]:
        """The names of the variants that the text has."""
        return self.spec.variants if self.spec is not None else ()

    @cached_property
    def lowering(self) -> LoweringResult:
        """The Graph of the chosen variant and what lowering found."""
        return LoweringResult(None, (), 0) if self.spec is None else lower_partial(self.spec, self.cache)

    @property
    def graph(self) -> Graph | None:
        """The Graph, partial where something is wrong; None where nothing could be lowered."""
        return self.lowering.graph

    @cached_property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Every finding in the chosen variant, sorted by place."""
        return self.lint()

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """The diagnostics that keep the design from being built."""
        return tuple(d for d in self.diagnostics if d.is_error)

    @property
    def compile_errors(self) -> tuple[Diagnostic, ...]:
        """The errors of reading and lowering, sorted by place, as they were made: no lint rule has replaced any."""
        return sort_diagnostics(d for d in (*self.read_diagnostics, *self.lowering.diagnostics) if d.is_error)

    def lint(self, variants: bool = False, selection: Selection | None = None) -> tuple[Diagnostic, ...]:
        """Return what reading, lowering and the selected rules find; with `variants` in each variant of the spec."""
        # Commands that only lower a design, such as `archspec summarize`, start faster without the linter.
        from archspec.linter.engine import EVERYTHING, lint_spec

        # Lowered here, so that who looks at the Graph as well does not lower twice.
        base = self.lowering if self.spec is not None else None
        return lint_spec(self.spec, self.read_diagnostics, variants, selection or EVERYTHING, self.cache, base)

    def recover(self) -> Document:
        """Return the document with a spec where it has none, if there is any way to get one.

        An unknown variant becomes the base, and lines that are not YAML are read as empty. The diagnostics still say
        what was wrong.
        """
        if self.spec is not None or self.source is None:
            return self
        found, chosen, spec = self.read_diagnostics, None, self.as_written
        if spec is None:
            # Only a text that is not YAML comes here: an unknown variant leaves `as_written` set.
            spec = self.source.load_readable()
            chosen, found = self.options.configure(spec, found)
        if chosen is None:
            chosen, _ = replace(self.options, variant="").configure(spec, ())
        return replace(self, spec=chosen, read_diagnostics=found, as_written=spec)


def open_text(source: Source, options: Options = AS_WRITTEN, cache: LoweringCache | None = None) -> Document:
    """Return the document of a text; calls with the same cache share what they lower."""
    as_written, found = source.load()
    spec, found = options.configure(as_written, found)
    return Document(spec, found, source, options, as_written, LoweringCache() if cache is None else cache)


def open_design(path_or_name: str | os.PathLike[str], options: Options = AS_WRITTEN) -> Document:
    """Return the document of a path or a gallery name; a name may choose a variant, which the options override."""
    spec, found = load_partial(path_or_name, options.variant, options.overrides)
    # `load_partial` has applied the overrides, and the variant, which a name such as `resnet50` may choose.
    if spec is not None and options.input is not None:
        spec = replace(spec, input=options.input)
    return Document(spec, found, None, options, spec)


def open_spec(spec: Spec) -> Document:
    """Return the document of a spec that has been read without an error."""
    return Document(spec, as_written=spec)


def analyze(
    text: str,
    variant: str = "",
    *,
    input: Iterable[int] | None = None,
    file: str | os.PathLike[str] = "<text>",
    root: str | os.PathLike[str] | None = None,
    cache: LoweringCache | None = None,
) -> Document:
    """Return what can be made of a text that may be wrong: its spec, partial Graph and diagnostics. Never raises.

    variant: one of the text's variants; for an unknown one the base is analysed, and a diagnostic reports it.
    input: another shape than the declared one, for a spec with one input.
    file: the name of the text in the diagnostics.
    root: the directory that `extends` and `network` may read, and nothing outside of it (default: the gallery's).
    cache: keeps the work for the next version of the text.
    """
    source = Source(text, os.fspath(file), str(gallery()) if root is None else os.fspath(root))
    shape = None if input is None else to_trees({"input": list(input)})[0][1]
    return open_text(source, Options(variant, (), shape), cache).recover()
