"""A run ends with the session that asked for it, and the next one's turn comes."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

WORKER = b"archspec.runtime.process.worker"
PATIENCE = 90.0


def workers() -> set[int]:
    """The processes of smoke runs that live on this machine."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            words, state = stat.with_name("cmdline").read_bytes(), stat.read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if WORKER in words.split(b"\0") and state != "Z":
            found.add(int(stat.parent.name))
    return found


@pytest.mark.slow
def test_a_run_ends_when_its_page_is_closed(opened):
    before = workers()
    leaving, staying = opened("/?spec=resnet&variant=resnet50"), opened("/?spec=small_resnet")
    leaving.go("Smoke run")
    leaving.page.get_by_role("spinbutton", name="Timed steps").fill("200")
    leaving.page.get_by_role("button", name="Run", exact=True).click()
    leaving.page.get_by_text(re.compile("timing|forward")).first.wait_for()
    (run,) = workers() - before
    staying.go("Smoke run")
    staying.page.get_by_role("button", name="Run", exact=True).click()
    staying.page.get_by_text("waits; 1 run is before it").wait_for()
    leaving.page.context.close()
    deadline = time.monotonic() + PATIENCE
    while run in workers():
        assert time.monotonic() < deadline, "the run of a session that is gone goes on"
        time.sleep(0.5)
    staying.page.get_by_text("it trains, and all numbers are finite").wait_for()
