"""Design neural networks as layers plus skip connections: check a YAML spec, see its costs, build it in torch.

>>> graph = archspec.lower(archspec.load("resnet50"))
>>> archspec.summarize(graph).params
25557032
>>> model = archspec.build("resnet50")
"""

from __future__ import annotations

from archspec.analysis.input_sizes.valid_sizes import ValidSizes, valid_sizes
from archspec.analysis.summary import Summary, summarize
from archspec.building import build, path_of, spec_of
from archspec.diagnostics import Diagnostic, Fix, Severity, Span, SpecError
from archspec.ir.graph import Graph
from archspec.lint.engine import lint
from archspec.lower import lower
from archspec.source.fixing import apply_fixes
from archspec.spec.load import Spec, load, loads

__version__ = "0.1.0"

__all__ = [
    "Diagnostic",
    "Fix",
    "Graph",
    "Severity",
    "Span",
    "Spec",
    "SpecError",
    "Summary",
    "ValidSizes",
    "apply_fixes",
    "build",
    "lint",
    "load",
    "loads",
    "lower",
    "path_of",
    "spec_of",
    "summarize",
    "valid_sizes",
]
