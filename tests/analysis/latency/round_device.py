"""A device with round figures, so that times can be computed by hand, and specs of one or two ops."""

from __future__ import annotations

import archspec
from archspec.analysis.latency.profiles import parse_profile

PROFILE = """\
name: a device for tests
source: made up
peak_teraflops: {float32: 0.1, float16: 0.4}
efficiency:
  matmul: 0.5
  convolution: {float32: 0.25, float16: 0.5}
  pointwise: 0.2
  grouped: 0.1
  depthwise: 0.05
  attention: 0.4
elementwise_teraflops: 0.01
memory: {gigabytes_per_second: 20, efficiency: 0.5}
launch: {microseconds: 2, convolution_microseconds: 3}
"""
CONV = "input: [3, 8, 8]\nstages:\n  - conv: {channels: 4, kernel: 3, bias: false}\n"


def profile(**changed: str) -> archspec.DeviceProfile:
    """Return the profile of that device, with some of its lines replaced: `launch="{...}"`."""
    lines = PROFILE.splitlines()
    for key, value in changed.items():
        lines = [f"{key}: {value}" if line.startswith(f"{key}:") else line for line in lines]
    return parse_profile("\n".join(lines), "made_up.yaml")
