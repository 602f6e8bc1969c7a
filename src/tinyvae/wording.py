"""How messages, notes and descriptions put numbers into words."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """A number and its noun, in the plural unless the number is 1.

    >>> counted(1, "row"), counted(0, "row"), counted(2000, "picture")
    ('1 row', '0 rows', '2000 pictures')
    """
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
