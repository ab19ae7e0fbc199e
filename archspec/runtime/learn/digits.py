"""The 1,797 handwritten digits of 8x8 pixels that scikit-learn ships (Alpaydin and Kaynak 1998)."""

from __future__ import annotations

from math import isqrt

import torch
from torch.nn import functional

from archspec.runtime.learn.examples import Examples, ExampleSet

HELD_OUT = 360  # the last fifth
BRIGHTEST = 16


def digits(shape: tuple[int, ...]) -> Examples:
    """Return the digits for an input of a shape: enlarged to it, on each of its channels, or flattened."""
    from sklearn.datasets import load_digits

    found = load_digits()
    images = torch.tensor(found.images, dtype=torch.float32).unsqueeze(1) / (BRIGHTEST / 2) - 1
    classes = torch.tensor(found.target, dtype=torch.int64)
    train, held_out = (
        ExampleSet(images[:-HELD_OUT], classes[:-HELD_OUT]),
        ExampleSet(images[-HELD_OUT:], classes[-HELD_OUT:]),
    )
    # The most frequent in training: a baseline must not look at the data held out either.
    most_frequent = torch.bincount(train.targets).argmax()
    baseline = float((held_out.targets == most_frequent).double().mean())
    about = "always saying the digit that is most frequent"
    return Examples(train, held_out, "accuracy", baseline, about, lambda inputs: fitted(inputs, shape))


def fitted(images: torch.Tensor, shape: tuple[int, ...]) -> torch.Tensor:
    """Return pictures of one channel as maps of a shape, or as vectors of the pixels of a square."""
    height, width = shape[1:] if len(shape) == 3 else (isqrt(shape[0]), isqrt(shape[0]))
    if images.shape[2:] != (height, width):
        images = functional.interpolate(images, size=(height, width), mode="bilinear", align_corners=False)
    return images.expand(-1, *shape) if len(shape) == 3 else images.flatten(1)
