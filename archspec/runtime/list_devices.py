"""The devices that torch finds, listed in another process, so that torch is not imported here."""

from __future__ import annotations

from archspec.errors import WorkerEndedError
from archspec.worker.client import ShouldStop, call


def list_devices(timeout: float, stop: ShouldStop | None = None) -> tuple[str, ...]:
    """Return the names of the devices, the fastest kind first; raises RuntimeError where torch does not say."""
    try:
        found: tuple[str, ...] = call("archspec.runtime.devices:device_names", timeout=timeout, stop=stop)
    except WorkerEndedError as ended:
        if ended.kind == "timeout":
            raise RuntimeError(f"torch was not imported within {timeout:g} s") from None
        # A broken torch may end the process: then the reason is what it printed last.
        reason = ended.last_line or ended.message
        raise RuntimeError(f"torch cannot be imported: {reason}") from None
    except Exception as error:
        raise RuntimeError(f"torch cannot be imported: {type(error).__name__}: {error}") from error
    return found
