"""What axe finds wrong in a page that a browser shows."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe


def violations(page: Any) -> list[str]:
    """Return each rule that is broken, and where: ``rule: selector, selector``."""
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {', '.join(str(x['target']) for x in one['nodes'])}" for one in found]
