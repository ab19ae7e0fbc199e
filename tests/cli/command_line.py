"""The command line called in this process."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from archspec.cli.main import main

Run = Callable[..., tuple[int, str, str]]
"""Takes words and returns the exit code, what stdout got, and what stderr got."""


def runner(capsys: pytest.CaptureFixture[str], *command: str) -> Run:
    """Return a function that runs `archspec` with these words followed by its own arguments."""

    def run(*words: str) -> tuple[int, str, str]:
        code = main([*command, *words])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run
