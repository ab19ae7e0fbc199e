"""The defaults of each command are those of its function: both give the same figures where nothing is said."""

from __future__ import annotations

import argparse
import inspect
import json
from importlib import import_module
from typing import Any

import pytest

import archspec
from tests.cli.command_line import runner

# By command: its function, and what one of the two leaves to the other.
FUNCTIONS = {
    "summarize": "summarize",
    "valid-sizes": "valid_sizes",
    "memory": "memory",
    "latency": "latency",
    "smoke": "smoke",
    "learn": "learn",
    "gradient-flow": "gradient_flow",
    "calibrate": "calibrate",
    "draw": "draw",
    "plot": "plot",
}
OWN = {
    ("smoke", "batch"): "8",  # a list of batches
    ("learn", "seed"): "0",  # a list of seeds
    ("memory", "checkpoint"): [],  # patterns, repeatable
    ("draw", "open"): [],
}
FOR_THE_TERMINAL = {"format", "output", "variant", "time_limit"}


def defaults_of_command(name: str) -> dict[str, Any]:
    parser = argparse.ArgumentParser()
    import_module(f"archspec.cli.{name.replace('-', '_')}_command").add_arguments(parser)
    return {a.dest: a.default for a in parser._actions if a.dest != "help"}


def defaults_of_function(name: str) -> dict[str, Any]:
    parameters = inspect.signature(getattr(archspec, name)).parameters.values()
    return {p.name: p.default for p in parameters if p.default is not inspect.Parameter.empty}


@pytest.mark.parametrize(("command", "function"), FUNCTIONS.items())
def test_a_command_has_the_defaults_of_its_function(command: str, function: str) -> None:
    here, there = defaults_of_command(command), defaults_of_function(function)
    common = (here.keys() & there.keys()) - FOR_THE_TERMINAL
    differing = {name: (here[name], there[name]) for name in common if (command, name) not in OWN}
    assert {name: pair for name, pair in differing.items() if pair[0] != pair[1]} == {}
    for name in common:
        if (command, name) in OWN:
            assert here[name] == OWN[command, name]


@pytest.mark.parametrize("name", ["resnet18", "vit_b_32"])
def test_the_figures_are_the_same(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    run = runner(capsys)
    printed = json.loads(run("memory", name, "--format", "json")[1])
    del printed["largest_batch"]
    assert printed == archspec.memory(name).to_dict()
    assert json.loads(run("summarize", name, "--format", "json")[1]) == archspec.summarize(name).to_dict()
    assert json.loads(run("latency", name, "--format", "json")[1]) == archspec.latency(name).to_dict()
