"""What training saw of the factors, or was told: of a run folder, or of its codes."""

from __future__ import annotations

from pathlib import Path

from tinyvae.errors import DataError, RunFolderError
from tinyvae.knowledge import knowledge_in_short, knowledge_lines, seen_in_words


def knowledge_of(path: Path) -> list[str]:
    """One line for each kind of help; none without help.

    Of a run folder only JSON is read, so that it takes no time. Of codes in files, only
    an npz file that `tinyvae encode` wrote knows it.
    """
    return knowledge_lines(*seen_and_told(path))


def short_knowledge_of(path: Path) -> str:
    """The same in a few words, to stand behind a name; nothing without help."""
    return knowledge_in_short(*seen_and_told(path))


def seen_and_told(path: Path) -> tuple[str, str]:
    """What training saw of the factors ("none": nothing), and what it was told."""
    if path.is_dir():
        return _of_run(path)
    return _of_npz(path) if path.suffix.lower() == ".npz" else ("none", "")


def _of_run(path: Path) -> tuple[str, str]:
    from tinyvae.files.whole import read_json

    try:
        answer, config = (read_json(path / f"{n}.json") for n in ("answer", "config"))
    except (RunFolderError, OSError):
        return "none", ""  # no run; what reads it says so
    labelled = config.get("objective", {}).get("labelled")
    seen = seen_in_words(answer.get("supervision", "none"), labelled)
    return seen, answer.get("told") or ""


def _of_npz(path: Path) -> tuple[str, str]:
    from tinyvae.files.npz import array_names, read_array

    try:
        names = {"supervision", "told"} & set(array_names(path))
        arrays = {name: read_array(path, name) for name in names}
    except DataError:
        return "none", ""  # what reads the codes says so
    texts = {
        name: str(array)
        for name, array in arrays.items()
        if array.ndim == 0 and array.dtype.kind == "U"  # else it means something else
    }
    return texts.get("supervision", "none"), texts.get("told", "")
