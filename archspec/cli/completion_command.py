"""archspec completion: a script that completes the command line in a shell, made by shtab from the parsers."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator

from archspec.cli.exit_codes import CLEAN
from archspec.cli.parser import make_full_parser
from archspec.language.files import gallery_names, variant_names
from archspec.language.symbols import library_names
from archspec.linter.catalogue import codes
from archspec.ops import op_names

SHELLS = ("bash", "zsh", "fish")
EXAMPLES = (
    "completion bash > ~/.local/share/bash-completion/completions/archspec",
    "completion zsh > ~/.zfunc/_archspec  # in a folder of $fpath",
    "completion fish > ~/.config/fish/completions/archspec.fish",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the shell."""
    parser.add_argument("shell", metavar="SHELL", choices=SHELLS, help="one of " + ", ".join(SHELLS))


def run(arguments: argparse.Namespace) -> int:
    """Print the script."""
    import shtab

    parser = make_full_parser()
    for command in _subparsers(parser):
        for action in command._actions:
            _set_completion(action)
    print(shtab.complete(parser, shell=arguments.shell))
    return CLEAN


def _subparsers(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            yield from action.choices.values()


def _set_completion(action: argparse.Action) -> None:
    """Let an action be completed by what its metavar names: a spec, a file, a directory or a code."""
    from shtab import DIRECTORY, FILE

    names = action.metavar if isinstance(action.metavar, str) else ""
    if names in ("SPEC", "A", "B"):
        found = _words_or_files("spec", _spec_names())
    elif names == "NAME" and action.dest == "spec":  # of `archspec show`, which also knows blocks and ops
        found = _words_or_files("name", (*_spec_names(), *library_names(), *op_names()))
    elif names in ("CODE", "CODES"):
        found = _words_or_files("code", codes(), files=False)
    elif names.startswith("FILE") or (names == "NAME" and action.dest == "name"):
        found = FILE
    elif names == "DIR":
        found = DIRECTORY
    else:
        return
    action.complete = found  # type: ignore[attr-defined]  # the attribute that shtab reads


def _spec_names() -> tuple[str, ...]:
    """Return the names of the gallery, with its variants."""
    return tuple(name for spec in gallery_names() for name in dict.fromkeys((spec, *variant_names(spec))))


def _words_or_files(kind: str, words: Iterable[str], files: bool = True) -> dict[str, str | dict[str, str]]:
    """Return what completes to one of the words, or to a file, in the form that shtab takes for each shell."""
    listed = " ".join(words)
    function = f"_archspec_{kind}"
    bash = f'{function}() {{\n  compgen -W "{listed}" -- "$1"\n' + ('  compgen -f -- "$1"\n' if files else "") + "}"
    zsh = (
        f"{function}() {{\n  local -a words=({listed})\n  _describe {kind} words\n"
        + ("  _files\n" if files else "")
        + "}"
    )
    fish = f"(string split ' ' '{listed}'" + ("; __fish_complete_path (commandline -ct)" if files else "") + ")"
    return {"bash": function, "zsh": function, "fish": fish, "preamble": {"bash": bash, "zsh": zsh}}
