"""Random specs: layers from all ops and library blocks, on random inputs, with arguments that are often wrong."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from archspec.ir.parameters import Parameter
from archspec.language.symbols import library_block, library_names
from archspec.ops import find_op, op_names, op_parameters

SMALL = (1, 2, 3, 4, 5, 6, 8)
WRONG: tuple[Any, ...] = (-1, 0, 2.5, "nowhere", "1 // 0", True, None, [], [1, 2, 3, 4], {"a": 1}, "a b", "")
NUMBERS: tuple[Any, ...] = (*SMALL, "width", "in_channels", "in_channels // 2", "width * 2", "depths[0]")
FLOATS: tuple[Any, ...] = (0.0, 0.1, 0.5, 1e-5, 1, 2.0, "1 / 4")
FRESH = "@fresh"  # becomes a name that nothing has
EARLIER = tuple(f"@{number}" for number in range(20))  # becomes a name that an earlier layer of the list has
# Twice, so that it is drawn more often than each of the names.
REFERENCES = ("prev", "prev", "input", *EARLIER)
WRONG_REFERENCES = ("a", "b", "a[0]", "b[1]", "a.0", "b.*", "nowhere", "c.2", "${width}", "")
DEFAULTS = ({"norm": {"group_norm": {"groups": 2}}}, {"act": "silu", "shortcut": "identity"}, {"conv": {"bias": False}})
INPUTS: tuple[dict[str, Any], ...] = (
    {"input": [4, 8, 8]},
    {"input": [3, 9, 7]},
    {"input": [8, 12]},
    {"input": [2, 4, 6, 5]},
    {"input": [8]},
    {"inputs": {"text": {"shape": [6, 8], "kind": "tokens"}}},
    {"inputs": {"words": {"shape": [6], "kind": "ids", "range": 9}}},
    {"inputs": {"image": [4, 8, 8], "other": [8, 4, 4]}},
)


def rarely(common: st.SearchStrategy[Any], wrong: st.SearchStrategy[Any], odds: int = 60) -> st.SearchStrategy[Any]:
    """Return a strategy that draws from `common`, and once in `odds` draws from `wrong`."""
    return st.integers(1, odds).flatmap(lambda n: wrong if n == 1 else common)


def values(parameter: Parameter) -> st.SearchStrategy[Any]:
    """Return a strategy for arguments of a parameter, a few of them wrong."""
    choices: list[Any] = [*parameter.choices, *parameter.words]
    kind = parameter.type
    if kind in ("int", "axes", "any"):
        choices += NUMBERS
    if kind in ("axes", "shape", "list", "any"):
        choices += [[1], [2, 2], [1, 0], [3, 1, 1], ["width", 2], [0, 2, 1], [[1, 2], [0, 1]]]
    if kind == "float":
        choices += FLOATS
    if kind == "bool":
        choices += [True, False, "width > 4"]
    if kind == "str" and not choices:
        choices += ["x", "y.z"]
    if kind == "layers":
        choices += [[], ["relu"], [{"conv": 4}], ["sigmoid", {"dropout": 0.1}]]
    if kind == "block":
        choices += ["relu", "batch_norm", "default", "projection", "none", "identity", {"leaky_relu": {"slope": 0.1}}]
    return rarely(st.sampled_from(choices or WRONG), st.sampled_from(WRONG))


def references() -> st.SearchStrategy[Any]:
    """Return a strategy for references, most of them to an earlier value."""
    return rarely(st.sampled_from(REFERENCES), st.sampled_from(WRONG_REFERENCES))


@st.composite
def arguments(draw: st.DrawFn, parameters: tuple[Parameter, ...]) -> dict[str, Any]:
    """Draw the required arguments and some of the others."""
    chosen = [p for p in parameters if p.required or draw(st.integers(0, 3)) == 0]
    found = {p.name: draw(values(p)) for p in chosen}
    if draw(st.integers(1, 150)) == 1:
        found[draw(st.sampled_from(["chanels", "x", "kernal"]))] = 3
    return found


@st.composite
def reserved(draw: st.DrawFn) -> dict[str, Any]:
    """Draw keys that any layer may have."""
    words: dict[str, st.SearchStrategy[Any]] = {
        "name": rarely(st.just(FRESH), st.sampled_from(["a", "b", "a.b", "x${index}", "s${width}"]), 6),
        "from": references(),
        "when": rarely(st.sampled_from([True, False, "width > 4", "width == 8"]), st.sampled_from(WRONG)),
        "repeat": rarely(st.sampled_from([0, 1, 2, 3, "len(depths)"]), st.sampled_from(WRONG)),
        "as": st.sampled_from(["i", "index"]),
        "init": st.sampled_from([{"weight": "zeros"}, {"bias": -2}, {"weight": {"normal": {"std": 0.1}}}, {"x": 1}]),
        "share": references(),
        "keys": st.sampled_from([{"weight": "w", "bias": "b"}, {"weight": "w"}]),
        "defaults": st.sampled_from([{"act": "gelu"}, {"norm": "nothing"}, {"conv": {"bias": False}}]),
    }
    odds = {"name": 4, "from": 10, "when": 12, "repeat": 8}
    return {word: draw(choice) for word, choice in words.items() if draw(st.integers(1, odds.get(word, 100))) == 1}


@st.composite
def calls(draw: st.DrawFn) -> Any:
    """Draw an op or a library block with arguments."""
    name = draw(st.sampled_from([*op_names(), *library_names(), "norm", "act"]))
    block, op = library_block(name), find_op(name)
    parameters = block.parameters if block else op_parameters(name)
    written = draw(arguments(parameters))
    if op is not None and op.ports and op.ports[0].variadic:
        values_of = draw(st.lists(references(), min_size=2, max_size=3))
        return {name: values_of} if not written else {name: {**written, "from": values_of}}
    return {name: {**written, **draw(reserved())}}


def structures(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return a strategy for residuals, sequences and branches of layers."""
    body = st.lists(inner, max_size=3)
    shortcut = st.sampled_from(["identity", "identity_if_same", "none", "projection", {"projection": {"always": True}}])
    residual = st.fixed_dictionaries(
        {"body": body},
        optional={
            "shortcut": st.one_of(shortcut, body),
            "merge": st.one_of(st.sampled_from(["add", "concat", "multiply"]), st.fixed_dictionaries({"gate": body})),
        },
    )
    branches = st.fixed_dictionaries(
        {"of": rarely(st.lists(body, min_size=1, max_size=3), st.just([]))},
        optional={"merge": st.sampled_from(["concat", "add", "none"])},
    )
    sequence = st.fixed_dictionaries({"body": body}, optional={"merge": st.sampled_from(["concat", "add"])})
    made = (("residual", residual), ("branches", branches), ("sequence", sequence))
    return st.one_of(
        *(st.builds(lambda w, a, r: {w: {**a, **r}}, st.just(w), fields, reserved()) for w, fields in made)
    )


