"""Pictures of discs, rectangles and triangles on a noisy background, with the class of each pixel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from archspec.runtime.learn.examples import Examples, ExampleSet
from archspec.runtime.learn.task_match import SHAPES

if TYPE_CHECKING:
    from numpy.typing import NDArray

TRAIN, HELD_OUT = 512, 128
SEED = 0  # of the data, which is the same in every check; a request's seed is for weights and order
MOST = 3  # shapes in a picture
NOISE = 0.15
CONTRAST = 0.3  # of a shape to the background at least, brighter or darker: brightness says nothing about the class


def shapes(shape: tuple[int, ...]) -> Examples:
    """Return pictures for an input of a shape [channels, height, width]; 512 to train on, 128 held out."""
    channels, height, width = shape
    images, classes = drawn(TRAIN + HELD_OUT, height, width)
    inputs = torch.from_numpy(images).unsqueeze(1)
    targets = torch.from_numpy(classes)
    held_out = ExampleSet(inputs[TRAIN:], targets[TRAIN:])
    ground = float((held_out.targets == 0).double().mean()) / SHAPES
    return Examples(
        ExampleSet(inputs[:TRAIN], targets[:TRAIN]),
        held_out,
        "mean IoU",
        ground,
        "calling every pixel background",
        lambda images: (images.to(torch.float32) / 127.5 - 1).expand(-1, channels, -1, -1),
    )


def drawn(count: int, height: int, width: int, seed: int = SEED) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return pictures [count, height, width] in 256 greys, and the class of each of their pixels."""
    random = np.random.RandomState(seed)  # legacy: its numbers are the same in every version of numpy
    images = np.empty((count, height, width), dtype=np.uint8)
    classes = np.zeros((count, height, width), dtype=np.int64)
    for image, labels in zip(images, classes, strict=True):
        ground = random.random_sample()
        grey = np.full((height, width), ground)
        for _ in range(1 + random.randint(MOST)):
            kind = 1 + random.randint(SHAPES - 1)
            inside = _inside(kind, random, height, width)
            grey[inside] = _other(ground, random)
            labels[inside] = kind
        grey += NOISE * (2 * random.random_sample((height, width)) - 1)
        image[:] = np.rint(255 * np.clip(grey, 0, 1)).astype(np.uint8)
    return images, classes


def _other(ground: float, random: Any) -> float:
    """Return a grey that contrasts with the background's."""
    while True:
        grey = float(random.random_sample())
        if abs(grey - ground) >= CONTRAST:
            return grey


def _inside(kind: int, random: Any, height: int, width: int) -> NDArray[np.bool_]:
    """Return the pixels of one shape: 1 a disc, 2 a rectangle, 3 a triangle with its base down."""
    size = min(height, width) * (0.15 + 0.12 * random.random_sample())  # half the shape's height
    y, x = (0.5 + np.arange(height))[:, None], (0.5 + np.arange(width))[None, :]
    down = y - (size + (height - 2 * size) * random.random_sample())
    across = x - (size + (width - 2 * size) * random.random_sample())
    if kind == 1:
        return np.asarray(down**2 + across**2 <= size**2)
    if kind == 2:
        return np.asarray((np.abs(down) <= size) & (np.abs(across) <= size * 0.8))
    return np.asarray((np.abs(down) <= size) & (2 * np.abs(across) <= down + size))
