"""What `archspec build` does with torch: make the module, push random samples through it, save its weights."""

from __future__ import annotations

import os
from argparse import Namespace
from pathlib import Path
from typing import Any

import torch

from archspec.backends.torch.build import module_of
from archspec.backends.torch.samples import random_inputs
from archspec.backends.torch.weights import WeightsError
from archspec.ir.graph import Graph
from archspec.spec.load import Spec


def build_and_run(graph: Graph, spec: Spec, arguments: Namespace) -> dict[str, Any]:
    """The report of a build: name, device, modules, params, the outputs' shapes with the batch first; or `error`."""
    title = spec.name + (f":{spec.variant}" if spec.variant else "")
    try:
        model = module_of(graph, spec, device=arguments.device, seed=arguments.seed, weights=arguments.weights)
    except (WeightsError, RuntimeError, AssertionError) as error:
        return {"name": title, "error": _first_line(error)}
    result: dict[str, Any] = {
        "name": title,
        "device": arguments.device,
        "modules": sum(1 for _ in model.modules()),
        "params": sum(p.numel() for p in model.parameters()),
    }
    if arguments.batch is not None:
        if arguments.batch < 1:
            return {"name": title, "error": f"--batch takes a number of at least 1, not {arguments.batch}"}
        samples = random_inputs(graph, arguments.batch, arguments.device, arguments.seed)
        with torch.no_grad():
            result["outputs"] = _shapes(model.eval()(*samples))
    if arguments.save:
        try:
            save_weights(model, Path(arguments.save))
        except (OSError, RuntimeError) as error:
            return {"name": title, "error": f"cannot save {arguments.save}: {_first_line(error)}"}
    return result


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]


def _shapes(outputs: Any) -> dict[str, list[int]]:
    if isinstance(outputs, dict):
        return {name: list(value.shape) for name, value in outputs.items()}
    if isinstance(outputs, tuple):
        return {str(number): list(value.shape) for number, value in enumerate(outputs)}
    return {"output": list(outputs.shape)}


def save_weights(model: torch.nn.Module, path: Path) -> None:
    """The state_dict as .safetensors, written beside and renamed, so that no half a file is ever there."""
    from safetensors.torch import save_model

    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    if not path.parent.is_dir():
        raise NotADirectoryError(f"there is no directory {path.parent}")
    try:
        save_model(model, str(beside))
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
