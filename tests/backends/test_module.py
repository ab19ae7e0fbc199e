"""A built network is an ordinary nn.Module: its tree, hooks, copies, types and formats, for one of each family."""

from __future__ import annotations

import copy
import io
import pickle
from pathlib import Path

import pytest
import torch
from torch import nn

from archspec import build, lower, path_of, spec_of, summarize
from archspec.ir.graph import Call
from tests.backends.small_networks import FAMILIES, model_of, small_graph

every_family = pytest.mark.parametrize("family", FAMILIES)


@every_family
def test_each_path_of_the_graph_is_the_path_of_its_module(family: str) -> None:
    model = model_of(family)
    modules = dict(model.named_modules())
    placed = list(small_graph(family).walk())
    for step in placed:
        if isinstance(step.step, Call) or step.path in modules:
            assert path_of(model.get_submodule(step.path)) == step.path
    for path, module in modules.items():
        assert path_of(module) == path
    # what has tensors has a module, or is bare: nothing that is learned hangs elsewhere
    owners = {name.rpartition(".")[0] for name in model.state_dict()}
    assert owners <= {"", *modules}


@every_family
def test_the_tensors_are_the_ones_that_the_summary_counts(family: str) -> None:
    model = model_of(family)
    counted = summarize(small_graph(family))
    assert sum(p.numel() for p in model.parameters()) == counted.params
    assert sum(b.numel() for b in model.buffers()) == counted.buffers
    assert set(model.state_dict()) == {n for n, _ in (*model.named_parameters(), *model.named_buffers())}


@every_family
def test_it_runs_at_other_valid_sizes(family: str) -> None:
    small, model = FAMILIES[family], model_of(family)
    with torch.no_grad():
        usual = model(small.samples())
        for shape in small.sizes:
            output = model(small.samples(shape=shape))
            assert output.isfinite().all()
            assert output.shape[1] == usual.shape[1]
            assert output.shape[2:] == (shape[1:] if usual.dim() > 2 else ())


@every_family
def test_one_step_reaches_every_parameter(family: str) -> None:
    model = model_of(family).train()
    model(FAMILIES[family].samples(4)).square().sum().backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name
        assert parameter.grad.abs().max() > 0 or name.endswith("bias"), name  # a bias before a norm has none


@every_family
def test_copies_and_pickles_are_the_same_network(family: str) -> None:
    model, sample = model_of(family), FAMILIES[family].samples()
    file = io.BytesIO()
    torch.save(model, file)
    file.seek(0)
    copies = {
        "deepcopy": copy.deepcopy(model),
        "pickle": pickle.loads(pickle.dumps(model)),
        "torch.save": torch.load(file, weights_only=False),
    }
    with torch.no_grad():
        wanted = model(sample)
        for how, found in copies.items():
            assert torch.equal(found(sample), wanted), how
            assert list(found.state_dict()) == list(model.state_dict())
            assert spec_of(found).variant == spec_of(model).variant
            assert summarize(lower(spec_of(found))).params == sum(p.numel() for p in found.parameters())
            assert [path_of(m) for m in found.modules()] == [path_of(m) for m in model.modules()]
            for parameter in found.parameters():
                parameter.zero_()
        assert torch.equal(model(sample), wanted), "a copy shares tensors with its original"


@every_family
def test_a_copy_of_a_pickle_runs_in_a_process_that_built_nothing(family: str, tmp_path: Path) -> None:
    """Pickles name no class that only building makes: the source of each forward travels with them."""
    model = model_of(family)
    from archspec.backends.torch import generated

    text = pickle.dumps(model)
    generated.class_of.cache_clear()
    found = pickle.loads(text)
    sample = FAMILIES[family].samples()
    assert torch.equal(found(sample), model(sample))


@every_family
def test_hooks_of_every_called_module_are_called(family: str) -> None:
    model, called = model_of(family), []
    for name, module in model.named_modules():
        module.register_forward_hook(lambda _module, _inputs, _output, name=name: called.append(name))
    with torch.no_grad():
        model(FAMILIES[family].samples())
    assert called[-1] == ""
    holders = {n for n, m in model.named_modules() if type(m).__name__ in ("Scope", "ModuleList")}
    assert {n for n, _ in model.named_modules()} - holders == set(called)


def test_a_stage_is_a_module_that_can_be_indexed_hooked_and_called() -> None:
    model, seen = model_of("resnet"), {}
    for name in ("layer4", "layer2.0.conv1"):
        model.get_submodule(name).register_forward_hook(lambda _m, _i, output, name=name: seen.update({name: output}))
    sample = FAMILIES["resnet"].samples(shape=(3, 64, 64))
    with torch.no_grad():
        output = model(sample)
        assert seen["layer4"].shape == (2, 80, 2, 2)
        assert seen["layer2.0.conv1"].shape == (2, 48, 8, 8)
        assert isinstance(model.layer2[0].conv1, nn.Conv2d)
        assert len(model.layer4) == 2
        pooled = seen["layer4"].mean((2, 3))
        torch.testing.assert_close(model.fc(pooled), output)
        model.layer4.register_forward_hook(lambda *_: torch.zeros(2, 80, 2, 2))
        assert torch.equal(model(sample), model.fc.bias.expand(2, -1)), "what a hook returns takes the output's place"


def test_a_submodule_can_be_replaced() -> None:
    model = model_of("resnet")
    sample = FAMILIES["resnet"].samples()
    model.fc = nn.Identity()
    assert model(sample).shape == (2, 80)
    model.layer4[1] = nn.Identity()
    model.layer1 = nn.Conv2d(64, 32, 1)
    assert model(sample).shape == (2, 80)


@every_family
@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16, torch.float16])
def test_other_precisions(family: str, dtype: torch.dtype) -> None:
    model = model_of(family)
    sample = FAMILIES[family].samples(1)
    with torch.no_grad():
        wanted = model(sample)
        found = model.to(dtype)(sample.to(dtype) if sample.is_floating_point() else sample)
    assert found.dtype == dtype
    assert {p.dtype for p in model.parameters()} == {dtype}
    loose = {torch.float64: 1e-4, torch.bfloat16: 0.3, torch.float16: 0.05}[dtype]
    assert (found.double() - wanted.double()).norm() <= loose * wanted.double().norm()


@pytest.mark.parametrize("family", [f for f in FAMILIES if len(FAMILIES[f].shape) == 3])
def test_channels_last(family: str) -> None:
    model, sample = model_of(family), FAMILIES[family].samples()
    with torch.no_grad():
        wanted = model(sample)
        model.to(memory_format=torch.channels_last)
        assert any(p.dim() == 4 and p.is_contiguous(memory_format=torch.channels_last) for p in model.parameters())
        found = model(sample.contiguous(memory_format=torch.channels_last))
    torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-4 * float(wanted.abs().max()))


def test_only_the_whole_network_knows_its_spec() -> None:
    model = build("small_resnet", init=False)
    assert spec_of(model).name == "small_resnet"
    with pytest.raises(ValueError, match="ask the whole network"):
        spec_of(next(model.children()))
    with pytest.raises(ValueError, match="not part of a network"):
        path_of(nn.Linear(2, 2))
