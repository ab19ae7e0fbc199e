"""Optional dependencies: one sentence that says what to install where one is missing."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from importlib.util import find_spec
from typing import Any

from archspec.errors import MissingDependencyError

DISTRIBUTION = "archspec-nn"  # the package `archspec` of another project has the name that is imported
_MODULES = {"Streamlit": "streamlit", "scikit-learn": "sklearn"}  # packages whose module has another name
# What the shell takes as it is: no more, since a glob or a space in a path would make another command of it.
_BARE = re.compile(r"[\w@%+=:,./-]+")


def require(purpose: str, *packages: str, extra: str) -> None:
    """Raise MissingDependencyError unless all packages are installed; none of them is imported.

    purpose: the beginning of the message, with its verb ("charts need").
    extra: the extra of archspec-nn that installs them, or several with commas.
    """
    missing = [package for package in packages if find_spec(_MODULES.get(package, package)) is None]
    if missing:
        raise MissingDependencyError(f"{purpose} {' and '.join(missing)}: {install_command(extra, missing)}")


def require_torch(purpose: str = "building a module") -> None:
    """Raise MissingDependencyError unless torch is installed."""
    require(f"{purpose} needs", "torch", extra="torch")


def require_learn() -> None:
    """Raise MissingDependencyError unless a learning check can have its data and metrics."""
    require("a learning check needs", "scikit-learn", "torchmetrics", extra="torch,learn")


def require_matplotlib() -> None:
    """Raise MissingDependencyError unless charts can be drawn."""
    require("charts need", "matplotlib", extra="plot")


def install_command(extra: str, packages: Iterable[str] = ()) -> str:
    """Return the command that installs an extra, or several with commas, into the environment that this runs in.

    It names what archspec was installed from, a checkout, a wheel or a repository, as pip recorded it (PEP 610), or the
    checkout that it runs in. Where that is not known or gone, it names the packages of the extra, which work from
    anywhere; `packages` where no metadata lists them.
    """
    target = _checkout_target(extra) or _recorded_target(extra)
    return f"pip install {target or _requirements(extra) or ' '.join(packages).lower()}"


def _checkout_target(extra: str) -> str:
    """Return the arguments of pip for the checkout that this package is in; empty if it is in none."""
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    try:
        with open(os.path.join(root, "pyproject.toml"), encoding="utf-8") as file:
            is_checkout = f'name = "{DISTRIBUTION}"' in file.read()
    except OSError:
        return ""
    return f"-e {_quote(f'{_short(root)}[{extra}]')}" if is_checkout else ""


def _recorded_target(extra: str) -> str:
    """Return the arguments of pip for what archspec was installed from: a file, folder or repository; else empty."""
    import json
    from urllib.parse import unquote, urlsplit

    recorded: dict[str, Any] = json.loads(_metadata("direct_url.json") or "{}")
    url = str(recorded.get("url", ""))
    repository = recorded.get("vcs_info")
    if repository:
        commit = repository.get("commit_id", "")
        return _quote(f"{DISTRIBUTION}[{extra}] @ {repository.get('vcs', 'git')}+{url}{'@' if commit else ''}{commit}")
    if not url.startswith("file:"):
        return _quote(f"{DISTRIBUTION}[{extra}] @ {url}") if url else ""
    path = unquote(urlsplit(url).path)
    if not os.path.exists(path):
        return ""
    editable = "-e " if recorded.get("dir_info", {}).get("editable") else ""
    return f"{editable}{_quote(f'{_short(path)}[{extra}]')}"


def _requirements(extra: str) -> str:
    """Return the packages of an extra, with their versions, as arguments of pip; empty where that is not known."""
    from importlib.metadata import PackageNotFoundError, requires

    try:
        lines = requires(DISTRIBUTION) or []
    except PackageNotFoundError:
        lines = []
    wanted = [re.escape(name) for name in extra.split(",")]
    marker = re.compile(rf"(.+?)\s*;\s*extra == ['\"](?:{'|'.join(wanted)})['\"]")
    found = [match[1] for match in map(marker.fullmatch, lines) if match]
    return " ".join(map(_quote, found))


def _metadata(file: str) -> str:
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        return distribution(DISTRIBUTION).read_text(file) or ""
    except PackageNotFoundError:
        return ""


def _short(path: str) -> str:
    """Return `.` for the working directory, else the path."""
    return "." if os.path.realpath(path) == os.path.realpath(os.getcwd()) else path


def _quote(word: str) -> str:
    import shlex

    return word if _BARE.fullmatch(word) else shlex.quote(word)
