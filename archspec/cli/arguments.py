"""Arguments that commands share: a spec, its variant, overrides and an input."""

from __future__ import annotations

import argparse
from collections.abc import Sequence as Texts

from msgspec import Struct
from msgspec.structs import replace

from archspec.diagnostics import Diagnostic, Span
from archspec.errors import SpecError
from archspec.frontend import Options, open_design
from archspec.language.load import Overrides, Spec, set_argument
from archspec.source import Mapping, Scalar, Sequence, Tree

STDIN = "<stdin>"


class Choices(Struct, frozen=True):
    """The changes of a spec: --variant, --set and --input, as they were written."""

    variant: str | None = None
    set: tuple[str, ...] = ()
    input: tuple[str, ...] = ()


def choices_of(arguments: argparse.Namespace) -> Choices:
    """Return the choices of a command's arguments, as plain data that can be sent to another process."""
    return Choices(arguments.variant, tuple(arguments.set), tuple(arguments.input))


def add_spec(parser: argparse.ArgumentParser, many: bool = False) -> None:
    """Add the SPEC argument and the options that change it."""
    about = "a path (- for standard input) or a name of the gallery: resnet, resnet:resnet50, resnet50"
    if many:
        parser.add_argument("spec", metavar="SPEC", nargs="+", help=about + "; a directory means every spec in it")
    else:
        parser.add_argument("spec", metavar="SPEC", help=about)
    add_overrides(parser)


def add_overrides(parser: argparse.ArgumentParser) -> None:
    """Add the options that choose a variant, set parameters and replace the input."""
    parser.add_argument("--variant", metavar="NAME", help="one of the spec's variants")
    parser.add_argument(
        "--set",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help="set a parameter, e.g. depths=[3,4,23,3]; repeatable",
    )
    parser.add_argument(
        "--input",
        metavar="SHAPE",
        action="append",
        default=[],
        help="another input shape without the batch: 3x256x256, or name=3x32x32 where there are several; repeatable",
    )


def add_format(parser: argparse.ArgumentParser, *formats: str) -> None:
    """Add --format; the first format is the default."""
    choices = formats or ("text", "json")
    parser.add_argument("--format", choices=choices, default=choices[0], help=f"how to print (default: {choices[0]})")


def options_of(arguments: argparse.Namespace | Choices) -> Options:
    """Return what --variant, --set and --input choose; raises SpecError for a value that cannot be read."""
    return Options(arguments.variant or "", _overrides(arguments.set), _input(arguments.input))


def spec_of(arguments: argparse.Namespace, name: str | None = None) -> Spec:
    """Return the spec of the arguments; raises SpecError with every finding."""
    document = open_design(name if name is not None else arguments.spec, options_of(arguments))
    if document.spec is None or any(d.is_error for d in document.read_diagnostics):
        raise SpecError(document.read_diagnostics)
    return document.spec


def is_in_argument(diagnostic: Diagnostic) -> bool:
    """Return whether a diagnostic is about the value of --set or --input, not about the text of a spec."""
    return diagnostic.span.file.startswith("--")  # these have the name of their option as their file


def _overrides(written: Texts[str]) -> Overrides:
    parsed = [set_argument(text) for text in written]
    wrong = [item for item in parsed if isinstance(item, Diagnostic)]
    if wrong:
        raise SpecError(wrong)
    return tuple(item for item in parsed if not isinstance(item, Diagnostic))


def _input(written: Texts[str]) -> Tree | None:
    """Return the shapes of --input as a tree: a list, or a mapping by name; None without any."""
    if not written:
        return None
    named = [text for text in written if "=" in text]
    if not named and len(written) == 1:
        return _shape(written[0], written[0])
    if len(named) != len(written):
        raise SpecError([_input_problem(written[-1], "give one shape, or name=shape for each input")])
    entries = []
    for text in written:
        name, _, shape = text.partition("=")
        key = Scalar(name, name, _span(text))
        entries.append((key, replace(_shape(shape, text), key=key)))
    return Mapping(tuple(entries), _span(written[0]))


def _shape(text: str, whole: str) -> Sequence:
    parts = text.replace("×", "x").replace(",", "x").split("x") if text else []
    parts = [part.strip() for part in parts]
    if any(not (part.isascii() and part.isdigit()) for part in parts):
        raise SpecError([_input_problem(whole, "a shape is sizes joined by x, without the batch: 3x224x224")])
    span = _span(whole)
    # Longer numbers are quadratic to read, and int() refuses them from some thousand digits on; cut to 19 digits (as
    # source.limits has it), they still exceed the limit on dimensions.
    return Sequence(tuple(Scalar(int(part.lstrip("0")[:19] or "0"), part, span) for part in parts), span)


def _input_problem(text: str, hint: str) -> Diagnostic:
    return Diagnostic("SPC002", f"--input cannot be {text!r}", _span(text), hint=hint)


def _span(text: str) -> Span:
    # At least one column, so that an empty text has a place, too.
    return Span("--input", 1, 1, 1, max(2, len(text) + 1))
