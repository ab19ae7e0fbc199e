"""The public ways to run a design for real, and to measure a device. torch is imported where it runs, never here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from archspec.analysis.gradient_flow import GradientFlow
from archspec.building import require_torch
from archspec.ir.graph import Graph
from archspec.language.load import Spec, load
from archspec.lowering import lower
from archspec.runtime.audit.report import Audit
from archspec.runtime.request import check_device
from archspec.runtime.smoke.report import SmokeReport
from archspec.runtime.smoke.request import SmokeRequest

if TYPE_CHECKING:
    from archspec.runtime.calibrate.calibrate import Calibration, CalibrationProgress


def smoke(
    design: Graph | Spec | str,
    variant: str | None = None,
    *,
    device: str = "auto",
    batch: int | Literal["max"] = 8,
    dtype: str = "float32",
    steps: int = 5,
    optimizer: str = "sgd",
    compile: bool = False,
    channels_last: bool = False,
    seed: int = 0,
    timeout: float = 300.0,
    memory_limit: int | None = None,
    on_progress: Callable[[str, str], None] | None = None,
    stop: Callable[[], bool] | None = None,
    **params: Any,
) -> SmokeReport:
    """Build a design and train it for a few steps on random data, in a process of its own; what happened.

    design: a Graph, a Spec, a path or a gallery name; variant and params belong to a path or name.
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
    from archspec.runtime.smoke.largest import largest
    from archspec.runtime.smoke.smoke_run import run

    request = SmokeRequest(
        device=device,
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
    graph = graph_of(design, variant, params)
    if batch == "max":
        return largest(graph, request, on_progress, smoke_once=partial(run, stop=stop))
    return run(graph, request, on_progress, stop)


def devices(timeout: float = 60.0) -> tuple[str, ...]:
    """The devices that torch finds, the fastest kind first: cuda:0, cuda:1, mps, cpu.

    torch is asked in a process of its own. Raises MissingDependencyError without torch, RuntimeError
    for one that does not import, or not in time.
    """
    require_torch("running a design")
    from archspec.runtime.list_devices import found

    return found(timeout)


def gradient_flow(
    design: Graph | Spec | str,
    variant: str | None = None,
    *,
    without_shortcuts: bool = False,
    steps: int = 0,
    init: str = "default",
    seed: int = 0,
    batch: int = 16,
    device: str = "cpu",
    learning_rate: float = 0.01,
    on_progress: Callable[[str, str], None] | None = None,
    **params: Any,
) -> GradientFlow:
    """The norms of weight gradients and outputs of all convolutions and linear layers, on random data, by depth.

    design: a Graph, a Spec, a path or a gallery name; variant and params belong to a path or name.
    without_shortcuts: measure the same design without its shortcuts too, from the same weights.
    steps: measure again after so many steps of SGD.
    init: default (the design's own), he, xavier or torch (as torch's own layers start).
    on_progress: called with the stage and the layer entered last whenever either changes.

    Raises SpecError for a spec that is wrong, ShortcutRemovalError where the shortcuts cannot be taken out,
    ValueError for an argument that is wrong, GradientFlowError for a design that does not run, MissingDependencyError.
    """
    require_torch("gradient flow")
    from archspec.runtime.gradient_flow.compare import compare
    from archspec.runtime.gradient_flow.request import FlowRequest

    request = FlowRequest(without_shortcuts, steps, init, seed, batch, device, learning_rate)
    return compare(graph_of(design, variant, params), request, on_progress)


def audit(
    design: Graph | Spec | str, variant: str | None = None, *, checkers: Iterable[str] | None = None, **params: Any
) -> Audit:
    """A design's parameters and MACs beside what other counters say, each difference explained by rules.

    The counters are torchinfo, torch's FlopCounterMode and, where it is installed, fvcore.

    design: a Graph, a Spec, a path or a gallery name; variant and params belong to a path or name.
    checkers: which ones, by the names that `archspec audit --help` lists; all if None.

    Raises SpecError for a spec that is wrong, ValueError for a checker that there is not,
    MissingDependencyError without torch.
    """
    require_torch("an audit")
    from archspec.runtime.audit.auditing import run
    from archspec.runtime.audit.checkers import checker_names

    there = checker_names()
    names = there if checkers is None else tuple(checkers)
    for name in names:
        if name not in there:
            raise ValueError(f"there is no checker {name!r}; there are {', '.join(there)}")
    return run(graph_of(design, variant, params), names)


def graph_of(design: Graph | Spec | str, variant: str | None, params: dict[str, Any]) -> Graph:
    """The graph of a design; raises SpecError for a wrong one, TypeError for what belongs to another kind."""
    if isinstance(design, str):
        return lower(load(design, variant, **params))
    if variant is not None or params:
        raise TypeError("variant and params belong to a path or name; a Spec or Graph has them already")
    return design if isinstance(design, Graph) else lower(design)


def calibrate(
    device: str = "auto", *, quick: bool = False, on_progress: CalibrationProgress | None = None
) -> Calibration:
    """Measure a device with torch: its profile for `latency`, and the text of the profile's file.

    device: auto, cpu, cuda, cuda:1 (any number) or mps; quick: about 5 seconds rather than 30,
    less exact, and on a CPU in float32 alone.
    on_progress: called before each measurement with how many are done, how many there are, and what is next.

    Raises ValueError for a name that no device has, DeviceNotFoundError for one that is not there,
    MissingDependencyError without torch.
    """
    check_device(device)
    require_torch("measuring a device")
    from archspec.runtime.calibrate.calibrate import measured

    return measured(device, quick, on_progress)
