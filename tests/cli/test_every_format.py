"""Every command that takes a spec, in every format, on a missing file, on a broken spec and on a good one."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from archspec.cli.exit_codes import CLEAN, FINDINGS, USAGE
from archspec.cli.main import main
from archspec.cli.parser import COMMANDS, make_parser
from archspec.language.files import SUFFIXES

GOOD = "input: [1, 8, 8]\nstem: [{conv: {name: c, channels: 8}}, relu]\nhead: [global_avg_pool, {linear: 10}]\n"
BAD = "input: [3, 8, 8]\nstem: [rleu, {conv: 8}, {conv: -1}]\n"

SLOW = ("smoke", "learn", "gradient-flow", "audit")
"""Commands that run torch for seconds."""
MORE = {
    "smoke": ("--steps", "1", "--batch", "2"),
    "learn": ("--data", "digits", "--steps", "1"),
    "gradient-flow": ("--steps", "1", "--batch", "2"),
    "diff": ("resnet18",),
    "show": ("--graph",),
}
"""Arguments without which a command asks for more, or takes long."""


def _parser(command: str) -> argparse.ArgumentParser:
    top = make_parser([command])
    (commands,) = (a for a in top._actions if isinstance(a, argparse._SubParsersAction))
    found: argparse.ArgumentParser = commands.choices[command]
    return found


def _takes_spec(parser: argparse.ArgumentParser) -> bool:
    return any(not a.option_strings and a.dest in ("spec", "specs", "paths", "a", "before") for a in parser._actions)


def _ways_to_print(command: str) -> Iterator[tuple[str, ...]]:
    """Yield the words of each format that a command prints or writes."""
    parser = _parser(command)
    actions = {name: action for action in parser._actions for name in action.option_strings}
    formats = actions["--format"].choices if "--format" in actions else None
    yield from (("--format", form) for form in formats or ())
    if "-o" in actions:
        module = import_module(f"archspec.cli.{command.replace('-', '_')}_command")
        yield from (("-o", f"out.{form}") for form in getattr(module, "FORMATS", ("out",)))
    if not formats and "-o" not in actions:
        yield ()


COMMANDS_OF_SPECS = tuple(name for name in COMMANDS if _takes_spec(_parser(name)))
WAYS = [(name, way) for name in COMMANDS_OF_SPECS for way in _ways_to_print(name)]


def _id(case: tuple[str, tuple[str, ...]]) -> str:
    return " ".join((case[0], *case[1]))


def _run(
    command: str, way: tuple[str, ...], spec: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> tuple[int, str, str]:
    way = tuple(str(tmp_path / word) if word.startswith("out.") else word for word in way)
    code = main([command, spec, *MORE.get(command, ()), *way])
    printed = capsys.readouterr()
    assert "Traceback" not in printed.err + printed.out
    assert "archspec has a bug" not in printed.err
    if way[:2] == ("--format", "json"):
        json.loads(printed.out)
    return code, printed.out, printed.err


def test_the_commands_that_take_a_spec_are_all_here() -> None:
    assert set(COMMANDS) - set(COMMANDS_OF_SPECS) == {
        "new", "list", "explain", "calibrate", "app", "lsp", "schema", "completion",
    }  # fmt: skip
    assert len(WAYS) > 40


@pytest.mark.parametrize("case", WAYS, ids=_id)
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_missing_file(
    case: tuple[str, tuple[str, ...]], suffix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = _run(*case, str(tmp_path / f"none{suffix}"), capsys, tmp_path)
    assert code == USAGE
    assert "FIL001" in out + err


@pytest.mark.parametrize("case", WAYS, ids=_id)
def test_a_broken_spec(case: tuple[str, tuple[str, ...]], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(BAD)
    code, out, err = _run(*case, str(file), capsys, tmp_path)
    assert code == FINDINGS
    assert "SPC005" in out + err


def _good_cases() -> list[Any]:
    marks = {command: [pytest.mark.torch] for command in ("build", "export")}
    marks |= {command: [pytest.mark.torch, pytest.mark.slow] for command in SLOW}
    return [pytest.param(case, id=_id(case), marks=marks.get(case[0], [])) for case in WAYS]


@pytest.mark.parametrize("case", _good_cases())
def test_a_good_spec(case: tuple[str, tuple[str, ...]], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "good.yaml"
    file.write_text(GOOD)
    assert _run(*case, str(file), capsys, tmp_path)[0] == CLEAN
