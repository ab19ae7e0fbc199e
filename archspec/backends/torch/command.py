"""The part of `archspec build` that needs torch: build the module, run it on random samples, save its weights."""

from __future__ import annotations

import os
import textwrap
from argparse import Namespace
from pathlib import Path
from typing import Any

import torch

from archspec.backends.torch.build import build_module
from archspec.backends.torch.out_of_memory import is_out_of_memory
from archspec.backends.torch.samples import random_inputs
from archspec.errors import WeightsError
from archspec.ir.graph import Graph
from archspec.language.load import Spec

LONGEST = 500
DTYPES: dict[str, Any] = {
    "float32": torch.float32,
    "float16": torch.float16,
    "bfloat16": torch.bfloat16,
    "auto": "auto",
}


def build_and_run(graph: Graph, spec: Spec, arguments: Namespace) -> dict[str, Any]:
    """Return the report of a build: name, device, modules, params, the outputs' shapes, batch first; or `error`."""
    title = spec.name + (f":{spec.variant}" if spec.variant else "")
    try:
        built = build_module(
            graph,
            spec,
            device=arguments.device,
            dtype=DTYPES[arguments.dtype],
            seed=arguments.seed,
            weights=arguments.weights,
            strict=arguments.strict,
            keys=_read_keys(arguments.keys),
        )
    except WeightsError as error:
        return {"name": title, "error": str(error)}
    # AssertionError is what torch raises for `cuda` where it was built without CUDA.
    except (RuntimeError, AssertionError) as error:
        return {"name": title, "error": _in_a_line(error)}
    model = built.model
    result: dict[str, Any] = {
        "name": title,
        "device": arguments.device,
        "modules": sum(1 for _ in model.modules()),
        "params": sum(p.numel() for p in model.parameters()),
    }
    if built.weights is not None:
        result["weights"] = built.weights
    if arguments.batch is not None:
        try:
            samples = random_inputs(graph, arguments.batch, arguments.device, arguments.seed)
            samples = [x.to(_input_dtype(model)) if x.is_floating_point() else x for x in samples]
            with torch.no_grad():
                result["outputs"] = _shapes(model.eval()(*samples))
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            return {"name": title, "error": f"a batch of {arguments.batch:,} does not fit: {_in_a_line(error)}"}
    if arguments.save:
        try:
            save_weights(model, Path(arguments.save))
        except (OSError, RuntimeError) as error:
            return {"name": title, "error": f"cannot save {arguments.save}: {_in_a_line(error)}"}
    return result


def _read_keys(words: list[str] | None) -> dict[str, str | None] | None:
    """Return the `keys` of OLD=NEW arguments; nothing after the = leaves the tensors out."""
    if words is None:
        return None
    pairs = (word.partition("=") for word in words)
    return {old: new or None for old, _, new in pairs}


def _input_dtype(model: torch.nn.Module) -> torch.dtype:
    """Return the dtype that a model takes: that of its first parameter of floating point."""
    floats = (p.dtype for p in model.parameters() if p.is_floating_point())
    return next(floats, torch.get_default_dtype())


def _in_a_line(error: Exception) -> str:
    """Return the first line of torch's message, with those after it where it is a heading (tensors that do not fit)."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()  # without the name of the temporary file, which the user does not know
    lines = [line.strip() for line in (str(error) or type(error).__name__).splitlines()]
    return textwrap.shorten(" ".join(lines) if lines[0].endswith(":") else lines[0], LONGEST, placeholder=" …")


def _shapes(outputs: Any) -> dict[str, list[int]]:
    if isinstance(outputs, dict):
        return {name: list(value.shape) for name, value in outputs.items()}
    if isinstance(outputs, tuple):
        return {str(number): list(value.shape) for number, value in enumerate(outputs)}
    return {"output": list(outputs.shape)}


def save_weights(model: torch.nn.Module, path: Path) -> None:
    """Write all keys of the state_dict as .safetensors, to a temporary file then renamed: no file is ever partial."""
    from safetensors.torch import save_file

    if not path.parent.is_dir():
        raise NotADirectoryError(f"there is no directory {path.parent}")
    # os.replace would replace a symbolic link by a file; so the file that it leads to is replaced.
    path = Path(os.path.realpath(path))
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        partial.touch()
        mode = (path if path.exists() else partial).stat().st_mode  # safetensors makes files for their owner alone
        save_file(_without_shared_memory(model.state_dict()), str(partial))
        partial.chmod(mode & 0o7777)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def _without_shared_memory(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Return a state_dict in which shared tensors are copies, since safetensors refuses tensors that share memory.

    Each keeps its key: strict loading, here and in other programs, needs all of them.
    """
    seen: set[int] = set()
    tensors = {}
    for key, tensor in state.items():
        place = tensor.untyped_storage().data_ptr()
        # Not contiguous() for a shared one, which copies only what is not contiguous already.
        tensors[key] = tensor.clone(memory_format=torch.contiguous_format) if place in seen else tensor.contiguous()
        seen.add(place)
    return tensors
