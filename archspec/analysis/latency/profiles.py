"""Load device profiles: those that archspec ships by name, others by path."""

from __future__ import annotations

import os
from pathlib import Path

from msgspec.structs import replace
from pydantic import ValidationError

from archspec.analysis.latency.profile import DeviceProfile
from archspec.diagnostics import Diagnostic, did_you_mean
from archspec.errors import SpecError
from archspec.language.files import is_path
from archspec.language.parse import diagnostics_of
from archspec.source import Mapping, compose, describe, read
from archspec.source.reader import NO_FILE

DIRECTORY = Path(__file__).resolve().parents[2] / "devices"
SHAPE = "a profile is a mapping: `name:`, `source:`, `peak_teraflops:`, `efficiency:`, `memory:`, `launch:`"


def device_names() -> tuple[str, ...]:
    """Return the names of the profiles that archspec ships."""
    return tuple(sorted(path.stem for path in DIRECTORY.glob("*.yaml")))


def load_profile(name_or_path: str | os.PathLike[str]) -> DeviceProfile:
    """Return the profile of a name (`h100`), or at a path (with a slash or a suffix, or a Path).

    Raises ValueError for an unknown name, SpecError for a file that cannot be read or is no profile.
    """
    if not isinstance(name_or_path, str):
        written = os.fspath(name_or_path)
        name_or_path = written if is_path(written) else os.path.join(os.curdir, written)  # a Path is never a name
    if is_path(name_or_path) and name_or_path != "-":
        text, found = read(name_or_path)
        if text is None:
            names = f"without a slash or suffix it is a name: {', '.join(device_names())}"
            raise SpecError(replace(d, hint=names) if d.hint == NO_FILE else d for d in found)
        return parse_profile(text, name_or_path)
    if name_or_path not in device_names():
        close = did_you_mean(name_or_path, device_names())
        hint = f"did you mean {close}?" if close else f"there are {', '.join(device_names())}."
        raise ValueError(
            f"no device profile is called {name_or_path!r}: {hint} A file of your own is given by its path"
        )
    path = DIRECTORY / f"{name_or_path}.yaml"
    return parse_profile(path.read_text(encoding="utf-8"), f"devices/{path.name}")


def parse_profile(text: str, file: str) -> DeviceProfile:
    """Parse a profile; raises SpecError with every finding."""
    tree, found = compose(text, file)
    if tree is None or any(d.is_error for d in found):
        raise SpecError(found)
    if not isinstance(tree, Mapping):
        message = f"expected a mapping, found {describe(tree)}"
        raise SpecError([Diagnostic("SPC002", message, tree.span, hint=SHAPE)])
    try:
        return DeviceProfile.model_validate(tree)
    except ValidationError as error:
        raise SpecError(diagnostics_of(error, tree)) from None
