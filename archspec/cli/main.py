"""The command line: arguments to public functions to an exit code."""

from __future__ import annotations

import argparse
import atexit
import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from itertools import pairwise
from typing import Any, NoReturn

import archspec
from archspec.cli.exit_codes import CRASH, INTERRUPTED, PIPE_CLOSED, USAGE
from archspec.errors import SpecError, UsageError

GROUPS = {
    "Inspect": {
        "list": "name the gallery's specs and variants, the library's blocks, and the ops",
        "show": "print a spec, its graph, or a block's source",
        "summarize": "print shapes, parameters and costs",
        "draw": "draw a network, stage by stage, block by block or op by op",
        "plot": "draw a chart: the cost of each stage, or the receptive field by depth",
    },
    "Check": {
        "lint": "check specs and say what is wrong, where and how to fix it",
        "explain": "explain a code that lint prints",
        "valid-sizes": "print every input size that works",
        "audit": "set parameters and MACs beside what other counters say, each difference explained",
    },
    "Predict": {
        "memory": "predict the memory of a training step: its peak, where it is, and the largest batch",
        "latency": "predict the time of a forward pass or a training step on a device, op by op",
        "calibrate": "measure the device at hand: a profile for latency",
    },
    "Run": {
        "build": "build the torch module, and push a batch through it",
        "smoke": "run a design on random data: does it train, how fast, with how much memory",
        "learn": "train a design for a short while on small real data: can it learn, and how well",
        "gradient-flow": "measure the norms of gradients and activations by depth, with and without shortcuts",
    },
    "Compare": {
        "diff": "compare two specs, variants or git revisions: layers, parameters, costs",
    },
    "Tools": {
        "export": "take a design away: plain PyTorch, the graph as JSON, or one spec",
        "app": "open the explorer: edit a design in a browser and see what it becomes",
        "lsp": "serve an editor: findings, hovers, completion, definitions, fixes",
        "schema": "print the JSON Schema of the language",
    },
}
COMMANDS = {name: about for group in GROUPS.values() for name, about in group.items()}
# Still accepted, and in no list: scripts may have the shorter words.
SHORT = {"gradflow": "gradient-flow", "graph": "draw", "sizes": "valid-sizes", "summary": "summarize"}
WIDEST = 100  # columns of the list of commands


class Parser(argparse.ArgumentParser):
    """An argparse parser that reports errors as JSON under `--format json`."""

    def error(self, message: str) -> NoReturn:
        """Report what is wrong with the arguments; exit code 2."""
        # The arguments are not parsed yet, since they are wrong: the words themselves are searched.
        if _is_json_wanted(sys.argv[1:] if self.words is None else self.words):
            _print_json_error(message)
            raise SystemExit(USAGE)
        super().error(message)

    words: Sequence[str] | None = None

    def add_argument(self, *names: Any, **options: Any) -> argparse.Action:
        """Add an argument as argparse does, without the terminal's width.

        argparse checks each argument with a formatter, which imports shutil and asks the terminal: 3 ms of a lint.
        """
        chosen, self.formatter_class = self.formatter_class, _fixed_width
        try:
            return super().add_argument(*names, **options)
        finally:
            self.formatter_class = chosen


def _fixed_width(prog: str) -> argparse.HelpFormatter:
    return argparse.HelpFormatter(prog, width=80)


class TopParser(Parser):
    """The parser of `archspec` itself, whose help lists the commands by group."""

    def format_help(self) -> str:
        """Return the help; the list of commands is laid out here, since hardly any run prints it."""
        self.description = f"{self.description}\n\n{_command_list()}"
        return super().format_help()


def _command_list() -> str:
    import shutil
    import textwrap

    width = min(WIDEST, shutil.get_terminal_size().columns)
    indent = max(map(len, COMMANDS)) + 4
    lines = []
    for title, commands in GROUPS.items():
        lines.append(f"{title}:")
        for name, about in commands.items():
            first = f"  {name}".ljust(indent)
            lines.append(textwrap.fill(about, width, initial_indent=first, subsequent_indent=" " * indent))
        lines.append("")
    return "\n".join(lines).rstrip()


def _is_json_wanted(words: Sequence[str]) -> bool:
    return "--format=json" in words or ("--format", "json") in pairwise(words)


