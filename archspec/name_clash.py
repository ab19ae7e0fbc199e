"""The other project on PyPI that is called `archspec` and imported as `archspec`: what to do where both are installed.

Spack's library for microarchitectures has the folders archspec/cpu and archspec/json; this package has neither. What is
installed last replaces the other's archspec/__init__.py, and removing either removes files of both.
"""

from __future__ import annotations

import os
import sys

SEPARATE = "install archspec-nn into an environment of its own"
OVERWRITTEN = (
    "the project `archspec` of PyPI has replaced files of this one, archspec-nn, in {place}: "
    f"`pip uninstall archspec archspec-nn`, then install archspec-nn again, or {SEPARATE}"
)
SHARED = (
    "the project `archspec` of PyPI has files in the same place, {place}, and updating one damages the other: "
    f"`pip uninstall archspec archspec-nn`, then install one of them again, or {SEPARATE}"
)


def stop_if_overwritten() -> None:
    """Print one line and exit with code 2 where archspec/__init__.py is the other project's."""
    if _has_other() and not _is_own_package():
        print(f"archspec: {OVERWRITTEN.format(place=_place())}", file=sys.stderr)
        raise SystemExit(2)


def warn_if_shared() -> None:
    """Print one line where the other project's files are in the same folder."""
    if _has_other():
        print(f"archspec: warning: {SHARED.format(place=_place())}", file=sys.stderr)


def _place() -> str:
    return os.path.dirname(os.path.abspath(__file__))


def _has_other() -> bool:
    return os.path.isdir(os.path.join(_place(), "cpu"))


def _is_own_package() -> bool:
    return hasattr(sys.modules["archspec"], "_homes")
