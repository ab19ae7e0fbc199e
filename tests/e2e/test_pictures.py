"""Screenshots of every page in light and dark, kept to be looked at; and what a program can check of them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

import archspec
from tests.e2e.conftest import Opened

PAGES = ("Explore", "Compare", "Input sizes and batch", "Smoke run", "Gradient flow", "Learning check", "Export")
KEPT = Path(os.environ.get("SCREENSHOTS", Path(__file__).parents[2] / "build" / "screenshots"))
CONTRAST = """
() => {
  const luminance = (c) => {
    const most = c.startsWith('color(') ? 1 : 255;
    const [r, g, b] = c.match(/[\\d.]+/g).slice(0, 3).map((v) => v / most)
      .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const root = document.querySelector('[data-testid=stBidiComponentIsolated]').shadowRoot;
  const paper = getComputedStyle(root.querySelector('.inspector')).backgroundColor;
  const bad = [];
  const texts = '.inspector *, .problems *, .table th, .table td span, .cm-line span, .bar *';
  for (const one of root.querySelectorAll(texts)) {
    if (!one.textContent.trim() || one.children.length) continue;
    const own = getComputedStyle(one).backgroundColor;
    const back = /rgba\\(.*, 0\\)|transparent/.test(own) ? paper : own;
    const [a, b] = [luminance(getComputedStyle(one).color), luminance(back)].sort((x, y) => y - x);
    const pair = getComputedStyle(one).color + ' on ' + back;
    if ((a + 0.05) / (b + 0.05) < 4.5) bad.push(one.textContent.trim() + ' ' + pair);
  }
  return bad;
}
"""


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page(opened: Opened, scheme: str) -> None:
    KEPT.mkdir(parents=True, exist_ok=True)
    app = opened("/?spec=resnet&variant=resnet50&select=layer2.0", scheme=scheme, height=1100)
    assert app.page.evaluate(CONTRAST) == []
    for name in PAGES:
        app.go(name) if name != "Explore" else app.settle()
        app.page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
        if name == "Export":
            app.page.get_by_role("button", name="Download the Python file").wait_for()
        app.page.wait_for_timeout(700)  # charts grow into place
        app.page.screenshot(path=KEPT / f"{name.lower().replace(' ', '_')}_{scheme}.png")
        assert app.page.get_by_test_id("stException").count() == 0
    app.page.get_by_role("link", name="Explore", exact=True).click()
    app.settle()
    app.write(archspec.load("resnet").text.replace("shortcut: projection", "shortcut: identity"))
    expect(app.problems).to_contain_text("RES001")
    assert app.page.evaluate(CONTRAST) == []
    app.page.screenshot(path=KEPT / f"broken_{scheme}.png")
