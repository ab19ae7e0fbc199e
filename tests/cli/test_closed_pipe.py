"""A reader that goes away (`archspec summarize x | head`) ends any command quietly, as SIGPIPE ends other tools."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from archspec.cli.exit_codes import CLEAN, FINDINGS, PIPE_CLOSED, USAGE


def run_into_closed_pipe(words: list[str], *, errors_too: bool) -> tuple[int, str]:
    """Run a command whose output nobody reads; return its exit code, and its standard error unless that is closed."""
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "archspec", *words]
    try:
        errors = writer if errors_too else subprocess.PIPE
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=writer, stderr=errors, check=False)
    finally:
        os.close(writer)
    return done.returncode, (done.stderr or b"").decode()


@pytest.mark.parametrize("words", ["summarize resnet50 --level op", "valid-sizes unet", "show resnet50", "list"])
def test_it_ends_quietly(words: str) -> None:
    assert run_into_closed_pipe(words.split(), errors_too=False) == (PIPE_CLOSED, "")


def test_help_ends_quietly() -> None:
    assert run_into_closed_pipe(["summarize", "--help"], errors_too=False) == (CLEAN, "")


@pytest.mark.parametrize(
    ("words", "code", "expected"),
    [("lint", PIPE_CLOSED, ""), ("valid-sizes", FINDINGS, "SPC005"), ("draw", USAGE, "required: -o")],
)
def test_errors_are_still_reported(tmp_path: Path, words: str, code: int, expected: str) -> None:
    file = tmp_path / "net.yaml"
    file.write_text("input: [3, 8, 8]\nstages: [{convv: 3}]\n")
    ended, errors = run_into_closed_pipe([words, str(file)], errors_too=False)
    assert ended == code
    assert expected in errors
    assert "Traceback" not in errors
    assert "BrokenPipe" not in errors
    assert run_into_closed_pipe([words, str(file)], errors_too=True)[0] in (PIPE_CLOSED, USAGE)
