"""Whatever layers, blocks, ports, outputs, tensors and networks are called: the source is sound and runs no more."""

from __future__ import annotations

import json
import re
from functools import partial
from pathlib import Path

import pytest
from torch import nn

import archspec
from tests.backends.standalone import assert_same_network, assert_tidy, source_of

# fmt: off
NAMES = (
    "self", "torch", "nn", "F", "Tensor", "super", "class", "None", "True", "lambda", "import", "index", "range",
    "layer", "module", "__conv", "_", "append", "x y", "a'b", 'a"b', "'\"", "a\\b", "a\\", "é", "ﬁ", "块", "1", "0",
    "01", "1a", "print", "OrderedDict", "GlobalAvgPool", "Any", "input", "weight", "a-b", "a{b}", "{0}", "a%sb", "y",
    "y_2", "#x", "x)", '"); raise SystemExit("x', "'); raise SystemExit('x", '"""\nraise SystemExit', "a\nb",
    "import os", "a\u2028b", "\u202eb", "index + 1", "conv1", "in_channels", "match",
)
# fmt: on
PLACES = {
    "layer": """
input: [3, 8, 8]
stages:
  - conv: {name: NAME, channels: 4}
  - relu
  - conv: {channels: 4, name: x9}
  - concat: [x9, NAME]
  - conv: 3
""",
    "layer of a chain": """
input: [3, 8, 8]
blocks: {b: {params: {c: int}, body: [{conv: {name: NAME, channels: c}}, relu]}}
stages:
  - b: {c: 4, name: one}
  - b: {c: 5, name: two}
""",
    "group": """
input: [3, 8, 8]
stages:
  - conv: {name: NAME.conv, channels: 4}
  - relu: {name: NAME.act}
  - conv: {name: NAME.append, channels: 4}
  - conv: {name: NAME.below.conv, channels: 4}
  - add: [NAME.conv, prev]
""",
    "block": """
input: [3, 8, 8]
blocks: {NAME: {params: {c: int}, body: [{conv: {channels: c}}, {residual: [{conv: c}]}]}}
stages:
  - NAME: {c: 4, name: one}
  - NAME: {c: 5, name: two}
""",
    "port": """
inputs: {NAME: [3, 8, 8], other: [3, 8, 8]}
blocks:
  b:
    inputs: {NAME: map, z: map}
    body:
      - conv: {channels: 4, from: NAME}
      - relu: {name: r}
      - conv: {from: z, channels: 4}
      - concat: [r, prev]
stages:
  - b: {name: one, from: {NAME: NAME, z: other}}
  - conv: {channels: 3, repeat: 4}
  - concat: [prev, other]
""",
    "output": """
input: [3, 8, 8]
stages:
  - conv: {name: c, channels: 4}
  - relu
outputs: {NAME: c, other: prev}
""",
    "network": """
name: NAME
input: [3, 8, 8]
stages: [{conv: {name: c, channels: 4}}]
""",
    "tensor": """
input: [3]
stages:
  - linear: {name: c, features: 4, keys: {weight: NAME, bias: zz}, bias: true}
  - linear: {name: d, features: 3}
  - linear: {name: e, features: 4, bias: true, share: {weight: NAME}}
""",
    "shared and started": """
input: [3, 8, 8]
stages:
  - conv: {name: NAME, channels: 4, bias: true, init: {bias: -2}}
  - relu
  - conv: {name: b8, channels: 4, bias: true}
  - conv: {name: b9, channels: 4, bias: true, share: b8}
""",
}


_NAME = re.compile(r"NAME([.a-z]*)")


def _quoted(name: str, found: re.Match[str]) -> str:
    return json.dumps(name + found[1], ensure_ascii=False)


@pytest.mark.parametrize("place", PLACES)
def test_no_name_breaks_the_source(place: str, tmp_path: Path) -> None:
    made = 0
    for number, name in enumerate(NAMES):
        text = _NAME.sub(partial(_quoted, name), PLACES[place])
        try:
            spec = archspec.loads(text)
            archspec.lower(spec)
        except archspec.SpecError:
            continue  # the language itself refuses the name
        assert_same_network(spec)
        (tmp_path / f"n{number}.py").write_text(source_of(spec), encoding="utf-8")
        made += 1
    assert made >= len(NAMES) * 0.9
    assert_tidy(tmp_path)


def test_a_name_that_another_torch_uses_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nn.Module, "shiny", None, raising=False)
    graph = archspec.lower(archspec.loads("name: n\ninput: [3]\nstages:\n  - linear: {name: shiny, features: 4}\n"))
    with pytest.raises(ValueError, match=r"n has a layer named shiny, a name that torch\.nn\.Module uses itself"):
        archspec.to_python(graph)
