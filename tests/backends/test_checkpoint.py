"""Activation checkpointing: the same numbers from fewer saved tensors."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from archspec import build
from tests.backends.small_networks import FAMILIES, Small, model_of

DEEPER = Small("resnet", {"depths": [2, 2, 1, 1], "widths": [32, 48, 64, 80], "classes": 7})


def saved_bytes(model: torch.nn.Module, sample: torch.Tensor) -> int:
    """What autograd keeps of a forward, parameters and buffers left out, each storage once."""
    own = {t.untyped_storage().data_ptr() for t in (*model.parameters(), *model.buffers())}
    kept: dict[int, int] = {}

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        output = model(sample)
    assert output.requires_grad
    return sum(kept.values())


def gradients(model: torch.nn.Module, sample: torch.Tensor) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    model.zero_grad(set_to_none=True)
    output = model(sample)
    output.square().mean().backward()
    return output.detach(), {n: p.grad for n, p in model.named_parameters() if p.grad is not None}


@pytest.mark.parametrize("family", ["resnet", "densenet", "unet", "highway_conv", "vit", "convnext", "residual_mlp"])
def test_the_same_outputs_and_gradients(family: str) -> None:
    plain, saving = model_of(family), model_of(family, checkpoint=True)
    sample = FAMILIES[family].samples()
    output, wanted = gradients(plain, sample)
    found_output, found = gradients(saving, sample)
    assert torch.equal(found_output, output)
    assert found.keys() == wanted.keys() == dict(plain.named_parameters()).keys()
    for name, gradient in wanted.items():
        torch.testing.assert_close(found[name], gradient, rtol=1e-4, atol=1e-5 * float(gradient.abs().max() + 1))
    assert saved_bytes(saving, sample) < 0.8 * saved_bytes(plain, sample)


@pytest.mark.parametrize("family", ["resnet", "densenet"])
def test_running_statistics_move_once_a_step(family: str) -> None:
    """The blocks run twice in a training step, and batch norms must count it as one."""
    plain, saving = model_of(family).train(), model_of(family, checkpoint=True).train()
    sample = FAMILIES[family].samples(4)
    for model in (plain, saving):
        model(sample).square().mean().backward()
    for name, buffer in plain.named_buffers():
        torch.testing.assert_close(saving.get_buffer(name), buffer, msg=name)


def test_patterns_choose_blocks() -> None:
    spec, sample = DEEPER.load(), DEEPER.samples()
    kept = {}
    for checkpoint in (False, "layer1.*", ("layer1.*", "layer2.*"), ["layer1.0", "layer1.1"], True):
        model = build(spec, seed=0, checkpoint=checkpoint)
        chosen = {n for n, m in model.named_modules() if getattr(m, "checkpointed", False)}
        blocks = {f"layer{stage}.{n}" for stage, depth in enumerate([2, 2, 1, 1], 1) for n in range(depth)}
        if checkpoint is True:
            assert chosen == blocks
        elif isinstance(checkpoint, list):
            assert chosen == set(checkpoint)
        elif checkpoint:
            stages = {pattern[:6] for pattern in ([checkpoint] if isinstance(checkpoint, str) else checkpoint)}
            assert chosen == {name for name in blocks if name[:6] in stages}
        else:
            assert not chosen
        kept[str(checkpoint)] = saved_bytes(model, sample)
    assert kept["True"] < kept["('layer1.*', 'layer2.*')"] < kept["layer1.*"] < kept["False"]
    assert kept["['layer1.0', 'layer1.1']"] == kept["layer1.*"]


def test_a_block_inside_a_checkpointed_one_is_not_checkpointed_again() -> None:
    model = build(DEEPER.load(), checkpoint=["layer1.0", "layer1.0.*", "layer2.0.downsample"])
    chosen = {n for n, m in model.named_modules() if getattr(m, "checkpointed", False)}
    assert chosen == {"layer1.0", "layer2.0.downsample"}


def test_the_mode_survives_a_pickle_and_nothing_changes_without_gradients() -> None:
    import pickle

    saving = pickle.loads(pickle.dumps(model_of("resnet", checkpoint=True)))
    plain, sample = model_of("resnet"), FAMILIES["resnet"].samples()
    assert saved_bytes(saving, sample) < saved_bytes(plain, sample)
    with torch.no_grad():
        assert torch.equal(saving(sample), plain(sample))


def test_checkpointed_blocks_compile() -> None:
    saving, sample = model_of("resnet", checkpoint=True), FAMILIES["resnet"].samples()
    torch._dynamo.reset()
    compiled: Any = torch.compile(saving, fullgraph=True, backend="aot_eager")
    torch.testing.assert_close(compiled(sample), saving(sample))