def make_parser(words: Sequence[str]) -> Parser:
    """Return the parser of a command line; only the command that it names is imported, and has a parser."""
    top = TopParser(
        prog="archspec",
        usage="archspec [-h] [--version] COMMAND ...",
        description="Design neural networks as layers plus skip connections, in YAML.",
        epilog="exit codes: 0 fine, 1 findings, 2 wrong arguments or unreadable files, 101 a bug in archspec",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.words = words
    top.add_argument("--version", action="version", version=f"archspec {archspec.__version__}")
    commands = top.add_subparsers(
        dest="command", metavar="COMMAND", required=True, parser_class=Parser, prog="archspec", help=argparse.SUPPRESS
    )
    # The options before the command are flags without a value, so that the first other word is the command.
    written = next((word for word in words if not word.startswith("-")), None)
    if written is None:
        return top
    name = SHORT.get(written, written)
    if name not in COMMANDS:
        from archspec.diagnostics import did_you_mean

        near = did_you_mean(name, COMMANDS)
        hint = f"did you mean {near}?" if near else "archspec --help lists them"
        top.error(f"there is no command {name!r}; {hint}")
    about = COMMANDS[name]
    # Under the word that was written, which may be a short one; the usage shows the full name.
    command = commands.add_parser(written, description=about[0].upper() + about[1:] + ".", prog=f"archspec {name}")
    command.words = words
    module = import_module(f"archspec.cli.{name.replace('-', '_')}_command")
    module.add_arguments(command)
    command.set_defaults(run=module.run)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line (of this process if None) and return the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    if argv is None:  # a short process that keeps most of what it allocates: collecting garbage seldom pays
        gc.set_threshold(100_000, 50, 50)
        # The last collection took a tenth of a lint, and memory is released with the process.
        atexit.register(gc.freeze)
    _print_utf8()
    try:
        arguments = make_parser(words).parse_args(words)
    # argparse exits by itself, after --help as well; main() returns its code, so that tests and programs can call it.
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else USAGE
    except KeyboardInterrupt:
        return INTERRUPTED
    try:
        code = _run(arguments)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        # The reader (head, less) has gone; what it has not seen may hold findings, so that this is not clean.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else the last flush fails
        return PIPE_CLOSED
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        return _crashed(arguments, error)


def _run(arguments: argparse.Namespace) -> int:
    """Run the command; report what it refuses, in whose report there may be a bug as well as in the command."""
    try:
        return int(arguments.run(arguments))
    except SpecError as error:
        from archspec.cli.findings import report

        return report(error.diagnostics, _form(arguments))
    except (UsageError, ImportError) as error:
        return _fail(arguments, str(error))


def _form(arguments: argparse.Namespace) -> str:
    return getattr(arguments, "format", None) or "text"


def _crashed(arguments: argparse.Namespace, error: Exception) -> int:
    """Report a bug of archspec with its place, and with the whole traceback under ARCHSPEC_DEBUG; exit code 101."""
    import traceback

    frames = traceback.extract_tb(error.__traceback__)
    at = f" at {os.path.basename(frames[-1].filename)}:{frames[-1].lineno}" if frames else ""
    message = f"archspec has a bug: {type(error).__name__}: {error}{at}"
    if _form(arguments) == "json":
        _print_json_error(message)
    print(message, file=sys.stderr)
    if os.environ.get("ARCHSPEC_DEBUG"):
        traceback.print_exception(error)
    else:
        print("nothing has been checked or is certain; please report it", file=sys.stderr)
        print("with the spec, `archspec --version` and what ARCHSPEC_DEBUG=1 prints in addition", file=sys.stderr)
    return CRASH


def _fail(arguments: argparse.Namespace, message: str) -> int:
    """Report why a command cannot go on; exit code 2."""
    if _form(arguments) == "json":
        _print_json_error(message)
    else:
        print(f"archspec: {message}", file=sys.stderr)
    return USAGE


def _print_json_error(message: str) -> None:
    import json  # most runs print none

    print(json.dumps({"error": message}, ensure_ascii=False))


def _print_utf8() -> None:
    """Make standard output and error print UTF-8: shapes have a ×, which old encodings lack."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        # What has taken the place of a stream (a StringIO, a test's capture) need not have it.
        if callable(reconfigure):
            # File names that are not UTF-8 are read with surrogates, which no encoding can print.
            reconfigure(encoding="utf-8", errors="backslashreplace")


if __name__ == "__main__":
    sys.exit(main())
