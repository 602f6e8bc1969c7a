"""A tracker that fails never stops the training: a sentence says why it failed."""

from __future__ import annotations

import re
import socket
import sys
import warnings
from collections.abc import Callable, Iterator

from tinyvae.runs.tracker import Tracker
from tinyvae.wording import shortened

Warn = Callable[[str], None]
LONGEST_FAULT = 400  # letters of what a tracker says of its failure
# whose lines a warning does not show: they are not the caller's
PASSED_OVER = ("tinyvae", "contextlib", "jaxtyping")
UNREACHED = (ConnectionError, TimeoutError, socket.gaierror)


def warned(text: str) -> None:
    """Warn in Python's way, with the nearest line that is not tinyvae's own."""
    frame, level = sys._getframe(), 1
    while frame.f_back is not None and _package(frame.f_globals) in PASSED_OVER:
        frame, level = frame.f_back, level + 1
    warnings.warn(text, UserWarning, stacklevel=level)


def _package(names: dict[str, object]) -> str:
    return str(names.get("__name__", "")).partition(".")[0]


class Guard:
    """Tells a tracker things until it fails; a person is told so in a sentence."""

    def __init__(self, tracker: Tracker, warn: Warn) -> None:
        self.tracker, self.failed = tracker, False
        self._warn, self._last = warn, False

    def attempt(self, tell: Callable[[], None]) -> None:
        """Tell it something, unless it has failed."""
        if self.failed:
            return
        try:
            tell()
        except Exception as error:  # noqa: BLE001 (each tracker has errors of its own)
            self.failed = True
            self._warn(f"{self.tracker.name} failed: {fault(error)} {self._next()}")

    def once_more(self) -> None:
        """Let a tracker that has failed be told again, for the last time."""
        self.failed, self._last = False, True

    def _next(self) -> str:
        if self._last:
            return (
                "It has the results in part, or not at all; all are kept elsewhere. "
                "The same command with --resume tells it the rest."
            )
        return "Training goes on without it; at the end it is told everything again."


def fault(error: Exception) -> str:
    """What an error says, without passwords, as one sentence that is not too long."""
    text = " ".join(str(error).split()) or type(error).__name__
    text = re.sub(r"//[^/@\s]*@", "//", text)
    for cause in _causes(error):
        if isinstance(cause, UNREACHED):
            return _unreached(cause, text)
    said = shortened(text, LONGEST_FAULT)
    return said if said.endswith("…") else said.rstrip(".") + "."


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error, what it was raised from, and so on."""
    found: BaseException | None = error
    while found is not None:
        yield found
        found = found.__cause__ or found.__context__


def _unreached(cause: OSError, text: str) -> str:
    """That no server answers, at the address in a text."""
    address = re.search(r"https?://[^/\s'\"]+", text)
    server = "the server" if address is None else f"the server at {address[0]}"
    why = cause.strerror or " ".join(str(cause).split()) or "no answer in time"
    return f"{server} cannot be reached ({why}). Check its address, and that it runs."
