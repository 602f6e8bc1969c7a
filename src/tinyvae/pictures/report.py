"""The report of reading: what was read, joined, guessed and left out, in sentences."""

from __future__ import annotations

from dataclasses import dataclass

from tinyvae.notes import Note, Topic


@dataclass(frozen=True)
class Report:
    """All notes from reading, in order."""

    notes: tuple[Note, ...]

    def lines(self) -> tuple[str, ...]:
        """One line per note, for the terminal."""
        return tuple(note.line() for note in self.notes)

    def about(self, topic: Topic) -> tuple[Note, ...]:
        """The notes of one topic."""
        return tuple(note for note in self.notes if note.topic == topic)
