"""Exported source against torchvision: its weights load by its keys, and its outputs come out."""

from __future__ import annotations

import pytest
import torch

import tests.parity.torchvision_stub  # noqa: F401  isort: skip  (before torchvision)

import archspec
from tests.backends.standalone import network_of, source_of
from tests.parity.assertions import randomise
from tests.parity.test_torchvision import NAMES, check_outputs, images, theirs_of

FEW = {"resnet50", "densenet121", "convnext_tiny", "vit_b_32"}
marked = [pytest.param(name, marks=() if name in FEW else pytest.mark.slow) for name in NAMES]


@pytest.mark.sample(8)
@pytest.mark.parametrize("name", marked)
def test_it_takes_torchvisions_weights_and_gives_its_outputs(name: str) -> None:
    theirs = theirs_of(name).to_empty(device="cpu")
    for buffer in theirs.buffers():
        buffer.zero_()
    randomise(theirs)
    with torch.device("meta"):
        ours = network_of(source_of(archspec.load(name)))()
    ours.load_state_dict(theirs.state_dict(), strict=True, assign=True)
    check_outputs(ours, theirs, images(name))
