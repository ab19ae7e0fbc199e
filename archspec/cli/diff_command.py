"""archspec diff: what differs between two specs, two variants, or two git revisions of a spec."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager

from archspec.analysis.summary import LEVELS
from archspec.cli.arguments import add_format, add_overrides, options_of
from archspec.cli.exit_codes import CLEAN, FINDINGS
from archspec.cli.output_option import add_output, format_of, write_output
from archspec.cli.time_limit_option import add_time_limit
from archspec.comparison.compare import compare_specs, require_valid
from archspec.comparison.difference import Difference
from archspec.comparison.revisions import at_revision, open_revision, parse_revision_path
from archspec.diagnostics import Diagnostic
from archspec.errors import SpecError, UsageError
from archspec.frontend import open_design
from archspec.ir.graph import Graph
from archspec.language.load import Spec
from archspec.lowering import lower

FORMATS = (
    "svg",
    "png",
    "pdf",
    "dot",
)  # those of archspec.views.comparison, which is imported only to draw a picture

EXAMPLES = (
    "diff resnet50 resnet101",
    "diff net.yaml --git HEAD~1",
    "diff net.yaml --variants small large",
    "diff a.yaml b.yaml -o difference.svg",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add two specs; or one spec, and revisions or variants of it."""
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
    add_output(parser, FORMATS, also="write a picture of both side by side as well")
    parser.add_argument("--level", choices=LEVELS, default="block", help="what a box of -o is (default: block)")
    add_time_limit(parser)
    add_format(parser, "text", "json", "markdown")


def run(arguments: argparse.Namespace) -> int:
    """Print the difference; the findings of a spec that is wrong."""
    form = format_of(arguments.output, FORMATS) if arguments.output is not None else ""
    texts: dict[str, str] = {}
    try:
        before, after, difference = _difference(arguments, texts)
    except SpecError as error:
        from archspec.cli.findings import report_errors

        return report_errors(error.diagnostics, arguments.format, texts)
    if form:
        _write(before, after, difference, form, arguments)
    print(_rendered(difference, arguments.format))
    return FINDINGS if arguments.exit_code and difference else CLEAN


def _write(before: Graph, after: Graph, difference: Difference, form: str, arguments: argparse.Namespace) -> None:
    from archspec.errors import PictureError
    from archspec.views.comparison.draw import render_difference

    try:
        picture = render_difference(before, after, difference, arguments.level, form, arguments.time_limit)
    except PictureError as error:
        raise UsageError(str(error)) from None
    write_output(arguments, picture)


def _rendered(difference: Difference, form: str) -> str:
    if form == "json":
        from archspec.cli.formats.report import as_json

        return as_json(difference.to_dict())
    if form == "markdown":
        from archspec.cli.diff_markdown import render_markdown

        return render_markdown(difference)
    from archspec.cli.diff_text import render_text

    return render_text(difference)


def _difference(arguments: argparse.Namespace, texts: dict[str, str]) -> tuple[Graph, Graph, Difference]:
    """Return both graphs and their difference; raises SpecError with the findings of either side."""
    sides: list[tuple[Spec, Graph]] = []
    found: list[Diagnostic] = []
    for name, variant, revision in _sides(arguments):
        try:
            with _opened(arguments, name, variant, revision, texts) as spec:
                sides.append((spec, lower(spec)))
        except SpecError as error:
            found.extend(error.diagnostics)
    if found:
        # Both sides may be variants of one file, whose errors are reported once.
        raise SpecError(dict.fromkeys(found))
    (before, lowered), (after, lowered_after) = sides
    return lowered, lowered_after, compare_specs(before, lowered, after, lowered_after)


def _sides(arguments: argparse.Namespace) -> list[tuple[str, str, str]]:
    """Return the name, the variant and the revision of each side."""
    a, b, variant = arguments.before, arguments.after, arguments.variant or ""
    if arguments.git is None and arguments.variants is None:
        if b is None:
            raise UsageError("diff takes two specs, or one with --git or --variants")
        if a == b == "-":
            raise UsageError("standard input is read once, so that - can be one of the two specs alone")
        return [(a, variant, ""), (b, variant, "")]
    if b is not None:
        raise UsageError("with --git or --variants diff takes one spec")
    if arguments.variants is not None:
        if variant:
            raise UsageError("--variants names both variants; leave --variant out")
        return [(a, arguments.variants[0], ""), (a, arguments.variants[1], "")]
    first, dots, second = arguments.git.partition("..")
    # `A...B` compares with the merge base in git; refused, as it would be read as `A` and `.B`.
    if not first or (dots and (not second or second.startswith("."))):
        raise UsageError(f"--git takes one revision, or two with .. between: HEAD~3..HEAD, not {arguments.git}")
    return [(a, variant, first), (a, variant, second)]


@contextmanager
def _opened(
    arguments: argparse.Namespace, name: str, variant: str, revision: str, texts: dict[str, str]
) -> Iterator[Spec]:
    """Yield one side's spec; the files that it may include exist until the end of the block."""
    if name == "-" and revision:
        raise UsageError("standard input has no revisions; name a file")
    past = at_revision(revision, name) if revision else parse_revision_path(name)
    if past is None:
        chosen = argparse.Namespace(variant=variant or None, set=arguments.set, input=arguments.input)
        document = open_design(name, options_of(chosen))
        yield require_valid(document.spec, document.read_diagnostics)
        return
    chosen = argparse.Namespace(variant=variant or past.variant, set=arguments.set, input=arguments.input)
    # The past text is in no file that the report could read its lines from.
    with open_revision(past) as read:
        texts[read.shown] = read.text
        yield require_valid(*options_of(chosen).configure(read.spec, read.found))
