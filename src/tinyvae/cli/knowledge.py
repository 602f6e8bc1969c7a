"""What the training of a run saw of the factors, or was told of the world."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tinyvae.errors import RunFolderError
from tinyvae.wording import counted


def knowledge_of(path: Path) -> list[str]:
    """One line for each kind of help; none for codes in files, and without help.

    Reads the JSON of a run folder only, so that it takes no time.
    """
    from tinyvae.files.whole import read_json

    try:
        answer, config = (read_json(path / f"{n}.json") for n in ("answer", "config"))
    except (RunFolderError, OSError):
        return []  # no run; what reads it says so
    return knowledge_lines(answer, config)


def knowledge_lines(answer: dict[str, Any], config: dict[str, Any]) -> list[str]:
    """The same lines as those of a run, from its answer and its settings."""
    lines = []
    if (seen := answer.get("supervision", "none")) != "none":
        labelled = config.get("objective", {}).get("labelled")
        of = f" of {counted(labelled, 'picture')}" if labelled else ""
        lines.append(f"supervision of training: {seen}{of}")
    if told := answer.get("told"):
        lines.append(f"the network is told: {told}")
    return lines
