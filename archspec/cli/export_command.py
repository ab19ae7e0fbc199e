"""archspec export: a design taken away, as plain PyTorch, as JSON, or as one spec without variants."""

from __future__ import annotations

import argparse
import os
from pathlib import PurePath

from archspec.api.write import to_python
from archspec.cli.arguments import add_format, add_spec, spec_of
from archspec.cli.exit_codes import CLEAN
from archspec.cli.formats.report import as_json
from archspec.cli.output_option import refuse_unwritable, write_output
from archspec.errors import UsageError
from archspec.ir.as_json import to_json
from archspec.language.flatten import flatten
from archspec.language.load import Spec
from archspec.lowering import lower

FORMS = ("python", "json", "spec")
SUFFIXES = {".py": "python", ".json": "json", ".yaml": "spec", ".yml": "spec"}
EXAMPLES = (
    "export resnet50 > resnet50.py",
    "export net.yaml --variant small -o net.py",
    "export net.yaml -o net.json",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add one spec, the form, and the file."""
    add_spec(parser)
    parser.add_argument(
        "--to",
        choices=FORMS,
        help="python: one file that imports torch alone; json: the graph; spec: the spec with `extends`, variant and "
        "--set worked in (default: what the suffix of FILE says, else python)",
    )
    parser.add_argument("-o", "--output", metavar="FILE", help="write to FILE instead of printing; - prints")
    add_format(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print or write the design in the chosen form; a broken design is refused with all its errors."""
    spec = spec_of(arguments)
    path = None if arguments.output in (None, "-") else arguments.output
    # samefile, not equal names: a link or another way to write the path would destroy the spec as well.
    if path is not None and os.path.exists(path) and os.path.exists(spec.file) and os.path.samefile(path, spec.file):
        raise UsageError(f"-o {path} is the spec itself, whose comments and variants would be lost: name another file")
    if path is not None:
        refuse_unwritable(path)
    form = arguments.to or SUFFIXES.get(PurePath(path or "").suffix.lower(), "python")
    text = _text(spec, form)
    if path is not None:
        write_output(arguments, text)
    if arguments.format == "json":
        what = {"text": text} if path is None else {"file": path}
        print(as_json({"name": spec.name, "variant": spec.variant, "to": form, **what}))
    elif path is None:
        print(text, end="")
    return CLEAN


def _text(spec: Spec, form: str) -> str:
    graph = lower(spec)
    if form == "spec":
        return flatten(spec).rstrip("\n") + "\n"
    if form == "json":
        return to_json(graph)
    try:
        return to_python(graph)
    except ValueError as error:
        raise UsageError(str(error)) from None
