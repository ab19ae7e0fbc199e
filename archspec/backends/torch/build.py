"""Graph to nn.Module: the module tree with the spec's names, tensors filled once, weights loaded."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, Literal

import torch
from msgspec import Struct

from archspec.analysis.checkpointing import Checkpoint, check_patterns_match, checkpoint_patterns
from archspec.backends.torch.generated import Generated
from archspec.backends.torch.loading import match_weights
from archspec.backends.torch.module_builder import ModuleBuilder
from archspec.backends.torch.random_state import restored_generators, seed_generators
from archspec.backends.torch.skeleton import SkeletonMode, allocate
from archspec.backends.torch.weight_keys import KeyMap
from archspec.backends.torch.weights import Weights, read_weights
from archspec.backends.torch.weights_report import WeightsReport
from archspec.ir.graph import Graph
from archspec.language.load import Spec


class Built(Struct, frozen=True):
    """A module, and the report of the weights that were loaded into it, if any."""

    model: Generated
    weights: WeightsReport | None = None


def module_of(graph: Graph, spec: Spec | None = None, **options: Any) -> Generated:
    """Return the torch module of a graph; options are those of `build_module`.

    Warns of tensors that `strict=False` did not load: nobody may look for them.
    """
    built = build_module(graph, spec, **options)
    if built.weights is not None and built.weights.problems:
        warnings.warn(str(built.weights), UserWarning, stacklevel=3)
    return built.model


def build_module(
    graph: Graph,
    spec: Spec | None = None,
    *,
    device: torch.device | str | None = None,
    dtype: torch.dtype | Literal["auto"] | None = None,
    seed: int | None = None,
    init: bool = True,
    weights: Weights | None = None,
    strict: bool = True,
    keys: KeyMap | None = None,
    checkpoint: Checkpoint = False,
    zero_init_residual: bool = False,
) -> Built:
    """Build the torch module of a graph; see `archspec.build` for the arguments."""
    _check_weights_arguments(weights, dtype, strict, keys)
    default = torch.get_default_device()
    device = default if device is None else torch.device(device)
    maker = ModuleBuilder(checkpoint_patterns(checkpoint), zero_init_residual)
    # Temporary tensors of initialisation and loading, which name no device, belong on the module's.
    with nullcontext() if device == default else device:
        return _build(
            graph, spec, maker, device, dtype=dtype, seed=seed, init=init, weights=weights, strict=strict, keys=keys
        )


def _build(
    graph: Graph,
    spec: Spec | None,
    maker: ModuleBuilder,
    device: torch.device,
    *,
    dtype: torch.dtype | Literal["auto"] | None,
    seed: int | None,
    init: bool,
    weights: Weights | None,
    strict: bool,
    keys: KeyMap | None,
) -> Built:
    state = None if weights is None else read_weights(weights)
    with SkeletonMode():
        model = maker.network(graph)
    check_patterns_match(maker.checkpoint, maker.matched, maker.blocks)
    if isinstance(dtype, torch.dtype):
        model.to(dtype)
    maker.remember(model, spec)
    on_meta = device.type == "meta"
    if not on_meta:
        allocate(model, device)
    maker.tie()
    matched = None if state is None else match_weights(model, graph, state, strict=strict, keys=keys)
    # A module on the meta device has no values to fill. Weights that overwrite every tensor make filling them a waste.
    if init and not on_meta and not (matched is not None and matched.complete):
        with _seeded(seed, device), torch.no_grad():
            maker.initialise()
    if matched is not None:
        matched.copy_into(model, "auto" if dtype == "auto" else None)
    return Built(model, None if matched is None else matched.report)


def _check_weights_arguments(weights: Weights | None, dtype: Any, strict: bool, keys: KeyMap | None) -> None:
    """Raise ValueError for arguments that say how to load weights where there are none."""
    if isinstance(dtype, str) and dtype != "auto":
        raise ValueError(f"dtype is a torch.dtype, 'auto' (that of the weights) or None, not {dtype!r}")
    for word, is_given in (("dtype='auto'", dtype == "auto"), ("strict=False", not strict), ("keys", keys is not None)):
        if is_given and weights is None:
            raise ValueError(f"{word} says how to load weights, and there are no `weights`")


@contextmanager
def _seeded(seed: int | None, device: Any) -> Iterator[None]:
    """Draw random numbers from a seed, and leave the caller's generators as they were; without a seed use those."""
    if seed is None:
        yield
        return
    with restored_generators(torch.device(device)):
        seed_generators(seed, torch.device(device))
        yield
