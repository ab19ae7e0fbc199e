"""GRF001 and GRF004 against torch: they have a finding exactly where a parameter has no gradient after backward."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from pathlib import Path

import pytest
import torch

import archspec
from archspec.backends.torch.samples import random_inputs
from archspec.linter.rules import grf004_parameters_without_gradient as grf004

MAP = "input: [3, 16, 16]\nstages:\n"
VECTOR = "input: [8]\nstages:\n"
SIDE = """input: [3, 16, 16]
blocks:
  side:
    params: {channels: int}
    body:
      - conv: {name: main, channels: channels}
      - norm: {name: norm}
      - conv: {name: extra, channels: 4, from: norm}
      - relu: {name: end}
      - max_pool: {from: norm, kernel: 2}
    outputs: {extra: end}
stages:
"""

# A design, and the parameters without a gradient with the code and line that report them.
Case = tuple[str, dict[str, tuple[str, int]]]
CASES: dict[str, Case] = {
    "a chain": (MAP + "  - conv: {name: a, channels: 4}\n  - conv: {name: b, channels: 4}\n", {}),
    "an auxiliary head": (
        MAP + "  - conv: {name: a, channels: 4}\n  - conv: {name: aux, channels: 3}\n"
        "  - conv: {name: b, channels: 4, from: a}\noutputs: {main: b, aux: aux}\n",
        {},
    ),
    "an auxiliary head that is no output": (
        MAP + "  - conv: {name: a, channels: 4}\n  - conv: {name: aux, channels: 3}\n"
        "  - conv: {name: b, channels: 4, from: a}\n",
        {"aux": ("GRF001", 4)},
    ),
    "what leads to a dead layer": (
        MAP + "  - conv: {name: a, channels: 4}\n  - conv: {name: d, channels: 3}\n  - conv: {name: e, channels: 3}\n"
        "  - conv: {name: b, channels: 4, from: a}\n",
        {"d": ("GRF001", 5), "e": ("GRF001", 5)},
    ),
    "an embedding": (
        "inputs: {ids: {shape: [6], kind: ids, range: 9}}\nstages:\n  - embedding: {name: e, features: 4}\n"
        "  - position_embedding: {name: p}\n  - linear: {name: f, features: 3}\n",
        {},
    ),
    "a size": (
        MAP + "  - conv: {name: a, channels: 4, stride: 2}\n  - conv: {name: b, channels: 4, from: input}\n"
        "  - norm: {name: n}\n  - resize: {from: {x: a, like: n}}\n",
        {"b": ("GRF004", 5), "n": ("GRF004", 5)},
    ),
    "a size of what is needed": (
        MAP + "  - conv: {name: a, channels: 4}\n  - conv: {name: b, channels: 4, stride: 2}\n"
        "  - resize: {from: {x: b, like: a}}\n",
        {},
    ),
    "a learned token": (
        "inputs: {x: {shape: [4, 8], kind: tokens}}\nstages:\n  - linear: {name: a, features: 8}\n"
        "  - parameter: {name: token, shape: [1, 1, 8]}\n  - concat: {from: [token, a], axis: length}\n",
        {},
    ),
    "an export that no call reads": (
        SIDE + "  - side: {name: s, channels: 8}\n",
        {"s.extra": ("GRF004", 9)},
    ),
    "an export that one of two calls reads": (
        SIDE + "  - side: {name: s, channels: 8}\n  - side: {name: t, channels: 8}\n  - global_avg_pool: {name: p}\n"
        "  - global_avg_pool: {name: q, from: s.extra}\n  - concat: [p, q]\n",
        {"t.extra": ("GRF004", 9)},
    ),
    "weights that are lent": (
        VECTOR + "  - linear: {name: a, features: 8}\n  - linear: {name: b, features: 8, share: a, from: input}\n",
        {},
    ),
    "one tensor that is lent": (
        VECTOR + "  - linear: {name: a, features: 8, bias: true}\n"
        "  - linear: {name: b, features: 8, bias: true, share: {weight: a.weight}, from: input}\n",
        {"a.bias": ("GRF004", 3)},
    ),
    "a block that is lent": (
        MAP + "  - basic: {name: a, channels: 4}\n  - basic: {name: b, channels: 4, from: input, share: a}\n",
        {},
    ),
    "a tuple of which one is read": (
        "input: [8, 4, 4]\nstages:\n  - conv: {name: a, channels: 8}\n  - split: {name: s, parts: 2}\n"
        '  - conv: {name: b, channels: 8, from: "s[0]"}\n',
        {},
    ),
    "repeats of one source": (
        MAP + "  - conv: {name: a, channels: 4}\n  - conv: {name: b, channels: 4, repeat: 3, from: a}\n",
        {},
    ),
    "repeats with a side": (
        MAP + '  - sequence:\n      repeat: 2\n      body:\n        - conv: {name: "a${index}", channels: 3}\n'
        '        - conv: {name: "side${index}", channels: 3}\n'
        '        - resize: {from: {x: "a${index}", like: "side${index}"}}\n',
        {"side0": ("GRF004", 7), "side1": ("GRF004", 7)},
    ),
    "renamed and bare tensors": (
        VECTOR
        + "  - linear: {name: a, features: 8}\n  - linear: {name: b, features: 8, bias: false, keys: {weight: w}}\n"
        "  - scale: {name: s}\n  - linear: {name: c, features: 4, from: a}\n",
        {"w": ("GRF001", 5), "s": ("GRF001", 5)},
    ),
}


def without_gradient(design: archspec.Spec) -> list[str]:
    graph = archspec.lower(design)
    model = archspec.build(graph)
    found = model(*random_inputs(graph, 2, "cpu", 0))
    values = list(found.values()) if isinstance(found, dict) else [found]
    loss = torch.stack([value.square().mean() for value in values]).sum()
    if loss.requires_grad:
        loss.backward()
    return [name for name, parameter in model.named_parameters() if parameter.grad is None]


@pytest.mark.parametrize("name", CASES)
def test_as_torch_has_it(name: str) -> None:
    text, wanted = CASES[name]
    lost = without_gradient(archspec.loads(text))
    assert {key for key in lost if not any(key == path or key.startswith(f"{path}.") for path in wanted)} == set()
    assert all(any(key == path or key.startswith(f"{path}.") for key in lost) for path in wanted)
    findings = [(f.code, f.span.line) for f in archspec.lint(text) if f.code in ("GRF001", "GRF004")]
    assert sorted(set(wanted.values())) == sorted(findings)


@pytest.mark.parametrize("name", archspec.gallery_names())
def test_the_gallery_is_clean(name: str) -> None:
    assert [str(f) for f in archspec.lint(name) if f.code == "GRF004"] == []


def test_the_head_of_a_network_of_which_inner_values_are_read(tmp_path: Path) -> None:
    (tmp_path / "backbone.yaml").write_text(
        "input: [3, 16, 16]\nstages:\n  - conv: {name: c, channels: 4}\n"
        "head:\n  - global_avg_pool\n  - linear: {name: fc, features: 5}\noutputs: {scores: fc, map: c}\n"
    )
    path = tmp_path / "net.yaml"
    path.write_text(
        "input: [3, 16, 16]\nstages:\n  - network: {spec: ./backbone.yaml, name: backbone}\n"
        "  - conv: {name: last, channels: 2, from: backbone.map}\n"
    )
    assert without_gradient(archspec.load(path)) == ["backbone.fc.weight", "backbone.fc.bias"]
    (finding,) = (f for f in archspec.lint(path) if f.code == "GRF004")
    assert (finding.span.file, finding.span.line) == (str(path), 3)
    assert finding.message == (
        "backbone.fc.weight and backbone.fc.bias get no gradient: what linear backbone.fc gives is never read"
    )


def test_many_parameters_are_counted() -> None:
    text = (
        MAP
        + "  - conv: {name: a, channels: 4}\n  - double_conv: {name: d, channels: 4, from: input}\n"
        + ("  - resize: {from: {x: a, like: d}}\n")
    )
    (finding,) = (f for f in archspec.lint(text) if f.code == "GRF004")
    assert finding.message.startswith("6 parameters, d.0.weight to d.4.bias, get no gradient: only the size of what")


def test_a_broken_design_has_no_finding_that_follows() -> None:
    text = CASES["a size"][0].replace("norm: {name: n}", "norrm: {name: n}")
    assert not [f for f in archspec.lint(text) if f.code == "GRF004"]


EXTRA = """blocks:
  side:
    body:
      - conv: {name: main, channels: 4}
      - conv: {name: other, channels: 4}
      - norm: {name: end, from: main}
    outputs: {extra: other}
