"""In words: what training saw of the factors, and what the network was told.

Imports nothing large, since commands that only read JSON say it too.
"""

from __future__ import annotations

from tinyvae.wording import counted


def seen_in_words(supervision: str, labelled: int | None) -> str:
    """What an objective sees of the factors, and of how many pictures if it is known.

    >>> seen_in_words("pairs", None), seen_in_words("labels", 100)
    ('pairs', 'labels of 100 pictures')
    """
    if labelled is None:
        return supervision
    return f"{supervision} of {counted(labelled, 'picture')}"


def seen_in_brackets(seen: str) -> str:
    """What an objective sees, behind its name; nothing if it sees nothing.

    >>> seen_in_brackets("pairs"), seen_in_brackets("none")
    (' (supervision: pairs)', '')
    """
    return "" if seen == "none" else f" (supervision: {seen})"


def told_in_brackets(told: str) -> str:
    """What a network is told of the world, behind its name; nothing if it is not.

    >>> told_in_brackets("there are places"), told_in_brackets("")
    (' (the network is told: there are places)', '')
    """
    return f" (the network is told: {told})" if told else ""


def knowledge_in_short(seen: str, told: str) -> str:
    """The same behind a name, where there is little room.

    >>> knowledge_in_short("pairs", ""), knowledge_in_short("none", "there are places")
    ('saw pairs', 'told: there are places')
    """
    parts = [f"saw {seen}"] if seen != "none" else []
    return "; ".join([*parts, f"told: {told}"] if told else parts)


def knowledge_lines(seen: str, told: str) -> list[str]:
    """A line for each, below an answer; none for what there was not.

    >>> knowledge_lines("pairs", "")
    ['supervision of training: pairs']
    """
    lines = [f"supervision of training: {seen}"] if seen != "none" else []
    return [*lines, f"the network is told: {told}"] if told else lines
