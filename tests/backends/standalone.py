"""Exported Python, run without archspec and compared with the module that `build` makes."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import torch

import archspec
from archspec.ir.types import ValueType
from archspec.language.load import Spec
from tests.parity.assertions import randomise


def source_of(spec: Spec) -> str:
    return archspec.to_python(archspec.lower(spec))


def network_of(text: str) -> Any:
    """Return the last class that the text of an exported file defines."""
    # A module name that distinguishes its classes from imported ones.
    names: dict[str, Any] = {"__name__": "standalone"}
    exec(compile(text, "standalone.py", "exec", dont_inherit=True), names)
    return [value for value in names.values() if isinstance(value, type) and value.__module__ == "standalone"][-1]


def samples(spec: Spec) -> list[torch.Tensor]:
    """Return a random batch for each input, of its kind."""
    draw = torch.Generator().manual_seed(0)
    return [_sample(item, draw) for _, item in archspec.lower(spec).inputs]


def _sample(item: ValueType, draw: torch.Generator) -> torch.Tensor:
    shape = (2, *(int(str(size)) for size in item.shape))
    if item.kind == "ids":
        return torch.randint(item.range or 2, shape, generator=draw)
    if item.kind == "mask":
        return torch.rand(shape, generator=draw) > 0.3
    return torch.randn(shape, generator=draw)


def assert_same_network(spec: Spec) -> Any:
    """Assert that the exported network has the built one's keys in order, loads its weights and has its exact outputs.

    In evaluation and, with the same random numbers, in training. Return the exported network."""
    built = archspec.build(spec, seed=0)
    randomise(built)
    written = network_of(source_of(spec))()
    assert list(written.state_dict()) == list(built.state_dict())
    assert [name for name, _ in written.named_parameters()] == [name for name, _ in built.named_parameters()]
    written.load_state_dict(built.state_dict(), strict=True)
    inputs = samples(spec)
    for training in (False, True):
        outputs = []
        for model in (built, written):
            # Dropout and stochastic depth draw the same numbers in both.
            torch.manual_seed(1)
            with torch.no_grad():
                outputs.append(model.train(training)(*[x.clone() for x in inputs]))
        torch.testing.assert_close(outputs[1], outputs[0], rtol=0, atol=0)
    for (key, mine), theirs in zip(written.state_dict().items(), built.state_dict().values(), strict=True):
        torch.testing.assert_close(mine, theirs, rtol=0, atol=0, msg=f"after a batch in training {key} differs")
    return written


def assert_tidy(folder: Path) -> None:
    """Assert that every file of a folder passes ruff's linter and formatter with this project's settings."""
    ruff = shutil.which("ruff", path=str(Path(sys.executable).parent)) or shutil.which("ruff")
    assert ruff is not None, "ruff is one of the development tools"
    settings = ("--config", str(Path(__file__).parents[2] / "pyproject.toml"), "--no-cache", str(folder))
    for words in (("check",), ("format", "--diff")):
        done = subprocess.run([ruff, *words, *settings], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
