"""The processes of the served app, as the system lists them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

WORKER, PAINTER = b"archspec.worker.server", b"archspec.views.layout:render"


def server_processes(address: str) -> set[int]:
    """Return the app's own process, found by the port that it was started with."""
    port = address.rpartition(":")[2].encode()
    return {pid for pid, words, _ in _living() if b"app" in words and port in words}


def runs_of(address: str) -> set[int]:
    """Return the live processes of smoke runs that the app has started."""
    servers = server_processes(address)
    return {pid for pid, words, parent in _living() if WORKER in words and PAINTER not in words and parent in servers}


def resident(address: str) -> int:
    """Return the resident memory of the app in MiB."""
    kilobytes = 0
    for pid in server_processes(address):
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        kilobytes += next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))
    return kilobytes // 1024


def _living() -> Iterator[tuple[int, list[bytes], int]]:
    """Yield the number, command and parent of every live process."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
            state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if state != "Z":
            yield int(entry.name), words, int(parent)
