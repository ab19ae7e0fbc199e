"""Build modules and load their weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from archspec.dependencies import require_torch
from archspec.design import Design, to_graph, to_spec
from archspec.ir.graph import Graph
from archspec.language.load import Spec

if TYPE_CHECKING:
    import torch
    from torch import nn

    from archspec.backends.torch.weight_keys import KeyMap
    from archspec.backends.torch.weights import Weights
    from archspec.backends.torch.weights_report import WeightsReport


def build(
    design: Design,
    variant: str | None = None,
    *,
    device: torch.device | str | None = None,
    dtype: torch.dtype | Literal["auto"] | None = None,
    seed: int | None = None,
    init: bool = True,
    weights: Weights | None = None,
    strict: bool = True,
    keys: KeyMap | None = None,
    checkpoint: bool | str | tuple[str, ...] | list[str] = False,
    zero_init_residual: bool = False,
    **params: Any,
) -> nn.Module:
    """Return the network as an ordinary torch.nn.Module, in training mode.

    Inputs have the batch first: [N, C, H, W] for a spec with `input: [C, H, W]`. Several inputs are passed in the
    order of `inputs`; a spec with `outputs` returns a dict. The module runs at every valid input size.

    device: where the tensors are made, `"meta"` makes none; torch's default if None, which `with torch.device(...)` and
        `torch.set_default_device` set.
    dtype: of parameters and floating point buffers; torch's default if None. "auto": each tensor that is loaded keeps
        the dtype that it has in `weights`.
    seed: initialises from this seed and leaves torch's own random state alone.
    init: False leaves the tensors uninitialised (for weights that are loaded right after).
    weights: a state_dict, or a file (.safetensors, or tensors saved by torch.save), which is loaded instead of init.
        On the meta device, which holds no numbers, its keys and shapes are checked alone.
    strict, keys: how `weights` are loaded, as in `load_weights`; what strict=False does not load is initialized, and is
        listed in a warning.
    checkpoint: which blocks compute their activations again in the backward pass: True for all outermost ones, or
        patterns of their paths (`"layer3.*"`).
    zero_init_residual: starts the last norm of each added residual at zero (Goyal et al. 2017, section 5.1).

    Raises SpecError for a spec that is wrong, WeightsError for weights that are, MissingDependencyError without torch.
    """
    require_torch()
    from archspec.backends.torch.build import module_of

    # A Graph suffices for a module; only `spec_of` then has nothing to return.
    spec = None if isinstance(design, Graph) else to_spec(design, variant, params)
    return module_of(
        to_graph(design, variant, params) if spec is None else to_graph(spec),
        spec,
        device=device,
        dtype=dtype,
        seed=seed,
        init=init,
        weights=weights,
        strict=strict,
        keys=keys,
        checkpoint=checkpoint,
        zero_init_residual=zero_init_residual,
    )


def load_weights(
    model: nn.Module,
    weights: Weights,
    *,
    strict: bool = True,
    keys: KeyMap | None = None,
    dtype: Literal["auto"] | None = None,
) -> WeightsReport:
    """Load weights into a built module, and return the report of it.

    The prefixes of DataParallel, DistributedDataParallel, torch.compile, AveragedModel, FSDP and Lightning modules are
    removed from the keys where the model has none of that name. In a checkpoint the state_dict is found by its key.

    weights: a state_dict, or a file (.safetensors, or tensors saved by torch.save).
    strict: raise unless every tensor fits. If False, tensors that are missing, unexpected or of another shape are
        skipped and reported, as those of a head with other classes.
    keys: other keys for tensors of the weights. A `*` matches any text, which a `*` of the new key repeats:
        `{"backbone.*": "*"}`. None leaves tensors out, and the model's as they are: `{"fc.*": None}`.
    dtype: None converts to the model's, "auto" changes the model's tensors to that of the weights.

    Raises WeightsError for a file that cannot be read, weights that do not fit (with every tensor, and the line of its
    layer), and `keys` that fit nothing.
    """
    require_torch("loading weights")
    from archspec.backends.torch.loading import load_into

    return load_into(model, weights, strict=strict, keys=keys, dtype=dtype)


def spec_of(model: nn.Module) -> Spec:
    """Return the Spec that a module was built from.

    Raises ValueError for a module that archspec did not build, a part of one, and one that was built from a Graph.
    """
    spec = getattr(model, "archspec_spec", None)
    if not isinstance(spec, Spec):
        raise ValueError("this module was not built from a spec, or is only a part of one: ask the whole network")
    return spec


def path_of(module: nn.Module) -> str:
    """Return the path in the Graph of a module inside a built network ("layer1.0.conv1"); "" for the network itself.

    Raises ValueError for a module that archspec did not build.
    """
    path = getattr(module, "archspec_path", None)
    if path is None:
        raise ValueError("this module is not part of a network that archspec built")
    return str(path)
