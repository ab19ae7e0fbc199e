"""Devices of torch: finding one, waiting for it, limiting and measuring its memory."""

from __future__ import annotations

import contextlib
import platform
import sys
from pathlib import Path

import torch

from archspec.errors import DeviceNotFoundError

STATUS = Path("/proc/self/status")


def device_of(name: str) -> torch.device:
    """Return the device of a name, that of the fastest kind for "auto"; raises DeviceNotFoundError."""
    if name == "auto":
        kind = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
        return torch.device(kind)
    device = torch.device(name)
    if device.type == "cuda":
        count = torch.cuda.device_count() if torch.cuda.is_available() else 0
        if (device.index or 0) >= count:
            there = ", ".join(f"cuda:{number}" for number in range(count)) or "no CUDA device"
            raise DeviceNotFoundError(f"device {name} is not there: torch {torch.__version__} finds {there}")
    if device.type == "mps" and not torch.backends.mps.is_available():
        raise DeviceNotFoundError(f"device mps is not there: torch {torch.__version__} finds no Apple GPU")
    return device


def device_names() -> tuple[str, ...]:
    """Return the names of all devices that torch finds, the fastest kind first."""
    cuda = [f"cuda:{number}" for number in range(torch.cuda.device_count())] if torch.cuda.is_available() else []
    return (*cuda, *(["mps"] if torch.backends.mps.is_available() else []), "cpu")


def name_of(device: torch.device) -> str:
    """Return the name of the product."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"{platform.processor() or platform.machine()}, {torch.get_num_threads()} threads"


def free_bytes(device: torch.device) -> int | None:
    """Return the free bytes of a GPU; None for other devices, which share their memory with everything else."""
    return torch.cuda.mem_get_info(device)[0] if device.type == "cuda" else None


def synchronise(device: torch.device) -> None:
    """Wait until all work queued on the device is done."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


def limit_memory(device: torch.device, limit: int) -> None:
    """Make allocations fail beyond `limit` more bytes than now; raises DeviceNotFoundError where that is impossible."""
    if device.type == "cuda":
        total = torch.cuda.get_device_properties(device).total_memory
        # A share of the device's memory, which torch's caching allocator enforces for this process.
        torch.cuda.set_per_process_memory_fraction(min(1.0, limit / total), device)
        return
    if device.type != "cpu" or sys.platform != "linux":
        raise DeviceNotFoundError(f"a memory limit cannot be kept on {device.type} under {sys.platform}")
    import resource

    # RLIMIT_DATA counts private writable memory; RLIMIT_AS would count mapped libraries and reserved addresses too.
    most = _kilobytes("VmData") * 1024 + limit
    resource.setrlimit(resource.RLIMIT_DATA, (most, resource.getrlimit(resource.RLIMIT_DATA)[1]))


class PeakMeter:
    """The peak of memory since the meter was made or restarted, in bytes, and how it is measured (`measured`)."""

    def __init__(self, device: torch.device) -> None:
        self.device = device
        if device.type == "cuda":
            self.measured = "torch.cuda.max_memory_allocated of the steps after the first"
        elif device.type == "mps":
            self.measured = "what Metal's driver holds for the process at the end"
        elif STATUS.exists():
            self.measured = (
                "peak resident memory of the worker process in the steps after the first, less what it had before the"
                " module was built"
            )
            self.restart()  # the peak so far is that of importing torch
            self._before = _kilobytes("VmRSS")
        else:
            self.measured = "growth of the worker process's peak resident memory since before the module was built"
            self._before = _peak_so_far()

    def restart(self) -> None:
        """Reset the peak, where the device or the system can."""
        if self.device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(self.device)
        elif self.device.type == "cpu":
            with contextlib.suppress(OSError):
                Path("/proc/self/clear_refs").write_text("5")

    def peak(self) -> int:
        """Return the peak in bytes."""
        if self.device.type == "cuda":
            return torch.cuda.max_memory_allocated(self.device)
        if self.device.type == "mps":
            return int(torch.mps.driver_allocated_memory())
        now = _kilobytes("VmHWM") if STATUS.exists() else _peak_so_far()
        return max(0, now - self._before) * 1024


def _kilobytes(name: str) -> int:
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith(f"{name}:"))
    return int(line.split()[1])


def _peak_so_far() -> int:
    """Return the process's peak in kilobytes where there is no /proc (macOS counts in bytes)."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1024 if sys.platform == "darwin" else 1)
