"""The public way to a torch module. torch is imported when a module is asked for, never before."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from archspec.errors import MissingDependencyError
from archspec.ir.graph import Graph
from archspec.language.load import Spec, load
from archspec.lowering import lower

if TYPE_CHECKING:
    import torch
    from torch import nn


def require_torch(what: str = "building a module") -> None:
    """Say in one line what to install where torch is missing."""
    if find_spec("torch") is None:
        raise MissingDependencyError(f"{what} needs torch: pip install 'archspec-nn[torch]'")


def build(
    spec_or_name: Spec | str,
    variant: str | None = None,
    *,
    device: torch.device | str = "cpu",
    dtype: torch.dtype | None = None,
    seed: int | None = None,
    init: bool = True,
    weights: str | Mapping[str, torch.Tensor] | None = None,
    checkpoint: bool | str | tuple[str, ...] | list[str] = False,
    zero_init_residual: bool = False,
    **params: Any,
) -> nn.Module:
    """The network as an ordinary torch.nn.Module, in training mode.

    Inputs have the batch first: [N, C, H, W] for a spec with `input: [C, H, W]`. Several inputs are given in the
    order of `inputs`; a spec with `outputs` gives a dict. The module runs at every valid input size.

    spec_or_name: a Spec, a path, a gallery name (`resnet`, `resnet:resnet50`, `resnet50`).
    variant, params: which variant, and parameters to override, for a path or name.
    device: where the tensors are made; `"meta"` makes none.
    dtype: of parameters and floating point buffers; torch's default if None.
    seed: initialises from this seed and leaves torch's own random state alone.
    init: False leaves the tensors uninitialised (for weights that are loaded right after).
    weights: a state_dict, or a file (.safetensors, or tensors saved by torch.save); loaded strictly, instead of init.
    checkpoint: which blocks compute their activations again in the backward pass: True for all outermost ones, or
        patterns of their paths (`"layer3.*"`).
    zero_init_residual: starts the last norm of each added residual at zero (Goyal et al. 2017, section 5.1).

    Raises SpecError for a spec that is wrong, MissingDependencyError without torch.
    """
    require_torch()
    from archspec.backends.torch.build import module_of

    if isinstance(spec_or_name, Spec):
        if variant is not None or params:
            raise TypeError("variant and params belong to load(); a Spec has them already")
        spec = spec_or_name
    else:
        spec = load(spec_or_name, variant, **params)
    return module_of(
        lower(spec),
        spec,
        device=device,
        dtype=dtype,
        seed=seed,
        init=init,
        weights=weights,
        checkpoint=checkpoint,
        zero_init_residual=zero_init_residual,
    )


def to_python(graph: Graph) -> str:
    """The network as one readable Python file that imports torch alone.

    Its last class takes the inputs of the module that `build` makes, has the same state_dict keys and gives the same
    outputs. Raises ValueError for a graph with layers that failed, or with a layer of a name that the installed torch
    uses itself, MissingDependencyError without torch.
    """
    if not isinstance(graph, Graph):
        raise TypeError(f"to_python() takes a Graph, not {type(graph).__name__}; archspec.lower(spec) gives one")
    require_torch("writing it as Python")
    from archspec.backends.torch.source import source_of

    return source_of(graph)


def spec_of(model: nn.Module) -> Spec:
    """The Spec that a module was built from; raises ValueError for a module that archspec did not build."""
    spec = getattr(model, "archspec_spec", None)
    if not isinstance(spec, Spec):
        raise ValueError("this module was not built from a spec, or is only a part of one: ask the whole network")
    return spec


def path_of(module: nn.Module) -> str:
    """The path in the Graph of a module inside a built network ("layer1.0.conv1"); "" for the network itself."""
    path = getattr(module, "archspec_path", None)
    if path is None:
        raise ValueError("this module is not part of a network that archspec built")
    return str(path)
