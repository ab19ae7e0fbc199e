"""The command line: arguments to public functions to an exit code."""

from __future__ import annotations

import argparse
import atexit
import gc
import json
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from itertools import pairwise
from typing import Any, NoReturn

import archspec
from archspec.cli.exits import CRASH, INTERRUPTED, PIPE_CLOSED, USAGE
from archspec.errors import SpecError, UsageError

COMMANDS = {
    "list": "name the gallery's specs and variants, the library's blocks, and the ops",
    "show": "print a spec, its graph, or a block's source",
    "lint": "check specs and say what is wrong, where and how to mend it",
    "summary": "print shapes, parameters and costs",
    "plot": "draw a chart: the cost of each stage, or the receptive field by depth",
    "graph": "draw a network, stage by stage, block by block or op by op",
    "sizes": "print every input size that works",
    "memory": "predict the memory of a training step: its peak, where it is, and the largest batch",
    "latency": "predict the time of a forward pass or a training step on a device, op by op",
    "diff": "compare two specs, variants or git revisions: layers, parameters, costs",
    "build": "build the torch module, and push a batch through it",
    "smoke": "run a design on random data: does it train, how fast, with how much memory",
    "learn": "train a design for a short while on small real data: can it learn, and how well",
    "gradflow": "measure the norms of gradients and activations by depth, with and without shortcuts",
    "calibrate": "measure the device at hand: a profile for latency",
    "audit": "set parameters and MACs beside what other counters say, each difference explained",
    "export": "take a design away: plain PyTorch, the graph as JSON, or one spec",
    "app": "open the explorer: edit a design in a browser and see what it becomes",
    "explain": "explain a code that lint prints",
    "schema": "print the JSON Schema of the language",
    "lsp": "serve an editor: findings, hovers, completion, definitions, fixes",
}


class Parser(argparse.ArgumentParser):
    """argparse whose errors are JSON where JSON was asked for."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the arguments; exit code 2."""
        if _asks_for_json(sys.argv[1:] if self.given is None else self.given):
            print(json.dumps({"error": message}, ensure_ascii=False))
            raise SystemExit(USAGE)
        super().error(message)

    given: Sequence[str] | None = None


def _asks_for_json(given: Sequence[str]) -> bool:
    return "--format=json" in given or ("--format", "json") in pairwise(given)


def parser(given: Sequence[str]) -> Parser:
    """The parser; only the command that is asked for is imported."""
    top = Parser(
        prog="archspec",
        description="Design neural networks as layers plus skip connections, in YAML.",
        epilog="exit codes: 0 fine, 1 findings, 2 wrong arguments or unreadable files, 101 a bug in archspec",
    )
    top.given = given
    top.add_argument("--version", action="version", version=f"archspec {archspec.__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=Parser)
    asked = next((word for word in given if not word.startswith("-")), None)
    for name, about in COMMANDS.items():
        command = commands.add_parser(name, help=about, description=about[0].upper() + about[1:] + ".")
        command.given = given
        if name == asked:
            module = _module(name)
            module.add_arguments(command)
            command.set_defaults(run=module.run)
    return top


def _module(name: str) -> Any:
    return import_module("archspec.cli." + {"list": "listing"}.get(name, f"{name}_command"))


def main(given: Sequence[str] | None = None) -> int:
    """Run a command; the exit code."""
    words = list(sys.argv[1:] if given is None else given)
    if given is None:  # this process is ours: it makes much that stays and ends soon, so garbage is rarely looked for
        gc.set_threshold(100_000, 50, 50)
        atexit.register(gc.freeze)  # what is left at the end goes with the process: a tenth of a lint was looking at it
    # A plugin would look into every validation; to look for one reads every installed package's metadata.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    _print_utf8()
    try:
        arguments = parser(words).parse_args(words)
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else USAGE
    except KeyboardInterrupt:
        return INTERRUPTED
    try:
        code = arguments.run(arguments)
        sys.stdout.flush()
        return int(code)
    except SpecError as error:
        from archspec.cli.findings import report

        return report(error.diagnostics, _form(arguments))
    except (UsageError, ImportError) as error:
        return _fail(arguments, str(error))
    except BrokenPipeError:
        # The reader (head, less) has gone; what it has not seen may hold findings, so that this is not clean.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else the last flush fails
        return PIPE_CLOSED
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        return _crashed(arguments, error)


def _form(arguments: argparse.Namespace) -> str:
    return getattr(arguments, "format", None) or "text"


def _crashed(arguments: argparse.Namespace, error: Exception) -> int:
    """Say that archspec has a bug, where, and what a report of it needs; the whole traceback only if asked for."""
    import traceback

    frames = traceback.extract_tb(error.__traceback__)
    at = f" at {os.path.basename(frames[-1].filename)}:{frames[-1].lineno}" if frames else ""
    message = f"archspec has a bug: {type(error).__name__}: {error}{at}"
    if _form(arguments) == "json":
        print(json.dumps({"error": message}, ensure_ascii=False))
    print(message, file=sys.stderr)
    if os.environ.get("ARCHSPEC_DEBUG"):
        traceback.print_exception(error)
    else:
        print("nothing has been checked or is certain; please report it", file=sys.stderr)
        print("with the spec, `archspec --version` and what ARCHSPEC_DEBUG=1 prints in addition", file=sys.stderr)
    return CRASH


def _fail(arguments: argparse.Namespace, message: str) -> int:
    """Say why a command cannot go on; exit code 2."""
    if _form(arguments) == "json":
        print(json.dumps({"error": message}, ensure_ascii=False))
    else:
        print(f"archspec: {message}", file=sys.stderr)
    return USAGE


def _print_utf8() -> None:
    """Shapes are printed with ×, also where the terminal's encoding is an old one."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if callable(reconfigure):
            reconfigure(encoding="utf-8", errors="backslashreplace")


if __name__ == "__main__":
    sys.exit(main())
