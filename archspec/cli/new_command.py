"""archspec new: a spec to begin with, of a task or as a copy of another."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from archspec.cli.exit_codes import CLEAN
from archspec.cli.output_option import refuse_unwritable, write
from archspec.cli.spec_files import SUFFIXES
from archspec.errors import SpecError, UsageError
from archspec.frontend import Options, Source, open_design, open_text
from archspec.language.rewrite import rewrite
from archspec.source.emit_scalar import emit_text

TASKS = {
    "classify": "pictures to classes",
    "segment": "pictures to a class for each pixel",
    "sequence": "tokens to the next token",
    "table": "rows of numbers to classes or a number",
}
TEMPLATES = Path(__file__).parent / "templates"
EXAMPLES = (
    "new net",
    "new nets/unet.yaml --task segment",
    "new mine --from resnet50",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the name, and what the spec begins as."""
    parser.add_argument("name", metavar="NAME", help="of the file, with or without .yaml, and of the network")
    how = parser.add_mutually_exclusive_group()
    about = "; ".join(f"{task}: {what}" for task, what in TASKS.items())
    how.add_argument("--task", choices=TASKS, help=f"{about} (default: classify)")
    about = (
        "copy this spec, a path or a name of the gallery: its whole text, with the values of the variant that it names"
    )
    how.add_argument("--from", metavar="SPEC", dest="source", help=about)
    parser.add_argument("--force", action="store_true", help="replace a file that exists")


def run(arguments: argparse.Namespace) -> int:
    """Write the spec; a file that exists is never replaced without --force."""
    path = arguments.name if arguments.name.endswith(SUFFIXES) else f"{arguments.name}.yaml"
    name = Path(path).stem
    if name in ("", *SUFFIXES):
        raise UsageError(f"{arguments.name!r} is no name of a file, such as net or nets/net.yaml")
    # Before the file is looked for, so that a wrong SPEC is reported in any case.
    if arguments.source is not None:
        text = _copy(arguments.source, name)
    else:
        text = _of_task(arguments.task or "classify", name, path)
    # lexists: a link that leads nowhere is there, too.
    if os.path.lexists(path) and not arguments.force:
        raise UsageError(f"{path} exists; --force replaces it")
    _refuse_incomplete(text, path)
    refuse_unwritable(path)
    write(arguments, path, text)
    return CLEAN


def _of_task(task: str, name: str, path: str) -> str:
    text = (TEMPLATES / f"{task}.yaml").read_text(encoding="utf-8")
    return text.replace("name: NAME", f"name: {emit_text(name)}", 1).replace("FILE", path)


def _refuse_incomplete(text: str, path: str) -> None:
    """Raise UsageError for a text that has errors at its place, where a file that it includes is out of reach."""
    directory = os.path.realpath(os.path.dirname(path) or ".")
    errors = open_text(Source(text, path, directory)).compile_errors
    if errors:
        raise UsageError(f"{errors[0]}: it includes files of its own folder; write the copy there")


def _copy(source: str, name: str) -> str:
    document = open_design(source, Options())
    if document.spec is None or any(d.is_error for d in document.compile_errors):
        raise SpecError(document.compile_errors)
    return rewrite(document.spec, name)
