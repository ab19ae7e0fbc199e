"""archspec calibrate: measure a device, and write its profile for `archspec latency`."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from archspec.cli.arguments import add_format
from archspec.cli.exit_codes import CLEAN
from archspec.cli.formats.report import as_json, printable
from archspec.cli.output_option import add_output, format_of, write_output
from archspec.cli.progress import calibration_progress
from archspec.dependencies import require_torch
from archspec.errors import UsageError

if TYPE_CHECKING:
    from archspec.analysis.latency.profile import DeviceProfile

FORMATS = ("yaml", "yml")
EXAMPLES = (
    "calibrate -o mine.yaml",
    "calibrate -o gpu.yaml --device cuda --quick",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add a device, and the file for its profile."""
    add_output(parser, FORMATS)
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1 (any number) or mps (default: auto)")
    parser.add_argument(
        "--quick", action="store_true", help="about 5 seconds, not 30: less exact, on a CPU in float32 alone"
    )
    add_format(parser)


def run(arguments: argparse.Namespace) -> int:
    """Measure, write the profile and print its main figures."""
    format_of(arguments.output, FORMATS)
    require_torch("measuring a device")
    from archspec.api.run import calibrate
    from archspec.errors import DeviceNotFoundError

    try:
        with calibration_progress(arguments.quiet) as on_progress:
            found = calibrate(arguments.device, quick=arguments.quick, on_progress=on_progress)
    except (DeviceNotFoundError, ValueError) as error:
        raise UsageError(str(error)) from None
    write_output(arguments, found.text)
    if arguments.format == "json":
        print(as_json({"output": arguments.output, **_figures(found.profile)}))
    else:
        print(printable(found.profile.name))
        print("\n".join(f"  {name:<28}{number:>12,.4g}" for name, number in _figures(found.profile).items() if number))
        print(printable(f"archspec latency SPEC --device {arguments.output}"))
    return CLEAN


def _figures(profile: DeviceProfile) -> dict[str, object]:
    """Return the main figures by name; null for a precision that the device does not have."""
    peaks = profile.peak_teraflops
    return {
        "teraflops_float32": peaks.float32,
        "teraflops_tf32": peaks.tf32,
        "teraflops_bfloat16": peaks.bfloat16,
        "teraflops_float16": peaks.float16,
        "gigabytes_per_second": profile.memory.gigabytes_per_second,
        "launch_microseconds": profile.launch.microseconds,
    }
