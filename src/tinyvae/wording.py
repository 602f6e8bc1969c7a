"""How messages, notes and descriptions put numbers and names into words."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

LONGEST = 18  # letters of a name in a figure


def counted(number: int, noun: str) -> str:
    """A number and its noun, in the plural unless the number is 1.

    >>> counted(1, "row"), counted(0, "row"), counted(2000, "picture")
    ('1 row', '0 rows', '2000 pictures')
    """
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def duration(seconds: float) -> str:
    """A time in the unit that suits it.

    >>> duration(42), duration(700), duration(9000), duration(200_000)
    ('42 s', '12 min', '2.5 h', '2.3 days')
    """
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    if seconds < 172_800:
        return f"{seconds / 3600:.1f} h"
    return f"{seconds / 86_400:.1f} days"


def shortened(text: str, longest: int = LONGEST) -> str:
    """A text of at most so many letters.

    >>> shortened("a very long name of a factor", 10)
    'a very lo…'
    """
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def nearest(name: str, known: Iterable[str]) -> str:
    """A question that suggests the nearest known name; nothing if none is near.

    A name that contains all that was written is the nearest.

    >>> nearest("migg", ["mig", "sap"])
    " Did you mean 'mig'?"
    >>> nearest("tcvae", ["vae", "beta-tcvae"])
    " Did you mean 'beta-tcvae'?"
    >>> nearest("Beta-VAE", ["vae", "beta-vae"])
    " Did you mean 'beta-vae'?"
    """
    names, name = list(known), name.lower()
    containing = [other for other in names if len(name) > 2 and name in other]
    close = difflib.get_close_matches(name, containing or names, n=1)
    return f" Did you mean {close[0]!r}?" if close else ""
