"""How far a sweep is, in a small file for other processes; nothing depends on it.

Only the ledger says what is done. This file is not flushed, may be missing, and counts
only while the process that wrote it holds the lock of the folder.
"""

from __future__ import annotations

import json
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tinyvae.sweeps.lock import this_process, writer_of

if TYPE_CHECKING:
    from tinyvae.sweeps.progress import SweepProgress

LIVE = "progress.json"
BETWEEN_SECONDS = 1.0


class LiveFile:
    """Tells the progress of the sweep in a folder, at most once a second."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / LIVE
        self._part = folder / f".{LIVE}.part"
        self._last = time.monotonic()

    def tell(self, progress: SweepProgress) -> None:
        """Write the progress, unless it was written a moment ago or cannot be."""
        now = time.monotonic()
        if now - self._last < BETWEEN_SECONDS:
            return
        self._last = now
        found = {
            "process": this_process(),
            "seconds": round(progress.seconds, 3),
            "seconds_left": progress.seconds_left,
            "members_per_hour": progress.members_per_hour,
            "groups": [group._asdict() for group in progress.underway],
        }
        with suppress(OSError):
            self._part.write_text(json.dumps(found))
            self._part.replace(self._path)

    def remove(self) -> None:
        """Leave no file."""
        for path in (self._part, self._path):
            with suppress(OSError):
                path.unlink(missing_ok=True)


def read_live(folder: Path) -> dict[str, Any] | None:
    """The progress that the process told that works on a sweep; None if none did.

    seconds (since it began), seconds_left, members_per_hour, and for each group that
    trains: group (from 0), step, steps, doing ("" while it trains),
    pictures_per_second, seconds_left. What was not measured yet is None.
    """
    try:
        found = json.loads((folder / LIVE).read_text())
    except (OSError, ValueError):
        return None
    if not isinstance(found, dict) or not isinstance(found.get("groups"), list):
        return None
    process = found.pop("process", None)
    return found if process is not None and process == writer_of(folder) else None
