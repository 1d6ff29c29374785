"""Pages of HTML: templates in this folder, filled in with plain data, everything escaped.

A page stands alone: its style and pictures are in it, so that it opens offline, prints, and fits a
phone. `base.html` is the frame of such pages, `parts.html` has what they share, and `style.css` is
their style sheet, to which `cards.css` adds that of cards. Only the pages of a class
(`class_frame.html`) are served, with scripts and a style sheet of their own.
"""

from __future__ import annotations

import base64
import functools
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from omemsim.present.html.drawing import Drawing

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["Chip", "Drawing", "embedded", "page"]


class Chip(NamedTuple):
    """A word on a ground of its colour."""

    text: str
    colour: str
    ink: str


def page(template: str, colours: Mapping[str, str], **content: Any) -> str:
    """Return a page.

    Parameters
    ----------
    template : a file in this folder, as ``claims.html``.
    colours : of ``ink`` (text), ``pale`` (what is less important), ``better`` and ``worse``.
    **content : what the template uses; a name that is missing is an error. ``lang`` is the page's
        language, "en" if it is not said, and ``_`` translates what templates say themselves.
    """
    usual = {"lang": "en", "_": str}
    return _environment().get_template(template).render(colours=colours, **(usual | content))


def embedded(picture: Path) -> str:
    """Return an SVG file as a reference that holds it."""
    text = base64.b64encode(picture.read_bytes()).decode()
    return f"data:image/svg+xml;base64,{text}"


@functools.cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
