"""Shows runs in TensorBoard: `tinyvae.TensorBoard`."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path

from tinyvae.errors import ConfigError
from tinyvae.extras import check_installed
from tinyvae.runs.tracker import About, TrackedRun

FOLDER = "logs"


@dataclass(frozen=True)
class TensorBoard:
    """Writes event files for TensorBoard, each run into a folder of its own.

    `tensorboard --logdir FOLDER` shows them, while the runs train too. A run that is
    continued has new files, with everything so far, in place of its former ones.

    Args:
        folder: of the folders of all runs; it is made if it does not exist.
        pictures: whether traversals, reconstructions and the answer are drawn as well.

    Raises: ConfigError if tensorboardX is not installed, or of a URL.
    """

    folder: str | Path = FOLDER
    pictures: bool = True

    def __post_init__(self):
        check_installed("tensorboardX", "TensorBoard", "tensorboard")
        if "://" in str(self.folder):
            raise ConfigError(
                "TensorBoard: expected a folder of this machine for its files, got "
                f"{self.folder}."
            )

    @property
    def name(self) -> str:
        """The kind and the place."""
        return f"tensorboard:{Path(self.folder).absolute()}"

    def open(self, about: About) -> TrackedRun:
        """Begin the files of a run in a new folder, or anew in its former one.

        Raises: OSError if they cannot be written.
        """
        from tinyvae.interop.event_files import EventRun

        base = Path(self.folder).absolute()
        if about.sweep is not None:
            place = f"{about.sweep.id}/{about.name}"
        else:
            place = about.before or new_folder(base, about.name)
        return EventRun(base, place, about, self.pictures)


def new_folder(base: Path, name: str) -> str:
    """Make a folder of this name, with a number where it is taken; returns its name."""
    base.mkdir(parents=True, exist_ok=True)
    for count in itertools.count(1):
        numbered = name if count == 1 else f"{name}-{count}"
        try:
            (base / numbered).mkdir()
        except FileExistsError:
            continue
        return numbered
    raise AssertionError("there are numbers enough")
