"""Run designs: on random data, on small real data, for gradients; measure devices."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal

from archspec.dependencies import require_learn, require_torch
from archspec.design import Design, to_graph
from archspec.ir.graph import Graph

if TYPE_CHECKING:
    from archspec.analysis.gradient_flow import GradientFlow
    from archspec.analysis.latency.profile import Dtype
    from archspec.runtime.audit.report import Audit
    from archspec.runtime.calibrate.calibrate import Calibration, CalibrationProgress
    from archspec.runtime.collector import ProgressCallback
    from archspec.runtime.learn.report import LearnReport
    from archspec.runtime.smoke.report import SmokeReport
    from archspec.worker.client import ShouldStop


def smoke(
    design: Design,
    variant: str | None = None,
    *,
    device: str = "auto",
    batch: int | Literal["max"] = 8,
    dtype: Dtype = "float32",
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
