"""The kinds of mistakes. Each changes a tree and returns the paths of the changes, or None where it is impossible."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from random import Random

from tests.oracle.layers import STRUCTURE, Place, argument_of, arguments, layers
from tests.oracle.raw_tree import Path, Tree, at, scalars
from tests.oracle.value_readers import is_reference

Mutation = Callable[[Random, Tree], list[Path] | None]

CONVS = ("conv", "conv_transpose")
POOLS = ("max_pool", "avg_pool")
STRIDED: tuple[str, ...] = (
    *CONVS,
    *POOLS,
    "basic",
    "bottleneck",
    "preact_basic",
    "weighed",
    "half_and_half",
    "transition",
)
STRIDED += (
    "inverted_residual",
    "fused_inverted_residual",
    "depthwise_separable",
    "rep_block",
    "conv_norm_act",
    "block",
)
WIDE = (*CONVS, *STRIDED[4:], "down", "up", "double_conv", "osa", "aspp", "res2net_bottleneck")
HEADED = ("encoder_layer", "decoder_layer", "self_attention", "attention")
EXPRESSIONS = ("prev", "in_channels")


def on(callees: Sequence[str], name: str, values: Sequence[str], present: bool = False) -> Mutation:
    """Return a mutation that changes one argument of a layer; `present`: only where one is written already."""

    def mutate(random: Random, tree: Tree) -> list[Path] | None:
        places = [p for p in layers(tree) if p.callee in callees]
        if present:
            places = [p for p in places if argument_of(tree, p, name) is not None]
        return set_argument(random, tree, places, name, values)

    return mutate


def set_argument(
    random: Random, tree: Tree, places: list[Place], name: str, values: Sequence[str]
) -> list[Path] | None:
    """Set one argument of one of the layers to another value."""
    if not places:
        return None
    place = random.choice(places)
    before = argument_of(tree, place, name)
    others = [value for value in values if value != before]
    path, holder = arguments(tree, place)
    holder[name] = random.choice(others)
    return [(*path, name)]


def channels(random: Random, tree: Tree) -> list[Path] | None:
    """Change a number of channels or features."""
    names = dict.fromkeys(WIDE, "channels") | {"linear": "features"}
    places = [p for p in layers(tree) if argument_of(tree, p, names.get(p.callee, "channels")) is not None]
    if not places:
        return None
    place = random.choice(places)
    name = names.get(place.callee, "channels")
    before = argument_of(tree, place, name)
    path, holder = arguments(tree, place)
    if isinstance(before, list):
        holder[name] = [*before[:-1], "5"]
    else:
        inner = str(before).strip('"')
        holder[name] = random.choice([f"({inner}) + 1", f"2 * ({inner})", f"({inner}) // 2", "8", "12", "7", "1"])
    return [(*path, name)]


def _list_entry(random: Random, tree: Tree, key: str, values: Sequence[str]) -> list[Path] | None:
    """Change a number in the list under a key."""
    shapes = [path for path, _ in scalars(tree) if len(path) > 1 and path[-2] == key]
    if not shapes:
        return None
    path = random.choice(shapes)
    at(tree, path[:-1])[path[-1]] = random.choice([v for v in values if v != at(tree, path)])
    return [path]


def input_size(random: Random, tree: Tree) -> list[Path] | None:
    """Change a height, width or length of an input."""
    path = _input(random, tree)
    shape = at(tree, path)
    place = random.randrange(1, len(shape)) if len(shape) > 1 else 0
    if not shape[place].isdigit():
        return None
    before = int(shape[place])
    shape[place] = str(max(1, random.choice([before + 1, before - 1, before + 2, before // 2, before * 2, 7, 1, 2])))
    return [(*path, place)]


def input_channels(random: Random, tree: Tree) -> list[Path] | None:
    """Change the number of input channels."""
    path = _input(random, tree)
    at(tree, path)[0] = random.choice([v for v in ("1", "2", "4", "5", "8") if v != at(tree, path)[0]])
    return [(*path, 0)]


def _input(random: Random, tree: Tree) -> Path:
    if "inputs" in tree:
        name = random.choice(list(tree["inputs"]))
        return ("inputs", name, "shape") if isinstance(tree["inputs"][name], dict) else ("inputs", name)
    return ("input",) if isinstance(tree["input"], list) else ("params", tree["input"])


def drop_axis(random: Random, tree: Tree) -> list[Path] | None:
    """Remove an axis of an input, or add one."""
    path = _input(random, tree)
    shape = at(tree, path)
    if len(shape) > 1 and random.random() < 0.5:
        shape.pop()
    else:
        shape.append("4")
    return [path]


def _lists(tree: Tree, least: int) -> list[Path]:
    return [path for path in dict.fromkeys(p.list_path for p in layers(tree)) if len(at(tree, path)) >= least]


def around(tree: Tree, path: Path, index: int) -> list[Path]:
    """Return the paths of the layers before and after the gap that a removed layer leaves."""
    length = len(at(tree, path))
    return [(*path, place) for place in (index - 1, index) if 0 <= place < length]


def drop(random: Random, tree: Tree) -> list[Path] | None:
    """Remove a layer."""
    found = _lists(tree, 2)
    if not found:
        return None
    path = random.choice(found)
    items = at(tree, path)
    index = random.randrange(len(items))
    del items[index]
    return around(tree, path, index)


def double(random: Random, tree: Tree) -> list[Path] | None:
    """Write a layer twice."""
    place = random.choice(list(layers(tree)))
    items = at(tree, place.list_path)
    twin = deepcopy(items[place.index])
    items.insert(place.index + 1, twin)
    _rename(twin)
    return [(*place.list_path, place.index + 1)]


def _rename(tree: Tree) -> None:
    """Change the ends of the names in a layer, so that two layers do not share one."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            if key == "name" and isinstance(value, str):
                tree[key] = f"{value}_twin" if not value.endswith('"') else f'{value[:-1]}_twin"'
            else:
                _rename(value)
    elif isinstance(tree, list):
        for item in tree:
            _rename(item)


