"""Texts that are meant as numbers: numbers with a unit, and dates."""

from __future__ import annotations

import re
from collections.abc import Sequence

WITH_UNIT = re.compile(
    r"[+-]?(?:\d+[.,]?\d*|[.,]\d+)(?:[eE][+-]?\d+)?\s*([^\d\s.,:/_-]\D*)"
)
TIME = r"(?:[ T]\d{1,2}:\d{2}.*)?"
DATE = re.compile(rf"(?:\d{{4}}([./-])\d\d?\1\d\d?|\d\d?([./-])\d\d?\2\d{{2,4}}){TIME}")


def what_is_meant(known: Sequence[object]) -> str | None:
    """What texts are that are meant as numbers, and what to do; None for others.

    >>> what_is_meant(["27.3 um", "8 um"])
    "numbers with the unit um, such as '27.3 um': remove the unit from the cells"
    >>> what_is_meant(["27.3 um", "8 mm"])
    """
    texts = {str(cell) for cell in known}
    if not texts:
        return None
    first = str(known[0])
    if all(DATE.fullmatch(text) for text in texts):
        return (
            f"dates, such as {first!r}: convert them to numbers, such as days since "
            "the first"
        )
    found = [WITH_UNIT.fullmatch(text) for text in texts]
    units = {match[1].strip() for match in found if match}
    if all(found) and len(units) == 1:
        return (
            f"numbers with the unit {units.pop()}, such as {first!r}: remove the unit "
            "from the cells"
        )
    return None