LAYERS = st.lists(st.recursive(calls(), structures, max_leaves=5), max_size=4)
OWN_BLOCK = {
    "params": {
        "channels": "int",
        "stride": {"type": "axes", "default": 1, "first": True},
        "act": {"type": "block", "default": "relu"},
    },
    "let": {"width": "channels // 2", "depths": "[1, channels]"},
}


@st.composite
def specs(draw: st.DrawFn) -> str:
    """Draw the text of a spec, as JSON, which is YAML."""
    spec: dict[str, Any] = dict(draw(st.sampled_from(INPUTS)))
    spec["params"] = {"width": draw(rarely(st.sampled_from([4, 8]), st.sampled_from(["8", 3.5]))), "depths": [1, 2]}
    if draw(st.booleans()):
        spec["defaults"] = draw(rarely(st.sampled_from(DEFAULTS), st.just({"norm": "widht"})))
    if draw(st.booleans()):
        spec["blocks"] = {"own": {**OWN_BLOCK, "body": draw(LAYERS)}}
        spec["stem"] = [{"own": {"channels": draw(st.sampled_from(NUMBERS)), **draw(reserved())}}]
    spec["stages"] = [*draw(LAYERS), draw(calls())]
    if draw(st.integers(1, 5)) == 1:
        spec["outputs"] = draw(st.dictionaries(st.sampled_from(["p", "q"]), references(), max_size=2))
    if draw(st.integers(1, 5)) == 1:
        spec["variants"] = {"wide": {"width": draw(st.sampled_from([8, 6, -1, "x"]))}}
    return json.dumps(settled(spec, ["prev"]), indent=1)


def settled(tree: Any, names: list[str]) -> Any:
    """Return the tree with FRESH replaced by new names and EARLIER by earlier ones, in the order written."""
    if isinstance(tree, dict):
        last = [key for key in tree if key == "name"]
        done = {key: settled(value, names) for key, value in tree.items() if key not in last}
        return {**done, **{key: settled(tree[key], names) for key in last}}
    if isinstance(tree, list):
        return [settled(item, names) for item in tree]
    if tree == FRESH:
        names.append(f"n{len(names)}")
        return names[-1]
    if tree in EARLIER:
        return names[int(tree[1:]) % len(names)]
    return tree