def swap(random: Random, tree: Tree) -> list[Path] | None:
    """Swap two neighbours."""
    found = _lists(tree, 2)
    if not found:
        return None
    path = random.choice(found)
    items = at(tree, path)
    index = random.randrange(len(items) - 1)
    items[index], items[index + 1] = items[index + 1], items[index]
    return [(*path, index), (*path, index + 1)]


def insert(*candidates: Tree) -> Mutation:
    """Insert a layer before another."""

    def mutate(random: Random, tree: Tree) -> list[Path] | None:
        place = random.choice(list(layers(tree)))
        at(tree, place.list_path).insert(place.index, deepcopy(random.choice(candidates)))
        return [place.path]

    return mutate


def replaced(wanted: Sequence[str], candidates: Sequence[Tree]) -> Mutation:
    """Return a mutation that replaces a layer of one of the `wanted` kinds by one of the candidates."""

    def mutate(random: Random, tree: Tree) -> list[Path] | None:
        places = [p for p in layers(tree) if p.callee in wanted]
        if not places:
            return None
        place = random.choice(places)
        others = [c for c in candidates if c != at(tree, place.path)]
        at(tree, place.list_path)[place.index] = deepcopy(random.choice(others))
        return [place.path]

    return mutate


def other_callee(groups: Sequence[Sequence[str]]) -> Mutation:
    """Return a mutation that gives the same arguments to another op or block of the same group."""

    def mutate(random: Random, tree: Tree) -> list[Path] | None:
        known = {name: group for group in groups for name in group}
        places = [p for p in layers(tree) if p.callee in known]
        if not places:
            return None
        place = random.choice(places)
        other = random.choice([name for name in known[place.callee] if name != place.callee])
        layer = at(tree, place.path)
        if isinstance(layer, str):
            at(tree, place.list_path)[place.index] = other
        elif "block" in layer:
            layer["block"] = other
            return [(*place.path, "block")]
        else:
            at(tree, place.list_path)[place.index] = {other: layer[place.callee]}
        return [place.path]

    return mutate


