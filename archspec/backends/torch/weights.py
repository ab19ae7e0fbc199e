"""Weights from a file or a mapping, read without running anything that the file holds."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch

from archspec.errors import WeightsError


def _why(error: Exception) -> str:
    """Return the first sentence of an error; in the next, torch advises to let the file run code."""
    return (str(error) or type(error).__name__).splitlines()[0].partition(". ")[0]


def read_weights(weights: str | Mapping[str, torch.Tensor]) -> Mapping[str, torch.Tensor]:
    """Return the state_dict in a .safetensors file or one of torch.save (tensors only), or the mapping itself."""
    if isinstance(weights, Mapping):
        return weights
    path = Path(weights)
    if not path.is_file():
        raise WeightsError(f"there is no weights file {path}")
    try:
        if path.suffix == ".safetensors":
            from safetensors.torch import load_file

            return load_file(path)
        loaded = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # a broken file raises errors of any kind
        raise WeightsError(f"{path} is not a weights file: {_why(error)}") from error
    # Training scripts save the state_dict under this key, next to the optimizer's.
    if isinstance(loaded, Mapping) and isinstance(loaded.get("state_dict"), Mapping):
        loaded = loaded["state_dict"]
    if not isinstance(loaded, Mapping):
        raise WeightsError(f"{path} holds {type(loaded).__name__}, not a state_dict")
    return loaded
