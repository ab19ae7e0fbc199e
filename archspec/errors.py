"""The exceptions that archspec raises on purpose. All have one base, and are exported as `archspec.<name>`.

* ArchspecError
  * SpecError: a spec is wrong; `diagnostics` holds every finding
  * ConfigurationError: a lint configuration cannot be used; `problems` holds every reason
  * UsageError: arguments of the command line contradict each other or have no meaning
  * MissingDependencyError (an ImportError): an optional package is not installed
  * DeviceNotFoundError: torch finds no such device
  * IncompleteGraphError (a ValueError): layers failed, so that nothing can be predicted of the whole
  * ShortcutRemovalError (a ValueError): the shortcuts of a design cannot be taken out; `merges` says why
  * OpenPathError (a ValueError): a path of a drawing names no block that can be opened
  * PictureError (a ValueError): Graphviz cannot draw a picture
  * ChartError (a ValueError): there is nothing to plot
  * WeightsError (a ValueError): weights cannot be read, or do not fit the model; `report` lists the tensors
  * ExportError (a ValueError): a graph cannot be written as Python
  * DataMismatchError (a ValueError): a design does not take the data of a learning check
  * GradientFlowError (a RuntimeError): a design fails while its gradients are measured; `layer` and `span` say where
  * TaskError (a RuntimeError): work in a separate process failed; `kind` and `layer` say how and where
    * WorkerEndedError: the process ended, or was ended, before the work was done

A wrong argument of a function is a TypeError, ValueError or KeyError, as everywhere in Python. Where a builtin class
fits, it is a second base, so that `except ValueError` and `except ImportError` work too.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the lowest layer of all: it names types of the layers above it and imports none of them
    from archspec.analysis.shortcut_removal.unremovable import UnremovableMerge
    from archspec.backends.torch.weights_report import WeightsReport
    from archspec.diagnostics import Diagnostic, Span


class ArchspecError(Exception):
    """The base of all exceptions that archspec raises on purpose."""


class SpecError(ArchspecError):
    """A spec that cannot be used; `diagnostics` holds every finding, errors first found first."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("\n".join(f"{d} ({d.hint})" if d.hint else str(d) for d in self.diagnostics))

    def __reduce__(self) -> tuple[type[SpecError], tuple[tuple[Diagnostic, ...]]]:
        # Exceptions are pickled by their message, from which the findings could not be restored.
        return (SpecError, (self.diagnostics,))


class ConfigurationError(ArchspecError):
    """A configuration that cannot be used; each of `problems` is `file:line:column: what`."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


class UsageError(ArchspecError):
    """Arguments that cannot be used together, or a configuration that cannot be; the message says which and why."""


class MissingDependencyError(ArchspecError, ImportError):
    """An optional package that is needed and not installed; the message is the `pip install` that provides it."""


class DeviceNotFoundError(ArchspecError):
    """A device that torch does not find; the message names those that it finds."""


class IncompleteGraphError(ArchspecError, ValueError):
    """A graph with layers that failed, of which nothing can be predicted."""


class ShortcutRemovalError(ArchspecError, ValueError):
    """A design whose shortcuts cannot be taken out; `merges` has every merge that prevents it."""

    SHOWN = 4

    def __init__(self, name: str, merges: tuple[UnremovableMerge, ...], reason: str = "") -> None:
        shown = [str(merge) for merge in merges[: self.SHOWN]]
        if len(merges) > self.SHOWN:
            shown.append(f"and {len(merges) - self.SHOWN} other lines")
        super().__init__(f"the shortcuts of {name} cannot be taken out: {reason or '; '.join(shown)}")
        self.merges = merges
        self._arguments = name, merges, reason

    def __reduce__(self) -> tuple[type[ShortcutRemovalError], tuple[str, tuple[UnremovableMerge, ...], str]]:
        return (ShortcutRemovalError, self._arguments)


class OpenPathError(ArchspecError, ValueError):
    """A path that cannot be opened in a view; the message says why, and which can be."""


class PictureError(ArchspecError, ValueError):
    """A picture that cannot be drawn; the message says why and what to do."""


class ChartError(ArchspecError, ValueError):
    """A chart that cannot be drawn; the message says why and what to do."""


class WeightsError(ArchspecError, ValueError):
    """Weights that cannot be read, or that do not fit a model: `report` then has each tensor, and is None otherwise."""

    def __init__(self, message: str, report: WeightsReport | None = None) -> None:
        super().__init__(message, report)  # pickling repeats the call with these
        self.report = report

    def __str__(self) -> str:
        return str(self.args[0])


class ExportError(ArchspecError, ValueError):
    """A graph that cannot be written as Python source."""


class DataMismatchError(ArchspecError, ValueError):
    """A design that does not take the data of a learning check; the message says what the data needs."""


class GradientFlowError(ArchspecError, RuntimeError):
    """A design that does not run; `layer` and `span` say where."""

    def __init__(self, message: str, layer: str = "", span: Span | None = None) -> None:
        place = "".join((f"{span}: " if span is not None else "", f"in {layer}: " if layer else ""))
        super().__init__(f"{place}{message}")
        self.message, self.layer, self.span = message, layer, span


class TaskError(ArchspecError, RuntimeError):
    """Work in a separate process that failed: `kind` sorts failures, `layer` is the path in the design, or empty."""

    def __init__(self, kind: str, message: str, layer: str = "") -> None:
        super().__init__(kind, message, layer)  # pickling repeats the call with these
        self.kind, self.message, self.layer = kind, message, layer

    def __str__(self) -> str:
        return self.message


class WorkerEndedError(TaskError):
    """A process that ended, or was ended, before its work was done.

    kind: cancelled, timeout, killed, out_of_memory or crash. `exit_code`, and `last_line` of what the process printed,
    are known where it ended by itself.
    """

    def __init__(self, kind: str, message: str, exit_code: int | None = None, last_line: str = "") -> None:
        super().__init__(kind, message)
        self.exit_code, self.last_line = exit_code, last_line