def merge(random: Random, tree: Tree) -> list[Path] | None:
    """Change the merge of a residual or of branches."""
    ways = ["add", "concat", "multiply", {"gate": ["sigmoid"]}]
    places = [p for p in layers(tree) if p.callee in ("residual", "branches")]
    if not places:
        return None
    place = random.choice(places)
    path, holder = _structure(tree, place)
    choices = ways if place.callee == "residual" else ["add", "none", "concat"]
    holder["merge"] = deepcopy(random.choice([w for w in choices if w != holder.get("merge", "add")]))
    return [(*path, "merge")]


def _structure(tree: Tree, place: Place) -> tuple[Path, dict[str, Tree]]:
    layer = at(tree, place.path)
    if isinstance(layer[place.callee], list):
        layer[place.callee] = {"of" if place.callee == "branches" else "body": layer[place.callee]}
    return (*place.path, place.callee), layer[place.callee]


def shortcut(random: Random, tree: Tree) -> list[Path] | None:
    """Change the shortcut of one residual, or of all."""
    kinds: list[Tree] = ["identity", "identity_if_same", "none", "projection", "avg_projection", "pad_shortcut"]
    kinds += [{"projection": {"always": "true"}}, {"projection": {"stride": "2"}}, ["relu"]]
    places = [p for p in layers(tree) if p.callee in ("residual", "basic", "bottleneck", "preact_basic")]
    if not places or random.random() < 0.3:
        tree.setdefault("defaults", {})["shortcut"] = random.choice(kinds[:6])
        return [("defaults", "shortcut")]
    place = random.choice(places)
    path, holder = _structure(tree, place) if place.callee == "residual" else arguments(tree, place)
    choices = kinds if place.callee == "residual" else kinds[:6]
    holder["shortcut"] = deepcopy(random.choice([k for k in choices if k != holder.get("shortcut")]))
    return [(*path, "shortcut")]


def no_projection(random: Random, tree: Tree) -> list[Path] | None:
    """Write an identity where a projection may be needed."""
    places = [p for p in layers(tree) if p.callee == "residual" and argument_of(tree, p, "shortcut") != "identity"]
    if not places:
        tree.setdefault("defaults", {})["shortcut"] = "identity"
        return [("defaults", "shortcut")]
    place = random.choice(places)
    path, holder = _structure(tree, place)
    holder["shortcut"] = "identity"
    return [(*path, "shortcut")]


def reference(random: Random, tree: Tree) -> list[Path] | None:
    """Change a reference to another value."""
    found = [path for path, _ in scalars(tree) if is_reference(path)]
    names = [value for path, value in scalars(tree) if path[-1] == "name" and "${" not in value]
    if not found:
        return None
    path = random.choice(found)
    before = at(tree, path)
    at(tree, path[:-1])[path[-1]] = random.choice([n for n in (*names, "prev", "input") if n != before])
    return [path]


def unresolved(random: Random, tree: Tree) -> list[Path] | None:
    """Change a reference to a name that does not exist."""
    found = [path for path, _ in scalars(tree) if is_reference(path)]
    if not found:
        return None
    path = random.choice(found)
    at(tree, path[:-1])[path[-1]] = "nowhere"
    return [path]


def from_other(random: Random, tree: Tree) -> list[Path] | None:
    """Start a layer from another value than the one before."""
    named = [value for path, value in scalars(tree) if path[-1] == "name" and "$" not in value]
    places = [p for p in layers(tree) if p.callee not in STRUCTURE]
    places = [p for p in places if argument_of(tree, p, "from") is None and p.callee not in ("add", "concat")]
    path, holder = arguments(tree, random.choice(places))
    holder["from"] = random.choice([*named, "prev", "input"])
    return [(*path, "from")]


