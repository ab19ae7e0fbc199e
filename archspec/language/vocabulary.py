"""The words of the language that are not layers: roles, shortcut kinds, initialisation schemes."""

from __future__ import annotations

ROLES = ("norm", "act", "shortcut")
"""The roles that `defaults:` fills: the layers `- norm` and `- act`, and the shortcut of a residual that names none."""

SHORTCUT_WORDS = ("identity", "identity_if_same", "none")
"""The kinds of shortcut that are words of the language; every other kind is a block or a list of layers."""

INIT_SCHEMES: dict[str, tuple[str, ...]] = {
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
"""The named schemes and their arguments; each is torch.nn.init's of that name."""

INIT_CHOICES: dict[str, tuple[str, ...]] = {
    "mode": ("fan_in", "fan_out"),
    "nonlinearity": ("linear", "relu", "leaky_relu", "sigmoid", "tanh", "selu", "conv1d", "conv2d", "conv3d"),
}
FAN_SCHEMES = ("xavier", "kaiming", "orthogonal")  # schemes that look at the way from inputs to outputs
