"""What the training of a run folder saw of the factors, or was told of the world."""

from __future__ import annotations

from pathlib import Path

from tinyvae.errors import RunFolderError
from tinyvae.knowledge import knowledge_in_short, knowledge_lines, seen_in_words


def knowledge_of(path: Path) -> list[str]:
    """One line for each kind of help; none for codes in files, and without help.

    Reads the JSON of a run folder only, so that it takes no time.
    """
    return knowledge_lines(*_seen_and_told(path))


def short_knowledge_of(path: Path) -> str:
    """The same in a few words, to stand behind a name; nothing without help."""
    return knowledge_in_short(*_seen_and_told(path))


def _seen_and_told(path: Path) -> tuple[str, str]:
    from tinyvae.files.whole import read_json

    try:
        answer, config = (read_json(path / f"{n}.json") for n in ("answer", "config"))
    except (RunFolderError, OSError):
        return "none", ""  # no run; what reads it says so
    labelled = config.get("objective", {}).get("labelled")
    seen = seen_in_words(answer.get("supervision", "none"), labelled)
    return seen, answer.get("told") or ""
