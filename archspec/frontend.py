"""A text read as far as it goes: its spec, its Graph and what is wrong, for who shows it while it grows."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from archspec.diagnostics import Diagnostic
from archspec.ir.graph import Graph
from archspec.language.files import gallery
from archspec.language.load import Spec, configured, loads_partial, trees
from archspec.linter.engine import lint_spec
from archspec.lowering import lower_partial
from archspec.lowering.cache import LoweringCache
from archspec.source.readable import readable


class Study(Struct, frozen=True):
    """What a text comes to, with one variant chosen.

    `graph` is partial where something is wrong, and None where nothing can be made of the text. `variant` is "" where
    the text has none of the name that was asked for, which the findings say.
    """

    text: str
    file: str
    variant: str
    spec: Spec | None
    graph: Graph | None
    findings: tuple[Diagnostic, ...]

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """The findings that keep it from being built."""
        return tuple(d for d in self.findings if d.is_error)

    @property
    def variants(self) -> tuple[str, ...]:
        """The variants that the text has."""
        return self.spec.variants if self.spec is not None else ()


def study(
    text: str,
    variant: str = "",
    *,
    input: Iterable[int] | None = None,
    file: str = "<text>",
    root: str | None = None,
    cache: LoweringCache | None = None,
) -> Study:
    """Everything about a text and one of its variants; never raises for what the text says.

    `input`: another shape than the declared one, for a spec with one input.
    `root`: the directory that `extends` and `network` may read, and nothing outside of it (default: the gallery's).
    `cache` keeps the work for the next version of the text. Findings are those of this variant alone.
    """
    cache = LoweringCache() if cache is None else cache
    root = str(gallery()) if root is None else root
    spec, found = loads_partial(text, file, root)
    if spec is None:
        again = readable(text, file)
        part = loads_partial(again, file, root)[0] if again.strip() and again != text else None
        spec = replace(part, text=text, whole=False) if part is not None else None
    if spec is None:
        return Study(text, file, "", None, None, lint_spec(None, found))
    chosen, found = configured(spec, variant, (), found)
    spec, variant = (spec, "") if chosen is None else (chosen, variant)
    if input is not None:
        spec = replace(spec, input=trees({"input": list(input)})[0][1])
    findings = lint_spec(spec, found, variants=False, cache=cache)
    return Study(text, file, variant, spec, lower_partial(spec, cache)[0], findings)
