"""One run as event files, which TensorBoard shows."""

# classes of protocol buffers are made when their modules are imported
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

import io
import itertools
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from PIL import Image
from tensorboardX.event_file_writer import EventsWriter
from tensorboardX.proto.api_pb2 import Status
from tensorboardX.proto.event_pb2 import Event, SessionLog
from tensorboardX.proto.plugin_hparams_pb2 import (
    HParamsPluginData,
    SessionEndInfo,
    SessionStartInfo,
)
from tensorboardX.proto.summary_pb2 import Summary, SummaryMetadata
from tensorboardX.summary import text as text_summary

from tinyvae.interop.tracked_pictures import tracked_pictures
from tinyvae.runs.tracker import (
    About,
    End,
    Outcome,
    Scalar,
    Told,
    Value,
    defined,
    flat_settings,
    outcome_values,
    row_values,
)

FILES = "events.out.tfevents.*"
COLOURS_OF_PNG = 3  # as image summaries number them: red, green, blue
NUMBERS = itertools.count()  # two files of one second must differ in name


class EventRun:
    """The event files of a run, or the folder of a sweep.

    Rows of the VAE that is kept are those of the run; each of several members has a
    folder below, with rows until one is selected. Every row is on the disk at once.
    """

    def __init__(self, base: Path, place: str, about: About, pictures: bool) -> None:
        self.id = place
        self._folder, self._pictures = base / place, pictures
        self._writers: dict[str, EventsWriter] = {}
        self._is_sweep = about.is_sweep
        if about.is_sweep:
            return
        former = sorted(self._folder.rglob(FILES))
        settings = flat_settings(about.settings)
        self._write(started(settings), 0)
        self._write(text_summary("settings", table(settings)), 0)
        if about.folder is not None:
            self._write(text_summary("run folder", f"`{about.folder}`"), 0)
        self._flush()
        for path in former:
            empty(path)

    def log(self, rows: Sequence[Told]) -> None:
        """Write rows as scalars."""
        for row, kept in rows:
            where = "" if kept else f"member{row.member}"
            self._write(scalars(row_values(row)), row.step, where)
        self._flush()

    def conclude(self, outcome: Outcome) -> None:
        """Write answer and scores as scalars, the answer as a text, and pictures."""
        self._write(scalars(defined(outcome_values(outcome))), outcome.step)
        answer = outcome.answer
        lines = [f"**{answer.verdict}**", *answer.sentences, verbatim(str(answer))]
        self._write(text_summary("answer", "\n\n".join(lines)), outcome.step)
        if self._pictures and outcome.run is not None:
            for name, png in tracked_pictures(outcome.run).items():
                self._write(picture(f"pictures/{name}", png), outcome.step)
        self._flush()

    def close(self, end: End, reason: str = "") -> None:
        """Write how the run ended, and close its files."""
        if not self._is_sweep:
            if end != "finished":
                text = f"{end}: {reason}" if reason else end
                self._write(text_summary("end", text), 0)
            self._write(ended(end), 0)
        for writer in self._writers.values():
            writer.close()
        self._writers.clear()

    def _write(self, summary: Summary, step: int, where: str = "") -> None:
        event = Event(wall_time=time.time(), step=step, summary=summary)
        self._writer(where).write_event(event)

    def _writer(self, where: str) -> EventsWriter:
        if where not in self._writers:
            folder = self._folder / where
            folder.mkdir(parents=True, exist_ok=True)
            suffix = f".{os.getpid()}.{next(NUMBERS):06d}"
            writer = EventsWriter(str(folder / "events"), suffix)
            self._writers[where] = writer
            # a TensorBoard that has read former files forgets what they held
            begin = SessionLog(status=SessionLog.START)
            writer.write_event(Event(wall_time=time.time(), step=0, session_log=begin))
        return self._writers[where]

    def _flush(self) -> None:
        for writer in self._writers.values():
            writer.flush()


def empty(path: Path) -> None:
    """Empty a file; remove one that is empty.

    A TensorBoard that follows a file goes on to the next at its end, but not where the
    file is gone.
    """
    if path.stat().st_size == 0:
        path.unlink()
    else:
        os.truncate(path, 0)


def scalars(values: Iterable[Value]) -> Summary:
    """Numbers by name, all of one step."""
    return Summary(
        value=[Summary.Value(tag=name, simple_value=value) for name, value in values]
    )


def picture(name: str, png: bytes) -> Summary:
    """A picture in a PNG file."""
    with Image.open(io.BytesIO(png)) as opened:
        width, height = opened.size
    image = Summary.Image(
        encoded_image_string=png,
        width=width,
        height=height,
        colorspace=COLOURS_OF_PNG,
    )
    return Summary(value=[Summary.Value(tag=name, image=image)])


def started(settings: Mapping[str, Scalar]) -> Summary:
    """The settings, for the table of hyperparameters."""
    info = SessionStartInfo(start_time_secs=time.time())
    for name, value in settings.items():
        if isinstance(value, bool):
            info.hparams[name].bool_value = value
        elif isinstance(value, int | float):
            info.hparams[name].number_value = value
        else:
            info.hparams[name].string_value = value
    return hyperparameters("session_start_info", session_start_info=info)


def ended(end: End) -> Summary:
    """How the run ended, for the table of hyperparameters."""
    status = "STATUS_SUCCESS" if end == "finished" else "STATUS_FAILURE"
    info = SessionEndInfo(status=Status.Value(status), end_time_secs=time.time())
    return hyperparameters("session_end_info", session_end_info=info)


def hyperparameters(tag: str, **info: SessionStartInfo | SessionEndInfo) -> Summary:
    """A summary for TensorBoard's table of hyperparameters."""
    content = HParamsPluginData(version=0, **info).SerializeToString()
    plugin = SummaryMetadata.PluginData(plugin_name="hparams", content=content)
    metadata = SummaryMetadata(plugin_data=plugin)
    return Summary(value=[Summary.Value(tag=f"_hparams_/{tag}", metadata=metadata)])


def table(settings: Mapping[str, Scalar]) -> str:
    """Settings as a table in Markdown."""
    lines = [f"| `{name}` | `{value}` |" for name, value in settings.items()]
    return "\n".join(["| setting | value |", "|---|---|", *lines])


def verbatim(text: str) -> str:
    """Lines that Markdown leaves as they are."""
    return "\n".join(f"    {line}" for line in text.split("\n"))
