"""Weights from a file or a mapping, read without running anything that the file holds."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import torch
from msgspec import Struct

from archspec.errors import WeightsError

Weights: TypeAlias = str | os.PathLike[str] | Mapping[str, Any]
"""A .safetensors file, a file of torch.save with tensors only, or a mapping: a state_dict or a checkpoint with one."""

# The keys under which training scripts save the state_dict, next to the optimizer's, in the order of preference.
ENTRIES = ("state_dict", "model_state_dict", "model", "module", "net", "network")


class StateDict(Struct, frozen=True):
    """Tensors by key; `source` names where they are from, `entry` the entry of the checkpoint that holds them."""

    source: str
    tensors: Mapping[str, Any]
    entry: str = ""


def read_weights(weights: Weights) -> StateDict:
    """Return the state_dict in a file, or in a mapping.

    Raises WeightsError for a file that cannot be read, or holds none; TypeError for anything else.
    """
    if isinstance(weights, Mapping):
        return _find_state_dict("the state_dict", weights)
    try:
        path = Path(weights)
    except TypeError:
        hint = "; pass its state_dict()" if isinstance(weights, torch.nn.Module) else ""
        raise TypeError(f"weights are a file or a state_dict, not {type(weights).__name__}{hint}") from None
    try:
        if path.is_dir():
            raise WeightsError(f"{path} is a directory, not a weights file")
        if not path.is_file():
            raise WeightsError(f"there is no weights file {path}")
        loaded = _read_file(path)
    except OSError as error:
        raise WeightsError(f"cannot read {path}: {(error.strerror or type(error).__name__).lower()}") from None
    return _find_state_dict(str(path), loaded)


def _read_file(path: Path) -> Mapping[str, Any]:
    if _is_safetensors(path):
        from safetensors.torch import load_file

        try:
            return load_file(path)
        except OSError:
            raise
        except Exception as error:  # a broken file raises errors of any kind
            raise WeightsError(f"{path} is not a weights file: {_first_sentence(error)}") from error
    try:
        # Opened here: of a path, torch goes by the suffix as well.
        with path.open("rb") as file:
            loaded = torch.load(file, map_location="cpu", weights_only=True)
    except OSError:
        raise
    except Exception as error:  # as above, and of the classes that weights_only refuses
        raise WeightsError(_why_unreadable(path, str(error))) from error
    if not isinstance(loaded, Mapping):
        raise WeightsError(f"{path} holds {type(loaded).__name__}, not a state_dict")
    return loaded


def _is_safetensors(path: Path) -> bool:
    """Return whether a file begins as .safetensors do, with a length and a JSON object; else by its suffix."""
    with path.open("rb") as file:
        start = file.read(9)
    if start[8:9] == b"{" and int.from_bytes(start[:8], "little") < path.stat().st_size:
        return True
    return path.suffix == ".safetensors" and not start.startswith(b"PK")


def _first_sentence(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0].partition(". ")[0]


def _why_unreadable(path: Path, message: str) -> str:
    """Return what is wrong with a file that torch.load refuses, and what to do.

    torch's own message is not passed on: it advises to let the file run code.
    """
    if "TorchScript" in message:
        advice = f"torch.save(torch.jit.load({str(path)!r}).state_dict(), FILE)"
        return f"{path} is a TorchScript archive, not a state_dict: make one by {advice}"
    unsafe = re.search(r"GLOBAL (\S+)", message)
    if unsafe is not None:
        # What archspec's modules are pickled by is no name that a user knows.
        name = "module of archspec" if unsafe[1].startswith("archspec.") else unsafe[1]
        return (
            f"{path} holds a pickled {name}, not tensors alone, and reading that would run code from the file. "
            "Where the file comes from, or here if you trust it, load it once by torch.load(..., weights_only=False) "
            "and save its tensors: torch.save(model.state_dict(), FILE)"
        )
    return f"{path} is not a weights file: it is neither .safetensors nor a file of torch.save"


def _find_state_dict(source: str, loaded: Mapping[str, Any]) -> StateDict:
    """Return a mapping if it holds tensors, else the entry of a checkpoint that does."""
    # Entries that hold tensors: averages of the weights and states of random generators may be among them.
    nested = {key: value for key, value in loaded.items() if isinstance(value, Mapping) and _has_tensors(value)}
    chosen = next((key for key in ENTRIES if key in nested), "")
    if chosen == "" and not _has_tensors(loaded) and nested:
        if len(nested) > 1:
            names = ", ".join(map(repr, nested))
            raise WeightsError(f"{source} holds several state_dicts ({names}): pass one of them instead of the file")
        (chosen,) = nested
    if chosen != "":
        return StateDict(source, nested[chosen], chosen)
    if loaded and not _has_tensors(loaded):
        names = ", ".join(repr(key) for key in list(loaded)[:6])
        raise WeightsError(f"{source} holds no tensors, but {names}{' ...' if len(loaded) > 6 else ''}")
    return StateDict(source, loaded)


def _has_tensors(mapping: Mapping[str, Any]) -> bool:
    return any(isinstance(key, str) and isinstance(value, torch.Tensor) for key, value in mapping.items())
