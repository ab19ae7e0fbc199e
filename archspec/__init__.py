"""Design neural networks as layers plus skip connections: check a YAML spec, see its costs, build it in torch.

>>> graph = archspec.lower(archspec.load("resnet50"))
>>> archspec.summarize(graph).params
25557032
>>> model = archspec.build("resnet50")
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from archspec.analysis.gradient_flow import GradientFlow
    from archspec.analysis.input_sizes.valid_sizes import ValidSizes, valid_sizes
    from archspec.analysis.latency.predict import Latency, latency
    from archspec.analysis.latency.profile import DeviceProfile
    from archspec.analysis.latency.profiles import load_profile
    from archspec.analysis.memory.by_row import with_saved
    from archspec.analysis.memory.largest_batch import largest_batch
    from archspec.analysis.memory.predict import Memory, memory
    from archspec.analysis.shortcut_removal.remove import without_shortcuts
    from archspec.analysis.summary import Summary, summarize
    from archspec.building import build, path_of, spec_of, to_python
    from archspec.charts.gradient_flow import plot_gradient_flow
    from archspec.charts.plotting import plot, plot_memory
    from archspec.comparison.compare import diff
    from archspec.comparison.difference import Difference, StageChange
    from archspec.diagnostics import Diagnostic, Fix, Severity, Span, SpecError
    from archspec.frontend import Study, study
    from archspec.ir.as_json import to_json
    from archspec.ir.graph import Graph
    from archspec.language.files import gallery_names, variant_names
    from archspec.language.flatten import resolved
    from archspec.language.json_schema import json_schema
    from archspec.language.load import Spec, load, loads
    from archspec.language.with_input import with_input
    from archspec.learning import learn
    from archspec.linter.engine import lint
    from archspec.lowering import lower
    from archspec.lowering.cache import LoweringCache
    from archspec.running import audit, calibrate, devices, gradient_flow, smoke
    from archspec.runtime.audit.report import Audit
    from archspec.runtime.calibrate.calibrate import Calibration
    from archspec.runtime.learn.report import LearnReport
    from archspec.runtime.smoke.report import SmokeReport
    from archspec.source.fixing import apply_fixes
    from archspec.views.comparison.draw import draw_diff
    from archspec.views.draw import draw
    from archspec.views.groups import openable
    from archspec.views.layout import PictureError
    from archspec.views.model import View
    from archspec.views.painter import Painter
    from archspec.views.view import placed_view, view_of

__version__ = "0.1.0"

# Where each name lives. It is imported when it is asked for: a command that fails on its arguments, or an import of one
# name, does not pay for all of them.
_HOMES = {
    "Audit": "archspec.runtime.audit.report",
    "Calibration": "archspec.runtime.calibrate.calibrate",
    "DeviceProfile": "archspec.analysis.latency.profile",
    "Diagnostic": "archspec.diagnostics",
    "Difference": "archspec.comparison.difference",
    "Fix": "archspec.diagnostics",
    "GradientFlow": "archspec.analysis.gradient_flow",
    "Graph": "archspec.ir.graph",
    "Latency": "archspec.analysis.latency.predict",
    "LearnReport": "archspec.runtime.learn.report",
    "LoweringCache": "archspec.lowering.cache",
    "Memory": "archspec.analysis.memory.predict",
    "Painter": "archspec.views.painter",
    "PictureError": "archspec.views.layout",
    "Severity": "archspec.diagnostics",
    "SmokeReport": "archspec.runtime.smoke.report",
    "Span": "archspec.diagnostics",
    "Spec": "archspec.language.load",
    "SpecError": "archspec.diagnostics",
    "StageChange": "archspec.comparison.difference",
    "Study": "archspec.frontend",
    "Summary": "archspec.analysis.summary",
    "ValidSizes": "archspec.analysis.input_sizes.valid_sizes",
    "View": "archspec.views.model",
    "apply_fixes": "archspec.source.fixing",
    "audit": "archspec.running",
    "build": "archspec.building",
    "calibrate": "archspec.running",
    "devices": "archspec.running",
    "diff": "archspec.comparison.compare",
    "draw": "archspec.views.draw",
    "draw_diff": "archspec.views.comparison.draw",
    "gallery_names": "archspec.language.files",
    "gradient_flow": "archspec.running",
    "json_schema": "archspec.language.json_schema",
    "largest_batch": "archspec.analysis.memory.largest_batch",
    "latency": "archspec.analysis.latency.predict",
    "learn": "archspec.learning",
    "lint": "archspec.linter.engine",
    "load": "archspec.language.load",
    "load_profile": "archspec.analysis.latency.profiles",
    "loads": "archspec.language.load",
    "lower": "archspec.lowering",
    "memory": "archspec.analysis.memory.predict",
    "openable": "archspec.views.groups",
    "path_of": "archspec.building",
    "placed_view": "archspec.views.view",
    "plot": "archspec.charts.plotting",
    "plot_gradient_flow": "archspec.charts.gradient_flow",
    "plot_memory": "archspec.charts.plotting",
    "resolved": "archspec.language.flatten",
    "smoke": "archspec.running",
    "spec_of": "archspec.building",
    "study": "archspec.frontend",
    "summarize": "archspec.analysis.summary",
    "to_json": "archspec.ir.as_json",
    "to_python": "archspec.building",
    "valid_sizes": "archspec.analysis.input_sizes.valid_sizes",
    "variant_names": "archspec.language.files",
    "view_of": "archspec.views.view",
    "with_input": "archspec.language.with_input",
    "with_saved": "archspec.analysis.memory.by_row",
    "without_shortcuts": "archspec.analysis.shortcut_removal.remove",
}

__all__ = [
    "Audit",
    "Calibration",
    "DeviceProfile",
    "Diagnostic",
    "Difference",
    "Fix",
    "GradientFlow",
    "Graph",
    "Latency",
    "LearnReport",
    "LoweringCache",
    "Memory",
    "Painter",
    "PictureError",
    "Severity",
    "SmokeReport",
    "Span",
    "Spec",
    "SpecError",
    "StageChange",
    "Study",
    "Summary",
    "ValidSizes",
    "View",
    "apply_fixes",
    "audit",
    "build",
    "calibrate",
    "devices",
    "diff",
    "draw",
    "draw_diff",
    "gallery_names",
    "gradient_flow",
    "json_schema",
    "largest_batch",
    "latency",
    "learn",
    "lint",
    "load",
    "load_profile",
    "loads",
    "lower",
    "memory",
    "openable",
    "path_of",
    "placed_view",
    "plot",
    "plot_gradient_flow",
    "plot_memory",
    "resolved",
    "smoke",
    "spec_of",
    "study",
    "summarize",
    "to_json",
    "to_python",
    "valid_sizes",
    "variant_names",
    "view_of",
    "with_input",
    "with_saved",
    "without_shortcuts",
]


class _Package(ModuleType):
    """Keeps `archspec.lint` and `archspec.lower` the functions, though there are subpackages of the same names."""

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in _HOMES and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


if not TYPE_CHECKING:  # a type checker sees the imports above, and no other names

    def __getattr__(name: str) -> Any:
        """A public name, from the module that has it."""
        if name not in _HOMES:
            raise AttributeError(f"module 'archspec' has no attribute {name!r}")
        value = getattr(import_module(_HOMES[name]), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


sys.modules[__name__].__class__ = _Package
