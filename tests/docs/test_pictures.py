"""The pictures of the documentation are what archspec draws today, and the pages show all of them."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
SCRIPT = runpy.run_path(str(DOCS / "draw.py"))
pictures: dict[str, bytes] = SCRIPT["pictures"]()
picture_content: Callable[[bytes], list[str]] = SCRIPT["picture_content"]


@pytest.mark.parametrize("name", pictures)
def test_a_picture_is_current(name: str) -> None:
    stored = (DOCS / "pictures" / name).read_bytes()
    assert picture_content(stored) == picture_content(pictures[name]), "run `make docs`"


def test_another_picture_is_seen() -> None:
    drawn = pictures["unet.svg"]
    assert picture_content(drawn.replace(b"64\xc3\x97256", b"64\xc3\x97255")) != picture_content(drawn)


def test_every_picture_is_shown() -> None:
    page = "".join((DOCS / name).read_text(encoding="utf-8") for name in ("pictures.md", "diff.md", "memory.md"))
    assert all(f"(pictures/{name})" in page for name in pictures)
    assert "(docs/pictures/unet.svg)" in (DOCS.parent / "README.md").read_text(encoding="utf-8")


def test_a_picture_of_what_was_measured_is_shown_with_its_command() -> None:
    """Such a picture is not drawn again here: another machine rounds otherwise."""
    pages = [path.read_text(encoding="utf-8") for path in DOCS.glob("*.md")]
    measured = sorted({path.name for path in (DOCS / "pictures").glob("*.svg")} - set(pictures))
    assert "gradient_flow_norm.svg" in measured
    for name in measured:
        assert any(f"(pictures/{name})" in page and f"-o {name}\n" in page for page in pages), name
