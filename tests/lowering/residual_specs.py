"""Small specs with one residual, in one line each."""

from __future__ import annotations

import archspec

CONV3 = "{conv: {name: c, channels: 8, kernel: 3, bias: false}}"
GATE = "{gate: [{conv: {name: g, channels: 8, kernel: 1}}, sigmoid]}"
STRIDED = "{conv: {name: c, channels: 12, kernel: 3, stride: 2, bias: false}}"


def spec_of(layers: str, shape: str = "[8, 9, 7]", more: str = "") -> archspec.Spec:
    return archspec.loads(f"name: t\ninput: {shape}\n{more}\nstages:\n  - {layers}\n")


def residual(body: str, shortcut: str = "", merge: str = "") -> str:
    parts = [f"body: [{body}]", f"shortcut: {shortcut}" if shortcut else "", f"merge: {merge}" if merge else ""]
    return "residual: {" + ", ".join(part for part in parts if part) + "}"
