"""The overhead of archspec's modules per call: ResNet-18 on one tiny picture and one thread, where it shows."""

from __future__ import annotations

from functools import partial

import torch
from _measure import Ratio, interleaved, repeated, report, torchvision_models

import archspec

ROUNDS, CALLS = 400, 3


def main() -> None:
    torch.set_num_threads(1)
    constructor = torchvision_models().resnet18
    # The twin is torchvision against itself: the noise of the measurement.
    theirs, twin = constructor().eval(), constructor().eval()
    ours = archspec.build("resnet18").eval()
    for model in (ours, twin):
        model.load_state_dict(theirs.state_dict())
    sample = torch.randn(1, 3, 32, 32)
    with torch.no_grad():
        # Equal to the last bit: the same kernels on the same numbers, so that only the overhead can differ.
        assert torch.equal(ours(sample), theirs(sample))
        rivals = {
            name: repeated(partial(model, sample), CALLS)
            for name, model in (("ours", ours), ("theirs", theirs), ("twin", twin))
        }
        times = interleaved(rivals, ROUNDS, warm_up=20)
    best = {name: _low(seconds) / CALLS for name, seconds in times.items()}
    rows = [
        Ratio("archspec / torchvision", best["ours"], best["theirs"], "≤ 1.00"),
        Ratio("torchvision / torchvision (what this machine calls equal)", best["twin"], best["theirs"]),
    ]
    note = f"Lower quartiles of {ROUNDS} × {CALLS} calls in turn; 1×3×32×32, eval, no_grad, eager, one thread."
    report("Forward of ResNet-18", rows, note)


def _low(seconds: list[float]) -> float:
    """Return the lower quartile: the time of an undisturbed run, more stable than the minimum."""
    return sorted(seconds)[len(seconds) // 4]


if __name__ == "__main__":
    main()
