"""What the language's own words mean, in a sentence each, as an editor shows it."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

SPEC: Final = MappingProxyType(
    {
        "name": "the network's name; the file's without it",
        "about": "a sentence on what it is",
        "extends": "another spec to start from, whose parameters this one sets",
        "input": "the shape of one sample in PyTorch order, without the batch: [C, H, W]",
        "inputs": "several inputs by name, each a shape or {shape, kind, range}",
        "sizes": "named dimensions for the shapes of `inputs`",
        "params": "parameters with their defaults",
        "let": "values computed from the parameters",
        "defaults": "what norm, act and shortcut stand for; default arguments of ops and blocks",
        "blocks": "blocks of one's own",
        "stem": "the first layers",
        "stages": "the layers in the middle; each item is a row of the table",
        "head": "the last layers",
        "outputs": "named outputs; without it the network gives its last value",
        "variants": "named sets of parameter values",
        "budget": "what it may cost, which lint holds it to: {params: 25M, macs: 4G}",
    }
)

BUDGET: Final = MappingProxyType(
    {"params": "the most parameters: 25M, 1.2G", "macs": "the most multiply-accumulates for one sample: 4G"}
)

BLOCK: Final = MappingProxyType(
    {
        "about": "a sentence on what the block is",
        "params": "the block's parameters; the first is the main one",
        "let": "values computed from the parameters",
        "inputs": "the block's ports and their kinds; without it one, x",
        "defaults": "what norm, act and shortcut stand for inside",
        "body": "the layers of the block",
        "outputs": "inner values that the caller may refer to, by name",
    }
)

DECLARATION: Final = MappingProxyType(
    {
        "type": "int, float, bool, str, list, axes, layers, block or any",
        "default": "what holds where nothing is given; an expression over earlier parameters",
        "first": "true: only the first repeat gets it",
        "ge": "the least value",
        "gt": "a bound that values lie above",
        "choices": "the words that are possible",
        "of": "what a list holds: int, float, bool, str or any",
        "about": "a sentence on what it is",
    }
)

INPUT: Final = MappingProxyType(
    {"shape": "one sample without the batch", "kind": "map, tokens, vector, ids or mask", "range": "ids lie below it"}
)

LAYER: Final = MappingProxyType(
    {
        "name": "the layer's name for references, and its part of the state_dict key",
        "from": "what it takes instead of the previous value",
        "when": "a condition; where it is false the layer vanishes",
        "repeat": "how often",
        "as": "the name of the loop variable; index without it",
        "share": "an earlier layer whose weights to use",
        "init": "how its tensors start",
        "keys": "other names for its tensors",
        "defaults": "defaults for this layer alone",
    }
)

STRUCTURE: Final = MappingProxyType(
    {
        "residual": "a body, a shortcut beside it, and their merge",
        "branches": "lists of layers side by side, then merged",
        "sequence": "layers as a group",
        "layers": "the layers that a parameter holds",
        "network": "a whole spec as a layer",
    }
)

RESIDUAL: Final = MappingProxyType(
    {
        "body": "the layers beside the shortcut",
        "shortcut": "identity, identity_if_same, none, a block, or layers",
        "merge": "add, concat, multiply or {gate: [layers]}",
    }
)
BRANCHES: Final = MappingProxyType({"of": "the lists of layers", "merge": "concat, add or none (a tuple)"})
SEQUENCE: Final = MappingProxyType({"body": "the layers", "merge": "with repeat: join the input and every step"})
NETWORK: Final = MappingProxyType(
    {"spec": "a gallery name or a path", "variant": "one of its variants", "params": "its parameters"}
)

ROLES: Final = MappingProxyType(
    {
        "norm": "the norm that the defaults name (batch_norm)",
        "act": "the activation that the defaults name (relu)",
        "shortcut": "the shortcut that the defaults name (projection)",
    }
)

SHORTCUTS: Final = MappingProxyType(
    {
        "identity": "the input itself; channels and stride must agree",
        "identity_if_same": "the input where it fits, else no shortcut",
        "none": "no shortcut",
    }
)

MERGES: Final = MappingProxyType(
    {
        "add": "the sum of shortcut and body",
        "concat": "both along the channels, the shortcut first",
        "multiply": "the product, element by element",
        "gate": "t * body + (1 - t) * shortcut, t from layers of its own",
    }
)

SCOPE: Final = MappingProxyType(
    {
        "in_channels": "the channels of the first input",
        "in_shape": "the shape of the first input",
        "in_kind": "the kind of the first input: map, tokens, vector ...",
    }
)

VALUES: Final = MappingProxyType(
    {"prev": "the running value; in a residual's body at first its input", "input": "the network's input"}
)

BRANCH: Final = MappingProxyType({"body": "the layers of the branch"})

KEYS: Final = MappingProxyType(
    {
        "spec": SPEC,
        "budget": BUDGET,
        "block": BLOCK,
        "declaration": DECLARATION,
        "input": INPUT,
        "residual": RESIDUAL,
        "branches": BRANCHES,
        "branch": BRANCH,
        "sequence": SEQUENCE,
        "network": NETWORK,
    }
)
"""The keys of a mapping, by the part it plays."""

CARRIERS: Final = ("residual", "branches", "branch", "sequence", "network", "call", "layer", "shortcut")
"""The parts whose mappings also take what any layer may carry."""
