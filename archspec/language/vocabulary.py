"""The words of the language that are no keys of a model: roles, shortcuts, merges, schemes, names in scope.

Each comes with the one description that the JSON Schema, the language server and docs/language.md share.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

ROLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "norm": "the norm layer that `defaults` chooses; `batch_norm` if it chooses none",
        "act": "the activation that `defaults` chooses; `relu` if it chooses none",
        "shortcut": "the shortcut block that `defaults` chooses; `projection` if it chooses none",
    }
)
"""The roles that `defaults:` fills: the layers `- norm` and `- act`, and the shortcut of a residual that names none."""

LAYER_ROLES: Final = ("norm", "act")
"""The roles that are layers; `shortcut` is part of a residual."""

LONG_FORM_DESCRIPTION: Final = "the op or block to use, which may be computed; its arguments are sibling keys"
"""The description of the key `block` in a layer's long form."""

SHORTCUT_KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "identity": "the input itself; channels and stride must agree, else RES001 or RES002",
        "identity_if_same": "the input where its shape fits, else no shortcut, which `archspec summarize` lists",
        "none": "no shortcut: a plain network; an error with a gate",
    }
)
"""The kinds of shortcut that are words of the language; every other kind is a block or a list of layers."""

RESIDUAL_MERGES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "add": "shortcut + body (the default)",
        "concat": "shortcut and body, concatenated along the channels in this order",
        "multiply": "shortcut · body, element by element; axes of the body may be 1",
        "gate": "t · body + (1 − t) · shortcut, where t is what the gate's layers make of the input",
    }
)
"""How a residual joins its shortcut and its body; `gate` is written `{gate: [layers]}`."""

BRANCH_MERGES: Final = ("concat", "add", "none")
SEQUENCE_MERGES: Final = ("concat", "add")

INIT_SCHEMES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "zeros": (),
        "ones": (),
        "constant": ("value",),
        "normal": ("mean", "std"),
        "uniform": ("low", "high"),
        "truncated_normal": ("mean", "std", "low", "high"),
        "xavier_normal": ("gain",),
        "xavier_uniform": ("gain",),
        "kaiming_normal": ("mode", "nonlinearity"),
        "kaiming_uniform": ("mode", "nonlinearity"),
        "orthogonal": ("gain",),
        "default": (),
    }
)
"""The initialisation schemes and their arguments: functions of torch.nn.init, but for `default`."""

INIT_DESCRIPTIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "zeros": "all 0",
        "ones": "all 1",
        "constant": "one value everywhere",
        "normal": "a normal distribution",
        "uniform": "a uniform distribution",
        "truncated_normal": "a normal distribution cut off at `low` and `high`",
        "xavier_normal": "normal, variance gain² · 2 / (fan in + fan out) (Glorot & Bengio 2010)",
        "xavier_uniform": "uniform, the same variance",
        "kaiming_normal": "normal, variance gain² / fan, with the gain of `nonlinearity` (He et al. 2015)",
        "kaiming_uniform": "uniform, the same variance",
        "orthogonal": "an orthogonal matrix (Saxe et al. 2013)",
        "default": "what a new layer of torch draws; for `scale`, `parameter` and `position_embedding` the op's own",
    }
)

INIT_CHOICES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "mode": ("fan_in", "fan_out"),
        # Those of torch.nn.init.calculate_gain, less the transposed convolutions, whose gain is that of `linear`.
        "nonlinearity": ("linear", "relu", "leaky_relu", "sigmoid", "tanh", "selu", "conv1d", "conv2d", "conv3d"),
    }
)

FAN_SCHEMES: Final = ("xavier", "kaiming", "orthogonal")
"""Prefixes of the schemes that depend on the fan in or fan out of a tensor, so on more than its shape."""

SCOPE_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "in_channels": "the channels of the first input",
        "in_shape": "the shape of the first input",
        "in_kind": "the kind of the first input: map, tokens, vector, ids or mask",
    }
)
"""Names that every expression of a block may use, and those of a spec for the input of the top-level layer."""

VALUE_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "prev": "the running value; at the start of a residual's body, shortcut or gate the residual's input",
        "input": "the network's input",
    }
)
"""References that are words of the language."""