def parameter(random: Random, tree: Tree) -> list[Path] | None:
    """Change the value of a parameter of the spec."""
    found = [(path, value) for path, value in scalars(tree.get("params", {})) if value.isdigit()]
    if not found:
        return None
    path, value = random.choice(found)
    number = int(value)
    holder = at(tree["params"], path[:-1])
    holder[path[-1]] = str(random.choice([number + 1, max(number - 1, 0), number * 2, number // 2, 0, 3]))
    return [("params", *path)]


def misspelt(random: Random, tree: Tree) -> list[Path] | None:
    """Drop a letter of an argument, an op or a block."""
    places = [p for p in layers(tree) if p.callee not in STRUCTURE and len(p.callee) > 3]
    place = random.choice(places)
    layer = at(tree, place.path)
    inner = layer if isinstance(layer, dict) and "block" in layer else None
    inner = layer[place.callee] if isinstance(layer, dict) and inner is None else inner
    words = [key for key in inner if len(key) > 4 and key != "block"] if isinstance(inner, dict) else []
    if words and isinstance(inner, dict):
        word = random.choice(words)
        inner[word[:2] + word[3:]] = inner.pop(word)
        path = place.path if "block" in layer else (*place.path, place.callee)
        return [(*path, word[:2] + word[3:]), place.path]
    short = place.callee[:2] + place.callee[3:]
    at(tree, place.list_path)[place.index] = short if isinstance(layer, str) else {short: layer[place.callee]}
    return [place.path]


def missing(random: Random, tree: Tree) -> list[Path] | None:
    """Remove a required argument."""
    wanted = {"conv": "channels", "linear": "features", "conv_transpose": "channels", "max_pool": "kernel"}
    places = [p for p in layers(tree) if argument_of(tree, p, wanted.get(p.callee, "channels")) is not None]
    places = [p for p in places if p.callee in (*wanted, "basic", "bottleneck", "fire", "down")]
    if not places:
        return None
    place = random.choice(places)
    _, holder = arguments(tree, place)
    del holder[wanted.get(place.callee, "channels")]
    return [place.path]


def wrong_type(random: Random, tree: Tree) -> list[Path] | None:
    """Write a text, a fraction or a list in place of a whole number."""
    found = [p for p, v in scalars(tree) if v.isdigit() and p[-1] in ("channels", "kernel", "stride", "features")]
    if not found:
        return None
    path = random.choice(found)
    at(tree, path[:-1])[path[-1]] = random.choice(["three", "2.5", '"4 channels"', "true", "[1, 2, 3, 4]"])
    return [path]


def nothing_or_less(random: Random, tree: Tree) -> list[Path] | None:
    """Write 0 or -1 in place of a number."""
    found = [p for p, v in scalars(tree) if v.isdigit() and int(v) > 0 and p[0] not in ("input", "inputs", "variants")]
    if not found:
        return None
    path = random.choice(found)
    at(tree, path[:-1])[path[-1]] = random.choice(["0", "-1"])
    return [path]


def norm(random: Random, tree: Tree) -> list[Path] | None:
    """Change the norm of the whole design."""
    kinds: list[Tree] = [{"group_norm": {"groups": str(random.choice([2, 3, 4, 8]))}}, "instance_norm", "layer_norm"]
    tree.setdefault("defaults", {})["norm"] = random.choice([*kinds, {"layer_norm": {"axis": "channel"}}])
    return [("defaults", "norm")]


def when(random: Random, tree: Tree) -> list[Path] | None:
    """Add a `when` that is never true to a layer."""
    places = [p for p in layers(tree) if p.callee not in ("layers", *STRUCTURE)]
    path, holder = arguments(tree, random.choice(places))
    holder["when"] = "false"
    return [(*path, "when")]


SMALL_NUMBERS = ("1", "2", "3", "4", "5")
NORMS = ("batch_norm", "group_norm", "layer_norm", "instance_norm", "norm")
BLOCKS = ("basic", "bottleneck", "preact_basic", "inverted_residual", "depthwise_separable", "weighed")
ACTS = ("relu", "act", "silu", "sigmoid", "tanh", "glu", "softmax", "prelu")
TYPES = (CONVS, POOLS, (*BLOCKS, "conv_norm_act"), NORMS, ("add", "concat", "multiply"), ("down", "up", "double_conv"))
HEAD_POOLS = ("global_avg_pool", "adaptive_avg_pool", "global_max_pool", "mean")

KINDS: dict[str, Mutation] = {
    "stride": on(STRIDED, "stride", ("1", "2", "3", "[2, 1]")),
    "channels": channels,
    "kernel": on((*CONVS, "double_conv", "inverted_residual", "depthwise_separable"), "kernel", SMALL_NUMBERS),
    "padding": on((*CONVS, "pad"), "padding", ("0", "1", "2", "3")),
    "padding word": on(("conv",), "padding", ("same", "causal", "auto")),
    "padding mode": on(("conv",), "padding_mode", ("reflect", "circular", "replicate")),
    "dilation": on((*CONVS, "max_pool", "bottleneck"), "dilation", ("2", "3", "4")),
    "groups": on((*CONVS, "bottleneck", "conv_norm_act", "rep_block"), "groups", ("2", "3", "4", "8", "in_channels")),
    "reference": reference,
    "unresolved reference": unresolved,
    "from": from_other,
    "dropped layer": drop,
    "doubled layer": double,
    "swapped layers": swap,
    "inserted layer": insert("flatten", "to_tokens", "global_avg_pool", {"max_pool": "2"}, {"conv": "6"}, "norm"),
    "inserted op": insert("glu", {"depth_to_space": "2"}, {"split": "2"}, {"slice": "1"}, {"linear": "6"}, "to_map"),
    "merge": merge,
    "shortcut": shortcut,
    "no projection": no_projection,
    "repeat": on((*STRIDED, "encoder_layer", "up", "down", "double_conv"), "repeat", ("0", "2", "3")),
    "input size": input_size,
    "input channels": input_channels,
    "input axes": drop_axis,
    "pool kernel": on(POOLS, "kernel", ("1", "2", "3", "4", "7", "[2, 3]")),
    "pool padding": on(POOLS, "padding", ("0", "1", "2")),
    "ceil": on(POOLS, "ceil", ("true", "false")),
    "heads": on(HEADED, "heads", ("1", "2", "3", "5", "7")),
    "reduction": on(
        ("inverted_residual", "bottleneck", "squeeze_excite", "weighed"), "expansion", ("1", "2", "6", "0.5")
    ),
    "squeeze": on(("squeeze_excite", "weighed"), "reduction", ("1", "2", "3", "64")),
    "block type": other_callee((BLOCKS,)),
    "op type": other_callee(TYPES),
    "activation": other_callee((ACTS,)),
    "output padding": on(("conv_transpose",), "output_padding", ("1", "2", "3")),
    "upsampling": on(("resize",), "scale", ("1", "2", "3", "0.5", "0.25")),
    "factor": on(("depth_to_space", "space_to_depth"), "factor", ("1", "2", "3", "4")),
    "norm groups": on(("group_norm",), "groups", ("1", "2", "3", "5", "8", "16")),
    "norm": norm,
    "axis": on(
        ("linear", "layer_norm", "concat", "slice", "softmax", "mean", "split"),
        "axis",
        ("last", "channel", "length", "0", "1", "2", "-1"),
    ),
    "pooling": replaced(HEAD_POOLS, ("flatten", "to_tokens", {"adaptive_avg_pool": "2"}, "global_max_pool")),
    "zero or negative": nothing_or_less,
    "parameter": parameter,
    "misspelt": misspelt,
    "missing argument": missing,
    "wrong type": wrong_type,
    "unflatten": lambda random, tree: _list_entry(random, tree, "unflatten", ("1", "2", "3", "8", "16")),
    "permute": lambda random, tree: _list_entry(random, tree, "permute", ("0", "1", "2", "3")),
    "growth": on(("dense_block",), "growth", ("1", "3", "5")),
    "expand": on(("fire",), "expand", ("1", "5", "12")),
    "when": when,
    "match": on(("up",), "match", ("pad", "crop", "none")),
    "mode": on(("up",), "mode", ("linear", "transposed")),
}
"""Every kind of mutation by its name."""
