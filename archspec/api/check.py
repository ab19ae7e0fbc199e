"""Check designs: findings, the Graph, valid input sizes."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from archspec.design import Design, to_graph, to_spec
from archspec.ir.graph import Graph

if TYPE_CHECKING:
    from archspec.analysis.valid_sizes.report import ValidSizes
    from archspec.diagnostics import Diagnostic
    from archspec.lowering.cache import LoweringCache


def lint(
    design: Design,
    variant: str | None = None,
    *,
    file: str | os.PathLike[str] = "<text>",
    variants: bool = True,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    **params: Any,
) -> tuple[Diagnostic, ...]:
    """Return every finding in a design, sorted by place; empty where there is none. No error of a spec is raised.

    design: a path, a gallery name, the text of a spec (anything with a line break in it) or a Spec.
    file: the name of a text in the findings.
    variants: check every variant, unless one is chosen; a finding that not all of them have names those that do.
    select, ignore: choose rules by code, or by the beginning of one.

    Raises TypeError for a Graph, which no longer has the text that findings point into.
    """
    from archspec.frontend import Options, Source, open_design, open_spec, open_text
    from archspec.language.load import to_trees
    from archspec.linter.selection import Selection

    selection = Selection(tuple(select), tuple(ignore))
    if not isinstance(design, str | os.PathLike):
        return open_spec(to_spec(design, variant, params)).lint(False, selection)
    options = Options(variant or "", to_trees(params))
    # No path or gallery name has a line break.
    if isinstance(design, str) and "\n" in design:
        return open_text(Source(design, os.fspath(file)), options).lint(variants, selection)
    return open_design(design, options).lint(variants, selection)


def lower(design: Design, variant: str | None = None, *, cache: LoweringCache | None = None, **params: Any) -> Graph:
    """Return the Graph of a design: every layer with its shape, parameters and origin.

    cache: a LoweringCache that several calls share; designs of one family then share their common blocks, which
        makes a sweep over parameters several times faster.

    Raises SpecError, which carries every finding, for a spec that is wrong.
    """
    return to_graph(design, variant, params, cache)


def valid_sizes(design: Design, variant: str | None = None, *, pinned: bool = True, **params: Any) -> ValidSizes:
    """Return all sizes of the inputs' free axes (height, width, depth, length) at which a network works.

    pinned: count what a built module bakes in, such as the inputs of a linear layer; otherwise the answer says which
        sizes the spec could declare instead. A tensor added by silent broadcast counts as a failure.
    """
    # A local import: it hides the public function in this body alone.
    from archspec.analysis.valid_sizes.solve import valid_sizes

    return valid_sizes(to_graph(design, variant, params), pinned=pinned)
