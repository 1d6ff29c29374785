"""The address of the lobby as a QR code: in the terminal, and as a picture in the page."""

from __future__ import annotations

import functools
import io

import segno

__all__ = ["lines_of", "picture_of"]


def lines_of(address: str) -> str:
    """Return an address as a QR code that a terminal prints."""
    text = io.StringIO()
    segno.make(address, error="m", micro=False).terminal(out=text, compact=True)
    return text.getvalue()


@functools.lru_cache(maxsize=64)
def picture_of(address: str) -> str:
    """Return an address as a QR code in a data address, dark on white."""
    return segno.make(address, error="m", micro=False).svg_data_uri(scale=6, light="#fff")
