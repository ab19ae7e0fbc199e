"""The functions that the fuzzer calls: three ways to pass hostile text to archspec, none of which may raise."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable

import archspec
from archspec.language.expressions import ExpressionError, evaluate, interpolate, parse
from tests.fuzz.expressions import long_expression
from tests.fuzz.structures import structure

SCOPE = {"width": 8, "depths": (1, 2, 3), "x": 2.5, "in_channels": 4, "name": "a text", "flag": True}


def on_bytes(data: bytes) -> None:
    """Lint a file with arbitrary bytes."""
    with tempfile.NamedTemporaryFile(suffix=".yaml", delete=False) as file:
        file.write(data)
    try:
        _render(archspec.lint(file.name, variants=False))
    finally:
        os.unlink(file.name)


def on_structures(data: bytes) -> None:
    """Lint a text that is nearly a spec."""
    _render(archspec.lint(structure(data)))


def on_expressions(data: bytes) -> None:
    """Evaluate an expression by itself and inside a text, and lint a spec with it."""
    plain = data[1:].decode("utf-8", "replace") if data[:1] < b"\x40" else long_expression(data[1:])
    _refused(lambda: evaluate(parse(plain), SCOPE))
    _refused(lambda: interpolate("${" + plain + "} " + plain, SCOPE))
    quoted = json.dumps(plain)
    _render(
        archspec.lint(f"input: [4, 8, 8]\nparams: {{width: 4}}\nlet: {{a: {quoted}}}\nstages: [{{conv: {quoted}}}]\n")
    )


def _refused(work: Callable[[], object]) -> None:
    """Assert that an expression has a value, or an error with a place."""
    try:
        work()
    except ExpressionError as error:
        if error.offset < 0 or error.length < 0:
            raise AssertionError(f"no place: {error.offset}, {error.length}") from error


def _render(found: tuple[archspec.Diagnostic, ...]) -> None:
    """Assert that findings can be printed and have a place."""
    for finding in found:
        assert str(finding)
        assert finding.span.line >= 1
        assert finding.span.column >= 1


TARGETS: dict[str, Callable[[bytes], None]] = {
    "bytes": on_bytes,
    "structures": on_structures,
    "expressions": on_expressions,
}
