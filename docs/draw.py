"""Draw the pictures of the documentation into docs/pictures, or with --check report whether they are current.

Fonts and versions of Graphviz place the same words differently, so pictures are compared by content, not by bytes.
"""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Literal

import archspec
from archspec.analysis.summary import Level
from archspec.lowering import lower_partial

PICTURES = Path(__file__).parent / "pictures"
BROKEN = PICTURES / "broken.yaml"
EDITED = PICTURES / "edited.yaml"
SVG = "{http://www.w3.org/2000/svg}"
TOOLTIP = "{http://www.w3.org/1999/xlink}title"


def main() -> int:
    """Write every picture that is not current; return 1 if --check finds one."""
    stale = [name for name, drawn in pictures().items() if not _is_current(PICTURES / name, drawn)]
    if "--check" in sys.argv:
        print("\n".join(f"not current: {PICTURES / name}" for name in stale))
        return int(bool(stale))
    for name, drawn in pictures().items():
        if name in stale:
            (PICTURES / name).write_bytes(drawn)
    return 0


def pictures() -> dict[str, bytes]:
    """Return each picture by the name of its file."""
    return {
        "unet.svg": _drawn("unet"),
        "small_resnet.svg": _drawn("small_resnet"),
        "resnet50_macs.svg": _drawn("resnet50", "stage", color="macs"),
        "resnet50_open.svg": _drawn("resnet50", "stage", open="layer2.0"),
        "densenet121.svg": _drawn("densenet121"),
        "highway.svg": _drawn("highway_conv", "stage", open="stages.0.layers.0"),
        "broken.svg": _broken(),
        "diff.svg": _edited(),
        "resnet50_memory.svg": _memory(),
    }


def _drawn(name: str, level: Level = "block", open: str = "", color: Literal["", "macs"] = "") -> bytes:
    graph = archspec.lower(archspec.load(name))
    drawn = archspec.draw(graph, level=level, open=(open,) if open else (), color=color)
    assert isinstance(drawn, bytes)
    return drawn


def _broken() -> bytes:
    graph, found, _ = lower_partial(archspec.loads(BROKEN.read_text(encoding="utf-8")))
    assert graph is not None
    drawn = archspec.draw(graph, level="op", diagnostics=found)
    assert isinstance(drawn, bytes)
    return drawn


def _edited() -> bytes:
    drawn = archspec.draw_diff("small_resnet", archspec.loads(EDITED.read_text(encoding="utf-8")))
    assert isinstance(drawn, bytes)
    return drawn


def _memory() -> bytes:
    graph = archspec.lower(archspec.load("resnet50"))
    return archspec.plot_memory(archspec.memory(graph, batch=64, optimizer="adamw"))


def _is_current(path: Path, drawn: bytes) -> bool:
    return path.exists() and picture_content(path.read_bytes()) == picture_content(drawn)


def picture_content(svg: bytes) -> list[str]:
    """Return the words of a picture with their sizes, the tooltips of its boxes, and its colours, in order."""
    elements = list(ElementTree.fromstring(svg).iter())
    words = [element.text or "" for element in elements if element.tag in (f"{SVG}title", f"{SVG}text")]
    words += [element.get(TOOLTIP, "") for element in elements]
    return [*words, *(f"{element.get('fill')} {element.get('font-size')}" for element in elements)]


if __name__ == "__main__":
    sys.exit(main())
