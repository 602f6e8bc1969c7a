"""Ctrl-C ends a command within about a second, whatever the command is doing.

Python turns Ctrl-C into a KeyboardInterrupt of the main thread, once, and it gets lost:
- Python drops what is raised in a callback of the garbage collector (JAX has one), of a
  weak reference or of ctypes, and in `__del__`;
- an extension module that is being initialised turns it into an ImportError;
- compiled code does not look for it until it returns.

So a thread watches. It repeats the KeyboardInterrupt until the main thread handles it,
and ends the process if the main thread does not answer. While a module is imported
nothing is raised: if that does not end soon, the process does.

This file imports nothing large, since it must work before anything else is imported.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any, NoReturn

EXIT_INTERRUPTED = 130
REPEAT_SECONDS = 0.1  # between KeyboardInterrupts that are not handled
IMPORT_SECONDS = 0.3  # that an import may go on
ANSWER_SECONDS = 1.0  # that compiled code may go on
IMPORTING = "<frozen importlib._bootstrap>"
SHOW_CURSOR = "\033[?25h"  # a bar on a terminal hides it


class Interrupts:
    """What is known of the Ctrl-C of this process; there is one such object."""

    def __init__(self) -> None:
        self.words = "tinyvae: interrupted."
        self.asked: float | None = None  # when Ctrl-C was first heard
        self.heard: float = 0.0  # when the main thread last answered
        self.repeated = False  # the next KeyboardInterrupt is a repetition
        self.said = False  # the command has told the user

    def answer(self, _: int, frame: FrameType | None) -> None:
        """Raise KeyboardInterrupt where it is safe; the handler of SIGINT."""
        self.heard = time.monotonic()
        if self.asked is None:
            self.asked = self.heard
        repeated, self.repeated = self.repeated, False
        if repeated and holds_interrupt(sys.exc_info()[1]):
            return
        if not importing(frame):
            raise KeyboardInterrupt
        if self.heard - self.asked > IMPORT_SECONDS:
            self.end()

    def watch(self, signals: socket.socket) -> None:
        """Wait for SIGINT, then see to it that the process ends."""
        while signal.SIGINT not in signals.recv(1):
            pass
        self.heard = max(self.heard, time.monotonic())
        while True:
            time.sleep(REPEAT_SECONDS)
            if holds_interrupt(handled_in_main_thread()):
                continue
            if time.monotonic() - self.heard > ANSWER_SECONDS:
                self.end()
            self.repeated = True
            interrupt_main_thread()

    def end(self) -> NoReturn:
        """Say so, and end the process at once: nothing waits, nothing is closed."""
        with suppress(OSError, ValueError):  # stderr may be closed
            message = f"{self.words}\n"
            if sys.stderr.isatty():
                message = f"{SHOW_CURSOR}\n{message}"
            os.write(sys.stderr.fileno(), message.encode())
        os._exit(EXIT_INTERRUPTED)


_interrupts = Interrupts()


def answer_interrupts() -> None:
    """Let Ctrl-C end this process, from now on; not where it is to be ignored."""
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        return
    theirs, ours = socket.socketpair()
    theirs.setblocking(False)
    signals = (ours,)
    threading.Thread(target=_interrupts.watch, args=signals, daemon=True).start()
    signal.set_wakeup_fd(theirs.detach(), warn_on_full_buffer=False)
    signal.signal(signal.SIGINT, _interrupts.answer)
    sys.unraisablehook = tell_unraisable


def end_if_interrupted(error: BaseException) -> None:
    """End the process with 130 if there was Ctrl-C, whatever it has turned into."""
    ended = isinstance(error, SystemExit) and error.code == EXIT_INTERRUPTED
    if ended and _interrupts.said:
        os._exit(EXIT_INTERRUPTED)
    # else Typer ended it, without a word: Ctrl-C came before or after the command
    if _interrupts.asked is not None or isinstance(error, KeyboardInterrupt):
        _interrupts.end()


def interrupt_was_said() -> None:
    """Note that the command has told the user, so that nobody says it again."""
    _interrupts.said = True


@contextmanager
def interrupted_with(words: str) -> Iterator[None]:
    """Say this, while the block lasts, if compiled code must be ended."""
    before, _interrupts.words = _interrupts.words, words
    try:
        yield
    finally:
        _interrupts.words = before


def tell_unraisable(ignored: Any, /) -> None:
    """Print an exception that Python drops; of a KeyboardInterrupt nothing is lost."""
    if not issubclass(ignored.exc_type, KeyboardInterrupt):
        sys.__unraisablehook__(ignored)


def interrupt_main_thread() -> None:
    """Send SIGINT to the main thread; it wakes where it waits."""
    main = threading.main_thread().ident
    if hasattr(signal, "pthread_kill") and main is not None:
        signal.pthread_kill(main, signal.SIGINT)
    else:
        signal.raise_signal(signal.SIGINT)


def importing(frame: FrameType | None) -> bool:
    """Whether this code runs because a module is imported."""
    while frame is not None:
        if frame.f_code.co_filename == IMPORTING:
            return True
        frame = frame.f_back
    return False


def holds_interrupt(error: BaseException | None) -> bool:
    """Whether an error is a KeyboardInterrupt, or arose while one was handled."""
    while error is not None:
        if isinstance(error, KeyboardInterrupt):
            return True
        error = error.__context__
    return False


def handled_in_main_thread() -> BaseException | None:
    """The error whose `except` or `finally` the main thread is in."""
    # Python 3.11 gives its class and traceback too
    handled: Any = sys._current_exceptions().get(threading.main_thread().ident or 0)
    return handled[1] if isinstance(handled, tuple) else handled
