"""Notes: one sentence each on what was read, guessed and left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Topic = Literal[
    "pictures",
    "size",
    "pixels",
    "table",
    "codes",
    "labels",
    "left out",
    "split",
    "warning",
]
SHOWN = 3  # names that a message lists before it counts the rest


def shown(names: Sequence[str], most: int = SHOWN) -> str:
    """The first few names, and the number of the others.

    >>> shown(["a.png", "b.png"])
    'a.png, b.png'
    >>> shown(["a", "b", "c", "d", "e"])
    'a, b, c and 2 more'
    """
    listed = ", ".join(names[i] for i in range(min(most, len(names))))
    more = len(names) - most
    return f"{listed} and {more} more" if more > 0 else listed


@dataclass(frozen=True)
class Note:
    """One sentence about pictures, codes or their labels.

    `names` are all the files, rows or columns that the sentence counts.
    """

    topic: Topic
    text: str
    names: tuple[str, ...] = ()

    def line(self) -> str:
        """The topic, the sentence, and the first few names."""
        listed = f": {shown(self.names)}" if self.names else ""
        return f"{self.topic}: {self.text}{listed}."
