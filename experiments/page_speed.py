"""How soon a class page shows itself and how fast it plays, here and slowed down as on a phone.

    omemsim export page out=page.html
    python experiments/page_speed.py page.html     (a minute, on an idle machine)

The page's own thread is slowed down by Chromium; the engine's thread beside it is not.
"""

from __future__ import annotations

import shutil
import statistics
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SLOWER = (1, 4)  # times; a mid-range phone is some four times as slow as a laptop
OPENED = 5  # times
FASTEST = "52"  # weeks a second: the page's own fastest setting
FOR = 4000  # milliseconds
PAINTED = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
PLAYED = """
(time) => new Promise((keep) => {
  const began = performance.now(), view = document.getElementById("view");
  document.getElementById("play").click();
  setTimeout(() => keep(Number(view.max) / ((performance.now() - began) / 1000)), time);
})
"""


def main(file: str) -> None:
    """Open a page again and again, and print what took how long."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for slower in SLOWER:
            found = [opened(browser, Path(file), slower) for _ in range(OPENED)]
            for name in found[0]:
                values = [one[name] for one in found]
                low, middle, high = min(values), statistics.median(values), max(values)
                print(f"{slower} times as slow: {name} {middle:.3g} ({low:.3g} to {high:.3g})")
        browser.close()


def opened(browser: Any, file: Path, slower: float) -> dict[str, float]:
    """Return what one opening took, on a phone's screen."""
    page = browser.new_page(viewport={"width": 390, "height": 844})
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": slower})
    page.goto(file.resolve().as_uri())
    page.wait_for_selector("body[data-engine=model]")
    ready = page.evaluate("performance.now()")
    painted = page.evaluate(PAINTED)
    page.select_option("#speed", FASTEST)
    rate = page.evaluate(PLAYED, FOR)
    page.close()
    return {
        "first contents, seconds": painted / 1000,
        "the model ready, seconds": ready / 1000,
        "played, weeks a second": rate,
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
