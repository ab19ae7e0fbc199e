"""archspec diff: what differs between two specs, two variants, or two git revisions of a spec."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager

from archspec.cli.arguments import add_format, add_overrides, partial_spec, with_options
from archspec.cli.exits import CLEAN, FINDINGS, UsageError
from archspec.diagnostics import Diagnostic, SpecError
from archspec.diff.comparing import diff_specs
from archspec.diff.difference import Difference
from archspec.diff.revisions import at_revision
from archspec.ir.graph import Graph
from archspec.lower import lower
from archspec.spec.files import SUFFIXES, is_path, locate
from archspec.spec.load import Spec, configured, load_place


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Two specs; or one spec, and revisions or variants of it."""
    about = "a path, path:variant, a name of the gallery (resnet:resnet50), or REVISION:path of a git revision"
    parser.add_argument("before", metavar="A", help=about)
    parser.add_argument("after", metavar="B", nargs="?", help="the same; left out with --git and --variants")
    how = parser.add_mutually_exclusive_group()
    how.add_argument(
        "--git", metavar="REV[..REV]", help="compare A as it was in a revision with the file as it is, or two revisions"
    )
    how.add_argument("--variants", metavar=("V", "W"), nargs=2, help="compare two variants of A")
    parser.add_argument("--exit-code", action="store_true", help="exit with 1 if there is a difference")
    add_overrides(parser)
    add_format(parser, "text", "json", "markdown")


def run(arguments: argparse.Namespace) -> int:
    """Print the difference; the findings of a spec that is wrong."""
    texts: dict[str, str] = {}
    try:
        difference = _difference(arguments, texts)
    except SpecError as error:
        from archspec.cli.findings import report

        return report(error.diagnostics, "json" if arguments.format == "json" else "text", texts)
    print(_rendered(difference, arguments.format))
    return FINDINGS if arguments.exit_code and difference else CLEAN


def _rendered(difference: Difference, form: str) -> str:
    if form == "json":
        from archspec.cli.formats.report import as_json

        return as_json(difference.to_dict())
    if form == "markdown":
        from archspec.cli.diff_markdown import markdown

        return markdown(difference)
    from archspec.cli.diff_text import text

    return text(difference)


def _difference(arguments: argparse.Namespace, texts: dict[str, str]) -> Difference:
    """Both sides read and compared; raises SpecError with the findings of either."""
    sides: list[tuple[Spec, Graph]] = []
    found: list[Diagnostic] = []
    for name, variant, revision in _sides(arguments):
        try:
            with _opened(arguments, name, variant, revision, texts) as spec:
                sides.append((spec, lower(spec)))
        except SpecError as error:
            found.extend(error.diagnostics)
    if found:
        raise SpecError(dict.fromkeys(found))
    (before, lowered), (after, lowered_after) = sides
    return diff_specs(before, lowered, after, lowered_after)


def _sides(arguments: argparse.Namespace) -> list[tuple[str, str, str]]:
    """Both sides: the name, the variant and the revision that the arguments give them."""
    a, b, variant = arguments.before, arguments.after, arguments.variant or ""
    if arguments.git is None and arguments.variants is None:
        if b is None:
            raise UsageError("diff takes two specs, or one with --git or --variants")
        return [(a, variant, ""), (b, variant, "")]
    if b is not None:
        raise UsageError("with --git or --variants diff takes one spec")
    if arguments.variants is not None:
        if variant:
            raise UsageError("--variants names both variants; leave --variant out")
        return [(a, arguments.variants[0], ""), (a, arguments.variants[1], "")]
    first, dots, second = arguments.git.partition("..")
    if not first or (dots and (not second or second.startswith("."))):
        raise UsageError(f"--git takes one revision, or two with .. between: HEAD~3..HEAD, not {arguments.git}")
    return [(a, variant, first), (a, variant, second)]


@contextmanager
def _opened(
    arguments: argparse.Namespace, name: str, variant: str, revision: str, texts: dict[str, str]
) -> Iterator[Spec]:
    """One side's spec, as long as the files are there that it may include."""
    chosen = argparse.Namespace(variant=variant or None, set=arguments.set, input=arguments.input)
    from_root = False
    path, inner, shown = name, "", ""
    if revision:
        place = locate(name)
        if isinstance(place, Diagnostic):
            raise SpecError([place])
        path, inner, shown = place.path, place.variant, place.shown
    elif _names_revision(name):
        revision, _, path = name.partition(":")
        path, inner = _variant_of(path)
        from_root = True
    if not revision and not from_root:
        yield _right(*partial_spec(chosen, name))
        return
    if path == "-":
        raise UsageError("standard input has no revisions; name a file")
    with at_revision(revision, path, from_root, shown) as (place, text):
        texts[place.shown] = text
        spec, found = load_place(place)
        spec, found = configured(spec, inner, (), found) if inner and not variant else (spec, found)
        yield _right(*with_options(chosen, spec, found))


def _names_revision(name: str) -> bool:
    """Whether a name is REVISION:path; a file of that very name is a file."""
    _, colon, path = name.partition(":")
    return bool(colon) and is_path(_variant_of(path)[0]) and not os.path.lexists(name) and not _is_variant(name)


def _is_variant(name: str) -> bool:
    """Whether a name is path.yaml:variant."""
    return name.partition(":")[0].endswith(SUFFIXES)


def _variant_of(path: str) -> tuple[str, str]:
    """A path, and the variant that it may end in."""
    before, colon, variant = path.rpartition(":")
    return (before, variant) if colon and before.endswith(SUFFIXES) else (path, "")


def _right(spec: Spec | None, found: tuple[Diagnostic, ...]) -> Spec:
    if spec is None or any(d.is_error for d in found):
        raise SpecError(found)
    return spec
