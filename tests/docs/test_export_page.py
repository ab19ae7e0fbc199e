"""The excerpts and names of docs/export.md are those of what archspec exports."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import archspec
from tests import designs

PAGE = (Path(__file__).parents[2] / "docs" / "export.md").read_text(encoding="utf-8")


@pytest.mark.torch
def test_the_excerpts_are_from_the_file() -> None:
    text = archspec.to_python(designs.graph("resnet50"))
    excerpts = re.findall(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    assert len(excerpts) == 2
    assert all(excerpt in text for excerpt in excerpts)
    assert f"ResNet-50 is {len(text.splitlines())} lines" in PAGE


def test_every_key_of_the_json_is_on_the_page() -> None:
    found: set[str] = set()

    def keys(item: object) -> None:
        if isinstance(item, dict):
            found.update(key for key in item if key not in ("attributes", "arguments"))
            for key, value in item.items():
                keys(value if key not in ("attributes", "arguments") else None)
        elif isinstance(item, list):
            for value in item:
                keys(value)

    for name in ("resnet50", "vit", "guest_net"):
        keys(json.loads(archspec.to_json(designs.graph(name))))
    section = PAGE.split("## The graph as JSON")[1].split("## The flattened spec")[0]
    assert len(found) > 25
    assert [key for key in sorted(found) if f"`{key}`" not in section] == []
