"""Numbers as a language writes them; what digits a number has is for `present.text` to say.

French: a comma before decimals, a narrow no-break space between thousands, a no-break space
before "%" and "$" and inside guillemets (Office québécois de la langue française, Banque de
dépannage linguistique, its table of spaces around signs).
"""

from __future__ import annotations

import re

__all__ = ["NARROW", "NO_BREAK", "localised"]

NO_BREAK, NARROW = "\u00a0", "\u202f"
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_POINT = re.compile(r"(?<=\d)\.(?=\d)")
_SIGN = re.compile(r"(?<=\d)%")


def localised(text: str, code: str) -> str:
    """Return a number that is written in English, as "1,234.5%", as a language writes it.

    Parameters
    ----------
    text : from a function of `present.text`: digits, commas, a point, a sign, "%".
    code : "en" or "fr".
    """
    if code == "en":
        return text
    text = _THOUSANDS.sub(NARROW, text)
    text = _POINT.sub(",", text)
    return _SIGN.sub(f"{NO_BREAK}%", text)
