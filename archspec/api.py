"""The public functions that take a design, as `archspec.<name>`: each composes the rooms that it needs.

The first argument of all of them is a `Design`: a path or a name of the gallery, a Spec, or a Graph. `variant` and
further keywords, which override the spec's parameters, belong to a path or name. A parameter that is called like an
argument of the function can be set by `archspec.load(name, **params)`.

Everything is imported where it is used: a program pays only for what it calls, and torch is imported only to build or
run.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal, overload

from archspec.analysis.memory import defaults as memory_defaults
from archspec.dependencies import require_learn, require_torch
from archspec.design import Design, to_graph, to_spec
from archspec.ir.graph import Graph
from archspec.language.load import Spec

if TYPE_CHECKING:
    import torch
    from torch import nn

    from archspec.analysis.checkpointing import Checkpoint
    from archspec.analysis.gradient_flow import GradientFlow
    from archspec.analysis.latency.predict import Latency
    from archspec.analysis.latency.profile import DeviceProfile, Dtype
    from archspec.analysis.memory.losses import Loss
    from archspec.analysis.memory.predict import Memory
    from archspec.analysis.summary import Level, Summary
    from archspec.analysis.valid_sizes.report import ValidSizes
    from archspec.backends.torch.weight_keys import KeyMap
    from archspec.backends.torch.weights import Weights
    from archspec.backends.torch.weights_report import WeightsReport
    from archspec.comparison.difference import Difference
    from archspec.diagnostics import Diagnostic
    from archspec.language.with_input import Sizes
    from archspec.lowering.cache import LoweringCache
    from archspec.runtime.audit.report import Audit
    from archspec.runtime.calibrate.calibrate import Calibration, CalibrationProgress
    from archspec.runtime.collector import ProgressCallback
    from archspec.runtime.learn.report import LearnReport
    from archspec.runtime.smoke.report import SmokeReport
    from archspec.views.draw import Direction, Figure, PictureFormat, TextFormat
    from archspec.worker.client import ShouldStop

    Precision = Literal["float32", "bfloat16", "float16"]
    ChartFormat = Literal["svg", "png"]


# Check


def lint(
    design: Design,
    variant: str | None = None,
    *,
    file: str | os.PathLike[str] = "<text>",
    variants: bool = True,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    **params: Any,
) -> tuple[Diagnostic, ...]:
    """Return every finding in a design, sorted by place; empty where there is none. No error of a spec is raised.

    design: a path, a gallery name, the text of a spec (anything with a line break in it) or a Spec.
    file: the name of a text in the findings.
    variants: check every variant, unless one is chosen; a finding that not all of them have names those that do.
    select, ignore: choose rules by code, or by the beginning of one.

    Raises TypeError for a Graph, which no longer has the text that findings point into.
    """
    from archspec.frontend import Options, Source, open_design, open_spec, open_text
    from archspec.language.load import to_trees
    from archspec.linter.selection import Selection

    selection = Selection(tuple(select), tuple(ignore))
    if not isinstance(design, str | os.PathLike):
        return open_spec(to_spec(design, variant, params)).lint(False, selection)
    options = Options(variant or "", to_trees(params))
    # No path or gallery name has a line break.
    if isinstance(design, str) and "\n" in design:
        return open_text(Source(design, os.fspath(file)), options).lint(variants, selection)
    return open_design(design, options).lint(variants, selection)


def lower(design: Design, variant: str | None = None, *, cache: LoweringCache | None = None, **params: Any) -> Graph:
    """Return the Graph of a design: every layer with its shape, parameters and origin.

    cache: a LoweringCache that several calls share; designs of one family then share their common blocks, which
        makes a sweep over parameters several times faster.

    Raises SpecError, which carries every finding, for a spec that is wrong.
    """
    return to_graph(design, variant, params, cache)


def valid_sizes(design: Design, variant: str | None = None, *, pinned: bool = True, **params: Any) -> ValidSizes:
    """Return all sizes of the inputs' free axes (height, width, depth, length) at which a network works.

    pinned: count what a built module bakes in, such as the inputs of a linear layer; otherwise the answer says which
        sizes the spec could declare instead. A tensor added by silent broadcast counts as a failure.
    """
    # A local import: it hides the public function in this body alone.
    from archspec.analysis.valid_sizes.solve import valid_sizes

    return valid_sizes(to_graph(design, variant, params), pinned=pinned)


# Inspect


def summarize(
    design: Design, variant: str | None = None, *, level: Level = "stage", saved: bool = True, **params: Any
) -> Summary:
    """Return the table of a network: shapes, parameters, MACs and output bytes of one sample.

    level: what a row is: `stage` (stem, each stage, head), `block` (calls and loose ops) or `op`.
    saved: add the bytes that each row keeps for the backward pass, where they can be known; each op is traced for that.
    """
    from archspec.analysis.summary import summarize

    graph = to_graph(design, variant, params)
    summary = summarize(graph, level)
    if not saved:
        return summary
    from archspec.analysis.memory.saved_by_row import with_saved_bytes

    return with_saved_bytes(graph, summary)


@overload
def draw(
    design: Design,
    variant: str | None = ...,
    *,
    level: Level = ...,
    format: PictureFormat = ...,
    open: Iterable[str] = ...,
    color: Figure = ...,
    direction: Direction = ...,
    diagnostics: Iterable[Diagnostic] = ...,
    time_limit: float | None = ...,
    **params: Any,
) -> bytes: ...
@overload
def draw(
    design: Design,
    variant: str | None = ...,
    *,
    level: Level = ...,
    format: TextFormat,
    open: Iterable[str] = ...,
    color: Figure = ...,
    direction: Direction = ...,
    diagnostics: Iterable[Diagnostic] = ...,
    time_limit: float | None = ...,
    **params: Any,
) -> str: ...
@overload
def draw(
    design: Design,
    variant: str | None = ...,
    *,
    level: Level = ...,
    format: PictureFormat | TextFormat,
    open: Iterable[str] = ...,
    color: Figure = ...,
    direction: Direction = ...,
    diagnostics: Iterable[Diagnostic] = ...,
    time_limit: float | None = ...,
    **params: Any,
) -> bytes | str: ...
def draw(
    design: Design,
    variant: str | None = None,
    *,
    level: Level = "block",
    format: PictureFormat | TextFormat = "svg",
    open: Iterable[str] = (),
    color: Figure = "",
    direction: Direction = "down",
    diagnostics: Iterable[Diagnostic] = (),
    time_limit: float | None = 60.0,
    **params: Any,
) -> bytes | str:
    """Return a picture: the bytes of svg, png or pdf, or the text of dot, mmd, html or json.

    level: what a box is: stage, block or op.
    open: the paths of stages and blocks that are divided further.
    color: the figure by which boxes are coloured: params, macs, memory (of outputs) or receptive-field.
    diagnostics: the findings of a broken design, shown at the layers that failed.
    time_limit: seconds for the layout of svg, png and pdf, which runs in another process unless it is small; None for
        no limit, and this process.

    Raises PictureError where the layout fails or takes too long, OpenPathError for a path in `open` that is none.
    """
    from archspec.views.draw import draw

    return draw(
        to_graph(design, variant, params),
        level,
        format,
        open=open,
        color=color,
        direction=direction,
        diagnostics=diagnostics,
        time_limit=time_limit,
    )


def plot(
    design: Design,
    variant: str | None = None,
    *,
    kind: Literal["cost", "receptive-field"] = "cost",
    format: ChartFormat = "svg",
    **params: Any,
) -> bytes:
    """Return a chart as svg or png.

    kind: `cost` (parameters, MACs and memory of each stage) or `receptive-field` (by depth).

    Raises MissingDependencyError without matplotlib, ChartError where there is nothing to draw.
    """
    from archspec.charts.plotting import plot

    return plot(to_graph(design, variant, params), kind, format)


# Predict


def memory(
    design: Design,
    variant: str | None = None,
    *,
    batch: int = memory_defaults.BATCH,
    dtype: Precision = "float32",
    optimizer: Literal["sgd", "momentum", "adamw"] = memory_defaults.OPTIMIZER,
    device: Literal["gpu", "cpu"] = "gpu",
    loss: Loss = "mean_square",
    checkpoint: Checkpoint = False,
    **params: Any,
) -> Memory:
    """Return the memory that a training step takes, without running it: forward, loss, backward, optimizer.

    batch: samples at a time.
    dtype: float32, or bfloat16 or float16 by autocast, as the device runs it.
    optimizer: sgd, momentum (SGD with it) or adamw; its state is counted from the start, as from the second step on.
    device: gpu counts in the allocator's blocks of 512 bytes, cpu in bytes.
    loss: mean_square (`x.square().mean()` of each output), mse (to a target of the same shape) or cross_entropy (over
        the channels), in float32. Without an output that has a gradient the forward pass is all.
    checkpoint: the blocks that are recomputed in the backward pass, as `build` takes them.

    Raises IncompleteGraphError for a graph with layers that failed.
    """
    from archspec.analysis.memory.predict import predict_memory

    graph = to_graph(design, variant, params)
    return predict_memory(
        graph, batch=batch, dtype=dtype, optimizer=optimizer, device=device, loss=loss, checkpoint=checkpoint
    )


def largest_batch(
    design: Design,
    variant: str | None = None,
    *,
    memory_limit: int,
    dtype: Precision = "float32",
    optimizer: Literal["sgd", "momentum", "adamw"] = memory_defaults.OPTIMIZER,
    device: Literal["gpu", "cpu"] = "gpu",
    loss: Loss = "mean_square",
    checkpoint: Checkpoint = False,
    **params: Any,
) -> int:
    """Return the most samples whose training step is predicted to fit into `memory_limit` bytes; 0 if not even one.

    The other arguments are those of `memory`.
    """
    from archspec.analysis.memory.largest_batch import largest_batch

    graph = to_graph(design, variant, params)
    return largest_batch(
        graph, memory_limit, dtype=dtype, optimizer=optimizer, device=device, loss=loss, checkpoint=checkpoint
    )


def latency(
    design: Design,
    variant: str | None = None,
    *,
    device: str | os.PathLike[str] | DeviceProfile = "h100",
    batch: int = 1,
    dtype: Dtype = "float32",
    training: bool = False,
    level: Level = "stage",
    **params: Any,
) -> Latency:
    """Return the predicted time of a forward pass in eval mode, or of a training step, in eager mode.

    device: the name of a profile that archspec ships, the path of one, or a profile.
    dtype: of all numbers. level: what a row is, as in `summarize`.

    Raises ValueError for an argument that is wrong, SpecError for a profile that is.
    """
    from archspec.analysis.latency.predict import predict_latency

    graph = to_graph(design, variant, params)
    return predict_latency(graph, device=device, batch=batch, dtype=dtype, training=training, level=level)


# Run


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


def smoke(
    design: Design,
    variant: str | None = None,
    *,
    device: str = "auto",
    batch: int | Literal["max"] = 8,
    dtype: Precision = "float32",
    steps: int = 5,
    optimizer: Literal["sgd", "adamw"] = "sgd",
    compile: bool = False,
    channels_last: bool = False,
    seed: int = 0,
    timeout: float = 300.0,
    memory_limit: int | None = None,
    on_progress: ProgressCallback | None = None,
    stop: ShouldStop | None = None,
    **params: Any,
) -> SmokeReport:
    """Train a design for a few steps on random data, in a separate process, and report what happened.

    device: auto, cpu, cuda, cuda:1 (any number) or mps; one that is not there is an error in the report.
    batch: how many samples, or "max": the largest that fits (on a CPU within `memory_limit`).
    dtype: float32, or bfloat16 or float16 by autocast.
    steps: how many timed repeats of the forward pass, and how many timed training steps.
    optimizer: sgd (with momentum) or adamw.
    timeout: seconds after which a run is ended.
    memory_limit: bytes that it may take; on a CPU under Linux alone, and on CUDA.
    on_progress: called with the stage and the layer entered last whenever either changes.
    stop: polled several times a second; the run ends as `cancelled` once it returns True.

    Raises SpecError for a spec that is wrong, ValueError for an argument that is, MissingDependencyError without torch.
    """
    require_torch()
    from functools import partial

    from archspec.runtime.smoke.largest import largest
    from archspec.runtime.smoke.request import SmokeRequest
    from archspec.runtime.smoke.smoke_run import run

    request = SmokeRequest(
        device=device,
        # `largest` replaces it by the sizes that it tries.
        batch=1 if batch == "max" else batch,
        dtype=dtype,
        steps=steps,
        optimizer=optimizer,
        compile=compile,
        channels_last=channels_last,
        seed=seed,
        timeout=timeout,
        memory_limit=memory_limit,
    )
    graph = to_graph(design, variant, params)
    if batch == "max":
        return largest(graph, request, on_progress, smoke_once=partial(run, stop=stop))
    return run(graph, request, on_progress, stop)


def learn(
    design: Design,
    variant: str | None = None,
    *,
    data: str,
    steps: int | None = None,
    batch: int = 32,
    learning_rate: float | None = None,
    optimizer: Literal["sgd", "adamw"] = "adamw",
    seed: int = 0,
    device: str = "auto",
    timeout: float = 600.0,
    on_progress: ProgressCallback | None = None,
    stop: ShouldStop | None = None,
    **params: Any,
) -> LearnReport:
    """Train a design for a short while on small real data, in a separate process, and report how well it does.

    data: digits (images to 10 scores), shapes (images to 4 scores at each pixel) or text (characters to scores of
        the next one).
    steps, learning_rate: None for what is usual: 200 steps, 400 for text; 0.003 with adamw, 0.05 with sgd.
    seed: of the weights and of the order of the examples; the data is always the same.
    timeout: seconds after which the check is ended.
    on_progress: called with the stage and the layer entered last whenever either changes.
    stop: polled several times a second; the check ends as `cancelled` once it returns True.

    Raises SpecError for a spec that is wrong, ValueError for an argument that is, DataMismatchError for a design that
    the data does not fit, MissingDependencyError without torch, scikit-learn or torchmetrics.
    """
    require_torch("learning")
    require_learn()
    from archspec.runtime.learn.learn_run import run
    from archspec.runtime.learn.request import LearnRequest

    request = LearnRequest(
        data=data,
        steps=steps,
        batch=batch,
        learning_rate=learning_rate,
        optimizer=optimizer,
        seed=seed,
        device=device,
        timeout=timeout,
    )
    return run(to_graph(design, variant, params), request, on_progress, stop)


def gradient_flow(
    design: Design,
    variant: str | None = None,
    *,
    without_shortcuts: bool = False,
    steps: int = 0,
    init: Literal["default", "he", "xavier", "torch"] = "default",
    seed: int = 0,
    batch: int = 16,
    device: str = "cpu",
    learning_rate: float = 0.01,
    timeout: float | None = None,
    on_progress: ProgressCallback | None = None,
    stop: ShouldStop | None = None,
    **params: Any,
) -> GradientFlow:
    """Return the norms of weight gradients and outputs of all convolutions and linear layers, on random data, by depth.

    without_shortcuts: measure the same design without its shortcuts too, from the same weights.
    steps: measure again after so many steps of SGD.
    init: default (the design's own), he, xavier or torch (as torch's own layers start).
    timeout: seconds after which it is ended.
    on_progress: called with the stage and the layer entered last whenever either changes.
    stop: polled several times a second; it is ended once it returns True.

    It runs in this process; with `timeout` or `stop` in a separate one.

    Raises SpecError for a spec that is wrong, ShortcutRemovalError where the shortcuts cannot be taken out, ValueError
    for an argument that is wrong, GradientFlowError for a design that does not run, WorkerEndedError where it is ended,
    MissingDependencyError without torch.
    """
    require_torch("gradient flow")
    from archspec.runtime.gradient_flow.request import FlowRequest

    request = FlowRequest(without_shortcuts, steps, init, seed, batch, device, learning_rate)
    graph = to_graph(design, variant, params)
    # Only a separate process can be ended at any moment; where nobody needs that, its start is saved.
    if timeout is None and stop is None:
        from archspec.runtime.gradient_flow.compare import compare

        return compare(graph, request, on_progress)
    from archspec.runtime.gradient_flow.flow_run import run

    return run(graph, request, on_progress, timeout, stop)


def without_shortcuts(design: Design, variant: str | None = None, **params: Any) -> Graph:
    """Return the Graph without its shortcuts: paths, tensors and spans of the main path, in the same order.

    Raises ShortcutRemovalError where a skip connection is no added residual, or where there is none.
    """
    from archspec.analysis.shortcut_removal.remove import without_shortcuts

    return without_shortcuts(to_graph(design, variant, params))


def audit(design: Design, variant: str | None = None, *, checkers: Iterable[str] | None = None, **params: Any) -> Audit:
    """Compare a design's parameters and MACs with what other counters report; rules explain each difference.

    The counters are torchinfo, torch's FlopCounterMode and, where it is installed, fvcore.

    checkers: which ones, by the names that `archspec audit --help` lists; all if None.

    Raises SpecError for a spec that is wrong, ValueError for an unknown checker, MissingDependencyError without torch.
    """
    require_torch("an audit")
    from archspec.runtime.audit.auditing import run
    from archspec.runtime.audit.checkers import checker_names

    known = checker_names()
    names = known if checkers is None else tuple(checkers)
    for name in names:
        if name not in known:
            raise ValueError(f"there is no checker {name!r}; there are {', '.join(known)}")
    return run(to_graph(design, variant, params), names)


def devices(timeout: float = 60.0) -> tuple[str, ...]:
    """Return the devices that torch finds, the fastest kind first: cuda:0, cuda:1, mps, cpu.

    torch is imported in another process. Raises MissingDependencyError without torch, RuntimeError for one that cannot
    be imported, or not within `timeout` seconds.
    """
    require_torch("running a design")
    from archspec.runtime.list_devices import list_devices

    return list_devices(timeout)


def calibrate(
    device: str = "auto", *, quick: bool = False, on_progress: CalibrationProgress | None = None
) -> Calibration:
    """Measure a device with torch; the result is its profile for `latency`, and the text of the profile's file.

    device: auto, cpu, cuda, cuda:1 (any number) or mps.
    quick: about 5 seconds rather than 30; less exact, and on a CPU in float32 alone.
    on_progress: called before each measurement with how many are done, how many there are, and what is next.

    Raises ValueError for a name that no device has, DeviceNotFoundError for one that is not there,
    MissingDependencyError without torch.
    """
    require_torch("measuring a device")
    from archspec.runtime.calibrate.calibrate import measured
    from archspec.runtime.request import check_device

    check_device(device)
    return measured(device, quick, on_progress)


# Compare


def diff(before: Design, after: Design) -> Difference:
    """Return how a network differs from another; the Difference is false if it does not.

    before, after: a name or path may also be REVISION:path of a git revision. A Graph has no parameters to compare.

    `diff(a, b).inverse == diff(b, a)`. Raises SpecError for a spec that is wrong.
    """
    from archspec.comparison.compare import compare_designs

    return compare_designs(before, after)[2]


@overload
def draw_diff(
    before: Design, after: Design, *, level: Level = ..., format: PictureFormat = ..., time_limit: float | None = ...
) -> bytes: ...
@overload
def draw_diff(
    before: Design, after: Design, *, level: Level = ..., format: Literal["dot"], time_limit: float | None = ...
) -> str: ...
def draw_diff(
    before: Design,
    after: Design,
    *,
    level: Level = "block",
    format: PictureFormat | Literal["dot"] = "svg",
    time_limit: float | None = 60.0,
) -> bytes | str:
    """Return both networks side by side, what differs in colour: the bytes of svg, png or pdf, or the text of dot.

    Added is green, removed red, changed amber with the change in words, moved dashed. `before` and `after` are those of
    `diff`, `level` and `time_limit` those of `draw`. Raises SpecError for a spec that is wrong, PictureError.
    """
    from archspec.views.comparison.draw import draw_diff

    return draw_diff(before, after, level, format, time_limit=time_limit)


# Write


def to_python(
    design: Design,
    variant: str | None = None,
    *,
    timeout: float | None = None,
    stop: ShouldStop | None = None,
    **params: Any,
) -> str:
    """Return the network as one readable Python file that imports torch alone.

    Its last class takes the inputs of the module that `build` makes, has the same state_dict keys and returns the same
    outputs.

    timeout: seconds after which it is ended.
    stop: polled several times a second; it is ended once it returns True.

    With either it is done in a separate process, which imports torch in place of this one.

    Raises ExportError for a graph with layers that failed, or with a layer of a name that the installed torch uses
    itself, MissingDependencyError without torch, WorkerEndedError where it is ended.
    """
    require_torch("writing it as Python")
    graph = to_graph(design, variant, params)
    if timeout is None and stop is None:
        from archspec.backends.torch.source import source_of

        return source_of(graph)
    from math import inf

    from archspec.worker.client import call

    target = "archspec.backends.torch.source:source_of"
    text: str = call(target, graph, timeout=inf if timeout is None else timeout, stop=stop)
    return text


def to_json(design: Design, variant: str | None = None, **params: Any) -> str:
    """Return the Graph as a JSON text that ends in a line break.

    docs/export.md lists its keys.
    """
    from archspec.ir.as_json import to_json

    return to_json(to_graph(design, variant, params))


def to_yaml(design: Design, variant: str | None = None, **params: Any) -> str:
    """Return a spec without `extends` and variants, in which the chosen variant and parameters are the defaults.

    Raises TypeError for a Graph, which no longer has its spec.
    """
    from archspec.language.flatten import flatten

    return flatten(to_spec(design, variant, params))


def with_input(design: Design, shape: Sizes | Mapping[str, Sizes], variant: str | None = None, **params: Any) -> Spec:
    """Return the Spec with an input of another shape, without the batch.

    shape: `(3, 256, 256)`, or `{name: shape}` where there are several inputs. Kinds stay as declared. Lowering reports
        what does not work with that shape.

    Raises TypeError for a Graph, whose shapes are worked out already.
    """
    from archspec.language.with_input import with_input

    return with_input(to_spec(design, variant, params), shape)
