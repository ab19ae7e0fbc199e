"""Design neural networks as layers plus skip connections: check a YAML spec, see its costs, build it in torch.

>>> graph = archspec.lower(archspec.load("resnet50"))
>>> archspec.summarize(graph).params
25557032
>>> model = archspec.build("resnet50")
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # the one list of public names: type checkers read it as imports, `_load_homes` as a table
    from archspec.analysis.format_numbers import format_bytes as format_bytes
    from archspec.analysis.format_numbers import format_count as format_count
    from archspec.analysis.format_numbers import format_duration as format_duration
    from archspec.analysis.gradient_flow import GradientFlow as GradientFlow
    from archspec.analysis.latency.predict import Latency as Latency
    from archspec.analysis.latency.profile import DeviceProfile as DeviceProfile
    from archspec.analysis.latency.profiles import load_profile as load_profile
    from archspec.analysis.memory.predict import Memory as Memory
    from archspec.analysis.summary import Summary as Summary
    from archspec.analysis.valid_sizes.report import ValidSizes as ValidSizes
    from archspec.api.build import build as build
    from archspec.api.build import load_weights as load_weights
    from archspec.api.build import path_of as path_of
    from archspec.api.build import spec_of as spec_of
    from archspec.api.check import lint as lint
    from archspec.api.check import lower as lower
    from archspec.api.check import valid_sizes as valid_sizes
    from archspec.api.compare import diff as diff
    from archspec.api.compare import draw_diff as draw_diff
    from archspec.api.inspect import draw as draw
    from archspec.api.inspect import plot as plot
    from archspec.api.inspect import summarize as summarize
    from archspec.api.predict import largest_batch as largest_batch
    from archspec.api.predict import latency as latency
    from archspec.api.predict import memory as memory
    from archspec.api.run import audit as audit
    from archspec.api.run import calibrate as calibrate
    from archspec.api.run import devices as devices
    from archspec.api.run import gradient_flow as gradient_flow
    from archspec.api.run import learn as learn
    from archspec.api.run import smoke as smoke
    from archspec.api.run import without_shortcuts as without_shortcuts
    from archspec.api.write import to_json as to_json
    from archspec.api.write import to_python as to_python
    from archspec.api.write import to_yaml as to_yaml
    from archspec.api.write import with_input as with_input
    from archspec.backends.torch.weights_report import TensorProblem as TensorProblem
    from archspec.backends.torch.weights_report import WeightsReport as WeightsReport
    from archspec.charts.gradient_flow import plot_gradient_flow as plot_gradient_flow
    from archspec.charts.plotting import plot_memory as plot_memory
    from archspec.comparison.changes import StageChange as StageChange
    from archspec.comparison.difference import Difference as Difference
    from archspec.dependencies import install_command as install_command
    from archspec.design import Design as Design
    from archspec.diagnostics import Diagnostic as Diagnostic
    from archspec.diagnostics import Fix as Fix
    from archspec.diagnostics import Severity as Severity
    from archspec.diagnostics import Span as Span
    from archspec.errors import ArchspecError as ArchspecError
    from archspec.errors import ChartError as ChartError
    from archspec.errors import ConfigurationError as ConfigurationError
    from archspec.errors import DataMismatchError as DataMismatchError
    from archspec.errors import DeviceNotFoundError as DeviceNotFoundError
    from archspec.errors import ExportError as ExportError
    from archspec.errors import GradientFlowError as GradientFlowError
    from archspec.errors import IncompleteGraphError as IncompleteGraphError
    from archspec.errors import MissingDependencyError as MissingDependencyError
    from archspec.errors import OpenPathError as OpenPathError
    from archspec.errors import PictureError as PictureError
    from archspec.errors import ShortcutRemovalError as ShortcutRemovalError
    from archspec.errors import SpecError as SpecError
    from archspec.errors import TaskError as TaskError
    from archspec.errors import UsageError as UsageError
    from archspec.errors import WeightsError as WeightsError
    from archspec.errors import WorkerEndedError as WorkerEndedError
    from archspec.frontend import Document as Document
    from archspec.frontend import analyze as analyze
    from archspec.ir.graph import Graph as Graph
    from archspec.language.files import gallery_names as gallery_names
    from archspec.language.files import variant_names as variant_names
    from archspec.language.json_schema import json_schema as json_schema
    from archspec.language.load import Spec as Spec
    from archspec.language.load import load as load
    from archspec.language.load import loads as loads
    from archspec.lowering.cache import LoweringCache as LoweringCache
    from archspec.runtime.audit.report import Audit as Audit
    from archspec.runtime.calibrate.calibrate import Calibration as Calibration
    from archspec.runtime.learn.report import LearnReport as LearnReport
    from archspec.runtime.smoke.report import SmokeReport as SmokeReport
    from archspec.source.fixing import apply_fixes as apply_fixes
    from archspec.views.groups import openable as openable
    from archspec.views.model import View as View
    from archspec.views.painter import Painter as Painter
    from archspec.views.view import placed_view as placed_view
    from archspec.views.view import view_of as view_of

__version__ = "0.1.0"
__all__: list[str]  # made by __getattr__
_homes: dict[str, str] = {}


def _load_homes() -> dict[str, str]:
    """Return the module of each public name, read from the imports above."""
    if not _homes:
        import re

        with open(__file__, encoding="utf-8") as file:
            imports = re.finditer(r"^    from (archspec[\w.]*) import (\w+) as \2$", file.read(), re.MULTILINE)
        _homes.update({match[2]: match[1] for match in imports})
    return _homes


if not TYPE_CHECKING:  # a type checker sees the imports above, and no other names

    def __getattr__(name: str) -> Any:
        """Import a public name on first use (PEP 562), so that a program pays only for the parts that it needs."""
        from importlib import import_module

        homes = _load_homes()
        if name == "__all__":
            value = sorted(homes)
        elif name in homes:
            value = getattr(import_module(homes[name]), name)
        else:
            raise AttributeError(f"module 'archspec' has no attribute {name!r}")
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_load_homes()})
