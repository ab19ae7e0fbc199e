"""The layer that is running: reported as it is entered, so that a crash leaves its name, or found in a traceback."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any

import torch
from torch import nn

from archspec.backends.torch.program import Program
from archspec.ir.graph import Call, Graph, join

OnLayer = Callable[[str, str], None]  # called with the path of a layer, and "forward" or "backward"


class LayerMonitor:
    """Follows the passes through one model; `layer` is the path of the layer that was entered last."""

    def __init__(self, graph: Graph, on_layer: OnLayer) -> None:
        self._graph, self._on_layer = graph, on_layer
        self.layer = ""

    @contextmanager
    def attached(self, model: nn.Module) -> Iterator[None]:
        """Report every layer with a module as it is entered, and as a gradient reaches its outputs."""
        handles = []
        for module in model.modules():
            path = getattr(module, "archspec_path", "")
            # Leaves alone: a container is entered before its first child, whose name is more exact.
            if path and not list(module.children()):
                handles.append(module.register_forward_pre_hook(self._entered(path)))
                handles.append(module.register_forward_hook(self._left(path)))
        try:
            yield
            self.layer = ""
        finally:
            for handle in handles:
                handle.remove()

    def _enter(self, path: str, direction: str) -> None:
        self.layer = path
        self._on_layer(path, direction)

    def _entered(self, path: str) -> Callable[[nn.Module, Any], None]:
        return lambda _module, _inputs: self._enter(path, "forward")

    def _left(self, path: str) -> Callable[[nn.Module, Any, Any], None]:
        def left(_module: nn.Module, _inputs: Any, outputs: Any) -> None:
            for value in outputs if isinstance(outputs, tuple) else (outputs,):
                if isinstance(value, torch.Tensor) and value.requires_grad:
                    # The gradient of an output arrives just before the backward pass of the layer. A full backward hook
                    # would wrap the outputs in views, which in-place activations must not modify.
                    value.register_hook(lambda _: self._enter(path, "backward"))

        return left

    def locate(self, error: BaseException) -> str:
        """Return the path of the layer in which an error was raised; "" where no layer was running.

        The generated frames say which line of a forward was running. Where that line is a chain of layers, or a call
        of a block, the layer that the hooks saw last is more exact.
        """
        path = ""
        for module, line in _generated_frames(error.__traceback__):
            path = self._step(str(module.archspec_path), line)
        return self.layer if not path or _within(self.layer, path) else path

    def _step(self, block: str, line: int) -> str:
        """Return the path of the step that a line of a forward runs; in a chain of layers, of the one entered last."""
        # Worked out for a failure only; a run that is fine pays for the hooks alone.
        bodies = {placed.path: placed.step.body for placed in self._graph.walk() if isinstance(placed.step, Call)}
        body = self._graph.body if not block else bodies[block]
        paths = [join(block, body.steps[index].scope) for index in Program(body).steps_at(line)]
        if not paths:
            return block
        return self.layer if any(_within(self.layer, path) for path in paths) else paths[0]


def _within(path: str, whole: str) -> bool:
    return path == whole or path.startswith(f"{whole}.")


def _generated_frames(traceback: TracebackType | None) -> Iterator[tuple[Any, int]]:
    """Yield the modules of generated forwards and the lines that were running, outermost first."""
    while traceback is not None:
        frame = traceback.tb_frame
        if frame.f_code.co_filename.startswith("<archspec ") and "self" in frame.f_locals:
            yield frame.f_locals["self"], traceback.tb_lineno
        traceback = traceback.tb_next


@torch.no_grad()
def first_not_finite(model: nn.Module, run: Callable[[], object]) -> str:
    """Return the path of the first layer with a module whose outputs are not all finite; "" if there is none."""
    found: list[str] = []

    def look(module: nn.Module, _inputs: Any, outputs: Any) -> None:
        for value in outputs if isinstance(outputs, tuple) else (outputs,):
            # The first in the order of execution: what comes after it may only pass the trouble on.
            if not found and isinstance(value, torch.Tensor) and not bool(torch.isfinite(value).all()):
                found.append(str(getattr(module, "archspec_path", "")))

    leaves = [m for m in model.modules() if getattr(m, "archspec_path", "") and not list(m.children())]
    handles = [module.register_forward_hook(look) for module in leaves]
    try:
        run()
    finally:
        for handle in handles:
            handle.remove()
    return found[0] if found else ""
