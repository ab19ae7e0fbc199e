"""The Python source of a network: it has the keys and the outputs of the built module, and reads like hand-written code."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

import archspec
from archspec.spec.load import Spec
from tests.backends.small import FAMILIES
from tests.parity.comparing import randomise

every_family = pytest.mark.parametrize("family", FAMILIES)


def source_of(spec: Spec) -> str:
    return archspec.to_python(archspec.lower(spec))


def network_of(text: str) -> Any:
    """The last class of a file, run where nothing of archspec is."""
    names: dict[str, Any] = {"__name__": "standalone"}
    exec(compile(text, "standalone.py", "exec"), names)
    return [value for value in names.values() if isinstance(value, type) and value.__module__ == "standalone"][-1]


def assert_equal(spec: Spec, *samples: torch.Tensor) -> Any:
    """The network of the source has the built one's keys in their order, takes its weights and gives its outputs."""
    built = archspec.build(spec, seed=0)
    randomise(built)
    written = network_of(source_of(spec))()
    assert list(written.state_dict()) == list(built.state_dict())
    assert [name for name, _ in written.named_parameters()] == [name for name, _ in built.named_parameters()]
    written.load_state_dict(built.state_dict(), strict=True)
    with torch.no_grad():
        torch.testing.assert_close(written.eval()(*samples), built.eval()(*samples), rtol=0, atol=0)
    return written


@every_family
def test_it_has_the_keys_and_the_outputs_of_what_build_makes(family):
    assert_equal(FAMILIES[family].load(), FAMILIES[family].samples())


@every_family
def test_it_is_the_same_text_each_time_and_imports_only_torch(family):
    text = source_of(FAMILIES[family].load())
    assert text == source_of(FAMILIES[family].load())
    imported = {line.split()[1] for line in text.splitlines() if line.startswith(("import ", "from "))}
    assert imported <= {"__future__", "collections", "collections.abc", "typing", "torch", "torch.nn.functional"}
    assert all(len(line) <= 120 for line in text.splitlines())


def test_it_is_formatted_and_passes_ruff(tmp_path):
    ruff = shutil.which("ruff", path=str(Path(sys.executable).parent)) or shutil.which("ruff")
    assert ruff is not None, "ruff is one of the development tools"
    for family, small in FAMILIES.items():
        (tmp_path / f"{family}.py").write_text(source_of(small.load()), encoding="utf-8")
    rules = ("--config", str(Path(__file__).parents[2] / "pyproject.toml"), "--no-cache", str(tmp_path))
    for words in (("check",), ("format", "--check")):
        done = subprocess.run([ruff, *words, *rules], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("name", "most"),
    [("resnet50", 150), ("resnet152", 150), ("densenet201", 150), ("highway100", 60), ("vit_b_16", 160)],
)
def test_repeats_make_a_network_no_longer(name, most):
    text = source_of(archspec.load(name))
    assert len(text.splitlines()) <= most
    model = network_of(text)
    with torch.device("meta"):
        made, wanted = model(), archspec.build(name, device="meta")
    assert {k: v.shape for k, v in made.state_dict().items()} == {k: v.shape for k, v in wanted.state_dict().items()}


def test_what_differs_in_numbers_is_one_class_with_arguments():
    text = source_of(archspec.load("resnet50"))
    assert "class Bottleneck2(nn.Module):" in text
    assert "Bottleneck3" not in text
    assert "Bottleneck1(256, 128, 512, stride=2), *[Bottleneck2(512, 128) for _ in range(3)]" in text


SHARED = """\
input: [4, 8, 8]
blocks:
  unit:
    params: {channels: int}
    body:
      - conv: {name: conv, channels: channels}
      - relu
stages:
  - conv: {name: a, channels: 4, bias: true}
  - relu
  - conv: {name: b, channels: 4, bias: true, share: a}
  - unit: {name: first, channels: 4}
  - unit: {name: s, repeat: 3, channels: 4, share: first}
  - residual: [conv: 4]
"""
TIED = """\
input: {ids: {shape: [6], range: 11}}
stages:
  - embedding: {name: wte, features: 8, rows: 11}
  - linear: {name: first, features: 8, keys: {weight: proj_weight, bias: proj_bias}, bias: true}
  - linear: {name: second, features: 8, bias: true, share: {weight: proj_weight}}
  - linear: {name: third, features: 8, bias: true, share: first}
  - linear: {name: lm_head, features: 11, bias: true, share: {weight: wte.weight}}
"""


def test_shared_layers_are_one_module():
    written = assert_equal(archspec.loads(SHARED), torch.randn(2, 4, 8, 8))
    assert written.b is written.a


def test_shared_tensors_are_one_tensor():
    written = assert_equal(archspec.loads(TIED), torch.randint(11, (2, 6)))
    assert written.lm_head.weight is written.wte.weight


PADDED = """\
name: DropPath
input: [3, 9, 9]
stages:
  - conv: {channels: 8, kernel: 2, padding: same}
  - nn: {channels: 8}
  - drop_path: 0.5
  - global_max_pool
blocks:
  nn:
    params: {channels: int}
    body: [conv: {channels: channels}, relu]
"""


def test_a_block_never_hides_a_class_that_the_file_needs():
    text = source_of(archspec.loads(PADDED))
    assert "class PaddedConv2d(nn.Conv2d):" in text
    assert_equal(archspec.loads(PADDED), torch.randn(2, 3, 9, 9))


def test_a_graph_with_a_failed_layer_is_refused():
    from archspec.lower import lower_partial

    graph, _ = lower_partial(archspec.loads("input: [3, 8, 8]\nstages:\n  - conv: 8\n  - linear: {share: nobody}\n"))
    assert graph is not None
    with pytest.raises(ValueError, match="failed to compile"):
        archspec.to_python(graph)


def test_every_class_is_an_ordinary_module():
    model = network_of(source_of(FAMILIES["bottleneck"].load()))()
    assert isinstance(model.layer2, nn.Sequential)
    assert model.layer2[1].conv2.weight.shape == model.state_dict()["layer2.1.conv2.weight"].shape
