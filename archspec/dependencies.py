"""Optional dependencies: one sentence that says what to install where one is missing."""

from __future__ import annotations

from importlib.util import find_spec

from archspec.errors import MissingDependencyError

_MODULES = {"Streamlit": "streamlit", "scikit-learn": "sklearn"}  # packages whose module has another name


def require(purpose: str, *packages: str, extra: str) -> None:
    """Raise MissingDependencyError unless all packages are installed; none of them is imported.

    purpose: the beginning of the message, with its verb ("charts need").
    extra: the extra of archspec-nn that installs them.
    """
    missing = [package for package in packages if find_spec(_MODULES.get(package, package)) is None]
    if missing:
        raise MissingDependencyError(f"{purpose} {' and '.join(missing)}: pip install 'archspec-nn[{extra}]'")


def require_torch(purpose: str = "building a module") -> None:
    """Raise MissingDependencyError unless torch is installed."""
    require(f"{purpose} needs", "torch", extra="torch")


def require_learn() -> None:
    """Raise MissingDependencyError unless a learning check can have its data and metrics."""
    require("a learning check needs", "scikit-learn", "torchmetrics", extra="torch,learn")


def require_matplotlib() -> None:
    """Raise MissingDependencyError unless charts can be drawn."""
    require("charts need", "matplotlib", extra="plot")
