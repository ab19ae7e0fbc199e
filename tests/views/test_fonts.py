"""The text of pictures fits its boxes with any fonts, of the machine that draws them and of the one that shows them."""

from __future__ import annotations

import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import matplotlib
import pytest
from PIL import ImageFont

from archspec.views.text_width import text_width
from tests.views.svg_geometry import SVG, inside, outline, words

BUNDLED = Path(matplotlib.get_data_path(), "fonts", "ttf")
LIBERATION = Path("/usr/share/fonts/truetype/liberation")
DRAW = "import sys, archspec; sys.stdout.buffer.write(archspec.draw(sys.argv[1], level='op', color='macs'))"


@pytest.mark.parametrize(
    "font", [BUNDLED / "DejaVuSans.ttf", LIBERATION / "LiberationSans-Regular.ttf"], ids=lambda path: path.stem
)
def test_no_usual_font_is_wider_than_the_table(font: Path) -> None:
    if not font.exists():
        pytest.skip(f"{font.name} is not installed")
    face = ImageFont.truetype(str(font), 1_000)
    for character in (*map(chr, range(32, 127)), *"×…⊕−·–"):
        assert text_width(character) >= face.getlength(character) / 1_000 - 0.002, character


def draw(name: str, folder: Path | None, tmp_path: Path) -> ElementTree.Element:
    """Return the picture of a design in a process that finds the fonts of one folder alone, or none."""
    there = tmp_path / "empty" if folder is None else folder
    configuration = tmp_path / "fonts.conf"
    configuration.write_text(f"<fontconfig><dir>{there}</dir><cachedir>{tmp_path / 'cache'}</cachedir></fontconfig>")
    environment = {**os.environ, "FONTCONFIG_FILE": str(configuration)}
    run = subprocess.run([sys.executable, "-c", DRAW, name], env=environment, capture_output=True, check=True)
    return ElementTree.fromstring(run.stdout)


@pytest.mark.parametrize("folder", [None, BUNDLED, LIBERATION], ids=["no-fonts", "dejavu", "liberation"])
def test_boxes_hold_their_text_and_are_no_wider(folder: Path | None, tmp_path: Path) -> None:
    if folder is not None and not folder.exists():
        pytest.skip(f"{folder.name} is not installed")
    groups = [g for g in draw("small_resnet", folder, tmp_path).iter(f"{SVG}g") if g.get("class") == "node"]
    assert len(groups) > 10
    for group in groups:
        box = outline(group)
        assert all(inside(line, box) for line in words(group, 1.0)), group.get("id")
        widest = max(text_width((text.text or "").strip()) for text in group.iter(f"{SVG}text"))
        width = max(0.75 * 72, 12 * widest + 0.24 * 72)
        # Without any font Graphviz estimates, and some of its estimates are wider.
        assert width - 1.5 < box[2] - box[0] < (1.2 * width if folder is None else width + 1.5)
