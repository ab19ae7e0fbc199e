"""The commands by group, and the parser of a command line."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from itertools import pairwise
from typing import Any, NoReturn

import archspec
from archspec.cli.exit_codes import USAGE

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
        "audit": "compare parameters and MACs with those of other counters, each difference explained",
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
        "new": "write a commented spec to begin with: a small one of a task, or a copy of a spec",
        "export": "take a design away: plain PyTorch, the graph as JSON, or one spec",
        "app": "open the explorer: edit a design in a browser and see what it becomes",
        "lsp": "serve an editor: findings, hovers, completion, definitions, fixes",
        "schema": "print the JSON Schema of the language",
        "completion": "print a script that completes this command line in bash, zsh or fish",
    },
}
COMMANDS = {name: about for group in GROUPS.values() for name, about in group.items()}
# Still accepted, and in no list: scripts may have the shorter words.
SHORT = {"gradflow": "gradient-flow", "graph": "draw", "sizes": "valid-sizes", "summary": "summarize"}
WIDEST = 100  # columns of the list of commands


class Parser(argparse.ArgumentParser):
    """An argparse parser that reports errors as JSON under `--format json`, and whose help ends with examples."""

    words: Sequence[str] | None = None
    examples: Sequence[str] = ()

    def error(self, message: str) -> NoReturn:
        """Report what is wrong with the arguments; exit code 2."""
        # The arguments are not parsed yet, since they are wrong: the words themselves are searched.
        if _is_json_wanted(sys.argv[1:] if self.words is None else self.words):
            print_json_error(message)
            raise SystemExit(USAGE)
        super().error(message)

    def add_argument(self, *names: Any, **options: Any) -> argparse.Action:
        """Add an argument as argparse does, without the terminal's width.

        argparse checks each argument with a formatter, which imports shutil and asks the terminal: 3 ms of a lint.
        """
        chosen, self.formatter_class = self.formatter_class, _fixed_width
        try:
            return super().add_argument(*names, **options)
        finally:
            self.formatter_class = chosen

    def format_help(self) -> str:
        """Return the help with the examples, each on a line that can be copied."""
        lines = [f"  archspec {example}\n" for example in self.examples]
        return super().format_help() + ("\nexamples:\n" + "".join(lines) if lines else "")


def _fixed_width(prog: str) -> argparse.HelpFormatter:
    return argparse.HelpFormatter(prog, width=80)


class TopParser(Parser):
    """The parser of `archspec` itself, whose help lists the commands by group."""

    def format_help(self) -> str:
        """Return the help; the list of commands is laid out here, since hardly any run prints it."""
        self.description = f"{ABOUT}\n\n{_command_list()}"
        return super().format_help()


ABOUT = "Design neural networks as layers plus skip connections, in YAML."


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


def print_json_error(message: str) -> None:
    """Print an error on standard output as `{"error": message}`, which is what a program reads instead of a result."""
    import json  # most runs print none

    print(json.dumps({"error": message}, ensure_ascii=False))


def make_parser(words: Sequence[str]) -> Parser:
    """Return the parser of a command line; only the command that it names is imported, and has a parser."""
    top = _top_parser(words)
    commands = top.add_subparsers(
        dest="command", metavar="COMMAND", required=True, parser_class=Parser, prog="archspec", help=argparse.SUPPRESS
    )
    # The options before the command are flags without a value, so that the first other word is the command.
    written = next((word for word in words if not word.startswith("-")), None)
    if written is None:
        return top
    if SHORT.get(written, written) not in COMMANDS:
        top.error(f"there is no command {written!r}; {_nearest_command(written)}")
    # Under the word that was written, which may be a short one; the usage shows the full name.
    _add_command(commands, written, words)
    return top


def make_full_parser() -> Parser:
    """Return the parser of all commands, which imports each of them: for what describes the command line."""
    top = _top_parser(())
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=Parser)
    for name in COMMANDS:
        _add_command(commands, name, (), help=COMMANDS[name])
    return top


def _top_parser(words: Sequence[str]) -> TopParser:
    top = TopParser(
        prog="archspec",
        usage="archspec [-h] [--version] [-q] COMMAND ...",
        description=ABOUT,
        epilog="exit codes: 0 fine, 1 findings, 2 wrong arguments or unreadable files, 101 a bug in archspec",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.words = words
    top.add_argument("--version", action="version", version=f"archspec {archspec.__version__}")
    _add_quiet(top, False)
    return top


def _add_quiet(parser: argparse.ArgumentParser, default: object) -> None:
    about = "print results and errors alone: no `wrote FILE`, no progress"
    parser.add_argument("-q", "--quiet", action="store_true", default=default, help=about)


def _add_command(commands: Any, written: str, words: Sequence[str], **listed: str) -> None:
    """Add the parser of a command under the word that was written, by the `add_arguments` of its module."""
    name = SHORT.get(written, written)
    about = COMMANDS[name]
    command: Parser = commands.add_parser(
        written, description=about[0].upper() + about[1:] + ".", prog=f"archspec {name}", **listed
    )
    command.words = words
    module = import_module(f"archspec.cli.{name.replace('-', '_')}_command")
    command.examples = module.EXAMPLES
    module.add_arguments(command)
    # Without a default of its own, which would replace that of `archspec -q COMMAND`.
    _add_quiet(command, argparse.SUPPRESS)
    command.set_defaults(run=module.run)


def _nearest_command(written: str) -> str:
    from archspec.diagnostics import did_you_mean

    near = did_you_mean(written, (*COMMANDS, *SHORT))
    return f"did you mean {SHORT.get(near, near)}?" if near else "archspec --help lists them"