"""


def random_design(seed: int) -> str:
    """Return a design of maps of one shape, whose layers read any earlier values, some by size or through an export.

    Where seed % 3 is 1, the last layer takes only the size of the one before; where it is 2, nothing reads its export.
    """
    draw = random.Random(seed)
    values, lenders, lines = ["input"], list[str](), list[str]()
    for number in range(draw.randint(3, 9)):
        name, source = f"l{number}", draw.choice(values[-4:])
        kind = draw.choice(("conv", "conv", "conv", "norm", "add", "size", "side", "share", "residual", "split"))
        if kind == "share" and not lenders:
            kind = "conv"
        match kind:
            case "conv":
                lines.append(f"  - conv: {{name: {name}, channels: 4, kernel: 3, bias: true, from: {source}}}")
                lenders.append(name)
            case "norm":
                lines.append(f"  - norm: {{name: {name}, from: {source}}}")
            case "add":
                lines.append(f"  - add: {{name: {name}, from: [{source}, {draw.choice(values)}]}}")
            case "size":
                lines.append(f"  - resize: {{name: {name}, from: {{x: {source}, like: {draw.choice(values)}}}}}")
            case "side":
                lines.append(f"  - side: {{name: {name}, from: {source}}}")
                values.append(f"{name}.extra")
            case "share":
                tensor = draw.choice(("", "weight", "bias"))
                lender = draw.choice(lenders)
                share = f"{{{tensor}: {lender}.{tensor}}}" if tensor else lender
                lines.append(f"  - conv: {{name: {name}, channels: 4, bias: true, from: {source}, share: {share}}}")
            case "residual":
                lines.append(f"  - residual: {{name: {name}, from: {source}, body: [{{conv: 4}}, norm]}}")
            case _:
                lines.append(f"  - conv: {{name: {name}_wide, channels: 8, from: {source}}}")
                lines.append(f"  - split: {{name: {name}_parts, parts: 2}}")
                lines.append(f'  - identity: {{name: {name}, from: "{name}_parts[{draw.randint(0, 1)}]"}}')
        values.append(name)
    outputs = draw.sample(values[1:], min(len(values) - 1, draw.randint(1, 2)))
    source = draw.choice(values)
    match seed % 3:
        case 1:
            lines.append(f"  - conv: {{name: sized, channels: 4, from: {source}}}")
            lines.append("  - resize: {name: last, from: {x: input, like: sized}}")
            outputs.append("last")
        case 2:
            lines.append(f"  - side: {{name: last, from: {source}}}")
            outputs.append("last")
        case _:
            pass
    named = ", ".join(f"o{number}: {value}" for number, value in enumerate(outputs))
    return f"input: [4, 6, 6]\n{EXTRA}stages:\n" + "\n".join(lines) + f"\noutputs: {{{named}}}\n"


def with_outputs(text: str, more: Iterable[str]) -> str:
    """Return the text of a random design with more of its values as outputs."""
    return text.removesuffix("}\n") + "".join(f", {value.replace('.', '_')}: {value}" for value in more) + "}\n"


@pytest.mark.parametrize("seed", range(60))
def test_random_designs_have_a_finding_where_a_gradient_is_missing(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grf004, "SHOWN", 10**6)  # a finding names every key
    text = random_design(seed)
    findings = archspec.lint(text)
    named, dead = list[str](), list[str]()
    for finding in findings:
        if finding.code == "GRF004":
            keys, verb, _ = re.split(" (gets?) no gradient: ", finding.message)
            named += keys.split(" and ")
            assert verb == ("get" if " and " in keys else "gets")
        if finding.code == "GRF001":
            # The layer of the line: with the values of dead layers as outputs, what led to them alone gets a gradient.
            kind, name = re.findall(r"- (\w+): {name: (\w+)", text.splitlines()[finding.span.line - 1])[0]
            dead += [name, f"{name}.extra"] if kind == "side" else [name]
    lost = without_gradient(archspec.loads(text))
    lost_anyway = without_gradient(archspec.loads(with_outputs(text, dead)))
    assert sorted(set(named)) == sorted(named), text
    assert set(lost_anyway) <= set(named) <= set(lost), f"{lost_anyway}\n{named}\n{lost}\n{text}"
    assert {0: set(), 1: {"sized.weight"}, 2: {"last.other.weight"}}[seed % 3] <= set(lost_anyway)
