"""Replay a page of the documentation: write its first spec, apply its diffs, run its commands."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import tempfile
from pathlib import Path

from archspec.cli.main import main

_BLOCK = re.compile(r"^```(?P<kind>yaml|diff|console)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
_COMMAND = re.compile(r"^\$ archspec (?P<arguments>.*)$", re.MULTILINE)
SPEC = "unet.yaml"


def replayed(page: str) -> str:
    """Return the page with the real output of its commands; yaml blocks after the first show the spec at that point.

    Raises ValueError if a diff does not apply to the spec.
    """
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        return _BLOCK.sub(lambda block: f"```{block['kind']}\n{_step(block['kind'], block['text'])}```", page)


def _step(kind: str, text: str) -> str:
    spec = Path(SPEC)
    if kind == "console":
        return "\n".join(_printed(command["arguments"]) for command in _COMMAND.finditer(text))
    if kind == "diff":
        spec.write_text(_patched(spec.read_text(encoding="utf-8"), text), encoding="utf-8")
        return text
    if not spec.exists():
        spec.write_text(text, encoding="utf-8")
    return spec.read_text(encoding="utf-8")


def _printed(arguments: str) -> str:
    """Return a command and its output, without trailing blanks."""
    out = io.StringIO()
    # Both streams in order, as a terminal shows them.
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        main(shlex.split(arguments))
    lines = [line.rstrip() for line in out.getvalue().strip("\n").split("\n")]
    return "\n".join([f"$ archspec {arguments}", *lines, ""])


def _patched(text: str, diff: str) -> str:
    """Apply a diff, whose old lines must occur exactly once in the text."""
    lines = diff.splitlines(keepends=True)
    old, new = ("".join(line[1:] for line in lines if line[0] in keep) for keep in (" -", " +"))
    # Exactly once: a diff of the tutorial has no line numbers.
    if text.count(old) != 1:
        raise ValueError(f"the diff does not fit the spec:\n{diff}")
    return text.replace(old, new)
