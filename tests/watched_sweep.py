"""A sweep that was watched from start to end, and how one that was stopped must end."""

from pathlib import Path

from rehearsed import Rehearsal, finish, rows_of
from watched_disk import content_of, watched_disk

SWEEP = "sweep"


class Watched:
    """A sweep that was watched from start to end, and what its folder must end as."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rehearsal = Rehearsal()
        self.rehearsal.run(folder / "rehearsal")
        whole = folder / "whole"
        whole.mkdir()
        with watched_disk(whole) as disk:
            # a mark says how many members have ended
            self.rehearsal.run(
                whole / SWEEP, watch=lambda p: disk.mark(str(p.done + p.failed))
            )
        self.calls = disk.calls
        self.content = content_of(whole)
        self.rows = rows_of(whole / SWEEP)
        with watched_disk(whole):
            self.end = finish(self.rehearsal, whole / SWEEP)
        self.ends_well: set[tuple[int, int | None]] = set()

    def ended_before(self, place: int) -> int:
        """Members that were reported before this call."""
        marks = [int(c.path) for c in self.calls[:place] if c.what == "mark"]
        return marks[-1] if marks else 0

    def check(self, folder: Path, ended: int) -> None:
        """A sweep that was stopped has its results, and ends as one that was not.

        What follows depends on the folder alone, so the same folder is tried once.
        """
        if (state_of(folder), ended) in self.ends_well:
            return
        self.ends_well.add((state_of(folder), ended))
        with watched_disk(folder):
            found = rows_of(folder / SWEEP)  # undoes what is half done
            assert len(found) >= ended, f"of {ended} results {len(found)} are there"
            for name, row in found.items():
                rest = {**row, "kept": ""}
                assert rest == {**self.rows[name], "kept": ""}
            state = state_of(folder)
            if (state, None) not in self.ends_well:
                assert finish(self.rehearsal, folder / SWEEP) == self.end
                self.ends_well.add((state, None))


def state_of(folder: Path) -> int:
    return hash(tuple(content_of(folder).items()))
