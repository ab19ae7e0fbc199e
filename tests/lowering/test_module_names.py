"""Names that a built module uses itself are refused for layers and tensors; torch lists them."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

import archspec
from archspec.backends.torch.generated import Generated
from archspec.lowering.module_names import ROW_NAMES

USED = sorted(set(dir(nn.Module())) | set(dir(Generated())) | {"archspec_spec"})
LAYER = "input: [3]\nstages:\n  - linear: {{name: {}, features: 4}}\n  - linear: {{name: last, features: 2}}\n"
TENSOR = "input: [3]\nstages:\n  - linear: {{features: 4, bias: false, keys: {{weight: {}}}}}\n"


@pytest.mark.parametrize("text", [LAYER, TENSOR, LAYER.replace("{}", "group.{}")])
def test_a_name_that_the_module_uses_is_refused(text: str) -> None:
    for name in USED:
        with pytest.raises(archspec.SpecError) as caught:
            archspec.build(archspec.loads(text.format(name)))
        assert [d.code for d in caught.value.diagnostics] == ["SPC010"], name


def test_row_names_are_the_further_names_of_a_sequential() -> None:
    more = set(dir(nn.Sequential())) - set(dir(nn.Module()))
    assert {name for name in more if not name.startswith("__")} == ROW_NAMES


@pytest.mark.parametrize("name", sorted(ROW_NAMES))
def test_a_layer_in_a_chain_may_have_the_name_of_a_method_of_a_row(name: str) -> None:
    model: Any = archspec.build(archspec.loads(LAYER.format(f"group.{name}")), seed=0)
    assert f"group.{name}.weight" in model.state_dict()
    x = torch.randn(2, 3)
    wanted = model.last(model.group._modules[name](x))
    torch.testing.assert_close(model(x), wanted)


def test_a_tensor_needs_a_whole_name() -> None:
    with pytest.raises(archspec.SpecError, match="empty part"):
        archspec.lower(archspec.loads(TENSOR.format("a..b")))
