"""`streamlit run app` in a clone: Streamlit's own command serves the explorer as `archspec app` does."""

from __future__ import annotations

import sys

from playwright.sync_api import Browser

from tests.app.server_process import free_port, started
from tests.e2e.conftest import PATIENCE, Workbench


def test_streamlit_run_app_serves_the_explorer(browser: Browser) -> None:
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", "app", "--server.headless=true", f"--server.port={port}"]
    with started(command, port):
        page = browser.new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(f"http://localhost:{port}")
        workbench = Workbench(page)
        workbench.settle()
        workbench.totals("25.6 M")
        # The settings next to the script hold here as well.
        assert page.title() == "archspec"
        assert page.get_by_text("Deploy", exact=True).count() == 0
        page.close()
