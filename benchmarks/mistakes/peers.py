"""The reports of other tools on a mistake: a function for each tool, which makes the tool's own form from the rows."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from typing import Any

from mistakes.cases import Mistake, Row

CHECKING, BUILDING, FORWARD, NEVER = "before building", "building", "first forward", "never"
Answer = tuple[str, str]  # when, and what


class CannotSay(Exception):
    """The tool has no equivalent of a layer of the mistake."""


def installed() -> Iterator[tuple[str, Callable[[Mistake], Answer]]]:
    """Yield the peers that can be run here."""
    for name, package, tool in (
        ("PyTorch", "torch", pytorch),
        ("mlnode", "mlnode", mlnode),
        ("n-orca", "n_orca", n_orca),
        ("Keras", "keras", keras),
        ("ultralytics", "ultralytics", ultralytics),
    ):
        if importlib.util.find_spec(package) is not None:
            yield name, tool


def answer(tool: Callable[[Mistake], Answer], mistake: Mistake) -> Answer:
    """Return the report of a tool, without its prints."""
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        try:
            return tool(mistake)
        except CannotSay as missing:
            return "", f"cannot be written ({missing})"


def _words(error: BaseException | str) -> str:
    """Return the first line of an error's message, or the error's name."""
    lines = [line.strip() for line in str(error).strip().split("\n") if line.strip()]
    return lines[0] if lines else type(error).__name__


def pytorch(mistake: Mistake) -> Answer:
    """Construct an nn.Module as written by hand, then run one batch through it in training mode."""
    import torch
    from torch import nn

    try:
        layers = {n: getattr(nn, kind)(**a) for n, kind, a, _ in mistake.rows if hasattr(nn, kind)}
    except Exception as error:
        return BUILDING, _words(error)
    values = {"x": torch.randn(mistake.batch, *mistake.shape)}
    try:
        for name, kind, arguments, inputs in mistake.rows:
            given = [values[i] for i in inputs]
            if kind == "Add":
                values[name] = given[0] + given[1]
            elif kind == "Concat":
                values[name] = torch.cat(given, **arguments)
            elif kind == "MultiheadAttention":
                values[name] = layers[name](given[0], given[0], given[0])[0]
            else:
                values[name] = layers[name](*given)
    except Exception as error:
        return FORWARD, _words(error)
    return NEVER, ""


def mlnode(mistake: Mistake) -> Answer:
    """Validate, build and run the JSON graph."""
    import torch
    from mlnode import MLnodeModel

    nodes: list[dict[str, Any]] = [{"id": "x", "type": "Input", "params": {}}]
    nodes += [{"id": name, "type": kind, "params": arguments} for name, kind, arguments, _ in mistake.rows]
    edges = [{"source": i, "target": name} for name, _, _, inputs in mistake.rows for i in inputs]
    form = {
        "mlnode_schema_version": "1.0",
        "input_shape": ["B", *mistake.shape],
        "output_node": mistake.rows[-1][0],
        "nodes": nodes,
        "edges": edges,
    }
    try:
        model = MLnodeModel.from_dict(form)
        result = model.validate()
    except Exception as error:
        return CHECKING, _words(error)
    if not result.valid:
        return CHECKING, _words(result.errors[0].message)
    return _built_and_run(model.build, lambda module: module(torch.randn(mistake.batch, *mistake.shape)))


def n_orca(mistake: Mistake) -> Answer:
    """Verify the Markdown architecture."""
    from n_orca.parser import parse
    from n_orca.verifier import verify

    size = ", ".join(map(str, mistake.shape))
    lines = ["# architecture Mistake", "", "## tensors", "", "| Name | Shape | Dtype |", "|---|---|---|"]
    lines += [f"| x | (B, {size}) | float32 |", "", "## layer x [input]"]
    for row in mistake.rows:
        lines += [f"## layer {row[0]}", f"- op: {_orca_op(row)}"]
    lines += ["## layer out [output]", "", "## flow", "", "| Source | Target | Tensor |", "|---|---|---|"]
    for name, _, _, inputs in mistake.rows:
        lines += [f"| {source} | {name} | {source}_{name} |" for source in inputs]
    lines.append(f"| {mistake.rows[-1][0]} | out | y |")
    try:
        reports = [verify(architecture) for architecture in parse("\n".join(lines))]
    except Exception as error:
        return CHECKING, _words(error)
    errors = [error for report in reports for error in report.errors]
    return (CHECKING, _words(f"{errors[0].code}: {errors[0].message}")) if errors else (NEVER, "")


def _orca_op(row: Row) -> str:
    _, kind, a, _ = row
    if kind == "Conv2d":
        unknown = set(a) - {"in_channels", "out_channels", "kernel_size", "stride", "padding", "bias"}
        if unknown:
            raise CannotSay(", ".join(sorted(unknown)))
        numbers = (a["in_channels"], a["out_channels"], a["kernel_size"], a.get("stride", 1), a.get("padding", 0))
        return f"Conv2d({', '.join(map(str, numbers))})"
    if kind == "MaxPool2d":
        return f"MaxPool2d({a['kernel_size']}, {a['stride']})"
    simple = {
        "Add": "Add",
        "ReLU": "ReLU",
        "Concat": f"Concat({a.get('dim')})",
        "BatchNorm2d": f"BatchNorm2d({a.get('num_features')})",
        "AdaptiveAvgPool2d": f"AdaptiveAvgPool2d({a.get('output_size')})",
        "MultiheadAttention": f"MultiHeadAttention({a.get('embed_dim')}, {a.get('num_heads')}, 0.0)",
    }
    if kind not in simple:
        raise CannotSay(kind)
    return simple[kind]


def keras(mistake: Mistake) -> Answer:
    """Call layers on a symbolic input, as a functional model on the torch backend; run one batch in training mode."""
    os.environ.setdefault("KERAS_BACKEND", "torch")
    import keras as library
    import numpy

    values: dict[str, Any] = {"x": library.Input(mistake.shape)}
    try:
        for name, kind, arguments, inputs in mistake.rows:
            values[name] = _keras_layer(library, kind, arguments, [values[i] for i in inputs])
    except CannotSay:
        raise
    except Exception as error:
        return BUILDING, _words(error)
    model = library.Model(values["x"], values[mistake.rows[-1][0]])
    try:
        model(numpy.random.default_rng(0).normal(size=(mistake.batch, *mistake.shape)), training=True)
    except Exception as error:
        return FORWARD, _words(error)
    return NEVER, ""


def _keras_layer(library: Any, kind: str, a: dict[str, Any], given: list[Any]) -> Any:
    layers, first = library.layers, {"data_format": "channels_first"}
    renamed = {"kernel_size": "kernel_size", "stride": "strides", "groups": "groups", "bias": "use_bias"}
    if kind in ("Conv2d", "ConvTranspose2d"):
        known = {renamed[k]: v for k, v in a.items() if k in renamed}
        other = {k: v for k, v in a.items() if k not in (*renamed, "in_channels", "out_channels", "padding")}
        other.pop("output_padding", None)
        maker = layers.Conv2D if kind == "Conv2d" else layers.Conv2DTranspose
        same = {"padding": "same"} if a.get("padding") else {}
        return maker(a["out_channels"], **known, **same, **other, **first)(given[0])
    if kind == "MultiheadAttention":
        return layers.MultiHeadAttention(a["num_heads"], a["embed_dim"] // a["num_heads"])(given[0], given[0])
    makers: dict[str, Callable[[], Any]] = {
        "Add": layers.Add,
        "ReLU": layers.ReLU,
        "Concat": lambda: layers.Concatenate(axis=1),
        "MaxPool2d": lambda: layers.MaxPooling2D(2, **first),
        "BatchNorm2d": lambda: layers.BatchNormalization(axis=1),
        "AdaptiveAvgPool2d": lambda: layers.GlobalAveragePooling2D(keepdims=True, **first),
    }
    return makers[kind]()(given if len(given) > 1 else given[0])


def ultralytics(mistake: Mistake) -> Answer:
    """Parse the YAML model into modules, then run one batch through them. Its Conv has a norm and an activation."""
    import torch
    from ultralytics.nn.tasks import parse_model

    lines: list[list[Any]] = []
    place = {"x": -1}
    for row in mistake.rows:
        layer = _ultralytics_layer(row, mistake.rows)
        if layer is not None:
            sources = [-1 if place[i] in (-1, len(lines) - 1) else place[i] for i in row[3]]
            lines.append([sources if len(sources) > 1 else sources[0], 1, *layer])
        place[row[0]] = len(lines) - 1
    form = {"nc": 1, "backbone": lines, "head": [], "depth_multiple": 1.0, "width_multiple": 1.0}
    return _built_and_run(
        lambda: parse_model(form, ch=mistake.shape[0], verbose=False)[0],
        lambda layers: _run_rows(layers.train(), torch.randn(mistake.batch, *mistake.shape)),
    )


def _ultralytics_layer(row: Row, rows: tuple[Row, ...]) -> list[Any] | None:
    """Return module and arguments, without input channels, which it computes; None for what its Conv includes."""
    name, kind, a, _ = row
    if kind in ("BatchNorm2d", "ReLU"):
        return None
    if kind == "Conv2d":
        unknown = set(a) - {"in_channels", "out_channels", "kernel_size", "stride", "padding", "groups", "bias"}
        if unknown:
            raise CannotSay(", ".join(sorted(unknown)))
        if a.get("bias", True) and any(r[1] == "BatchNorm2d" and r[3] == (name,) for r in rows):
            raise CannotSay("a bias beside a norm")
        numbers = (a["out_channels"], a["kernel_size"], a.get("stride", 1), a.get("padding", 0), a.get("groups", 1))
        return ["Conv", list(numbers)]
    if kind == "ConvTranspose2d":
        numbers = (a["out_channels"], a["kernel_size"], a["stride"], a.get("padding", 0), a.get("output_padding", 0))
        return ["nn.ConvTranspose2d", list(numbers)]
    makers = {"Concat": ["Concat", [1]], "MaxPool2d": ["nn.MaxPool2d", [2, 2]]}
    makers["AdaptiveAvgPool2d"] = ["nn.AdaptiveAvgPool2d", [1]]
    if kind not in makers:
        raise CannotSay(kind)
    return makers[kind]


def _run_rows(layers: Any, x: Any) -> None:
    """Run the layers in order, as ultralytics' own models do."""
    made: list[Any] = []
    for layer in layers:
        sources = layer.f if isinstance(layer.f, list) else [layer.f]
        given = [x if source == -1 else made[source] for source in sources]
        x = layer(given if len(given) > 1 else given[0])
        made.append(x)


def _built_and_run(build: Callable[[], Any], run: Callable[[Any], Any]) -> Answer:
    try:
        module = build()
    except Exception as error:
        return BUILDING, _words(error)
    try:
        run(module)
    except Exception as error:
        return FORWARD, _words(error)
    return NEVER, ""
