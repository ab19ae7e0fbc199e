"""A run ends with the session that asked for it, and the next one's turn comes."""

from __future__ import annotations

import re
import time

import pytest

from tests.e2e.conftest import Opened
from tests.e2e.processes import runs_of

PATIENCE = 90.0


@pytest.mark.slow
def test_a_run_ends_when_its_page_is_closed(opened: Opened, server: str) -> None:
    leaving, staying = opened("/?spec=resnet&variant=resnet50"), opened("/?spec=small_resnet")
    leaving.go("Smoke run")
    leaving.page.get_by_role("spinbutton", name="Timed steps").fill("200")
    leaving.page.get_by_role("button", name="Run", exact=True).click()
    leaving.page.get_by_text(re.compile("timing|forward")).first.wait_for()
    (run,) = runs_of(server)
    staying.go("Smoke run")
    staying.page.get_by_role("button", name="Run", exact=True).click()
    staying.page.get_by_text("waits; 1 run is before it").wait_for()
    leaving.page.context.close()
    deadline = time.monotonic() + PATIENCE
    while run in runs_of(server):
        assert time.monotonic() < deadline, "the run of a session that is gone goes on"
        time.sleep(0.5)
    staying.page.get_by_text("it trains, and all numbers are finite").wait_for()
