"""Ctrl-C is not lost, wherever it arrives; and what it ends may clean up."""

import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest

import tinyvae.cli.commands
from tinyvae.cli.interrupts import holds_interrupt

# a process that was started in the background ignores Ctrl-C, and its children do too
BEGIN = """
import os, signal, sys, threading, time
signal.signal(signal.SIGINT, signal.default_int_handler)
from tinyvae.cli.interrupts import *

def ctrl_c(*_):
    signal.raise_signal(signal.SIGINT)

def from_outside():
    os.kill(os.getpid(), signal.SIGINT)
"""
CALLBACKS = {
    "of the garbage collector": """
        import gc
        gc.callbacks.append(ctrl_c)
        gc.collect()
        gc.callbacks.remove(ctrl_c)
    """,
    "__del__": """
        class Gone:
            __del__ = ctrl_c
        Gone()
    """,
    "of a weak reference": """
        import weakref
        class Gone: pass
        gone = Gone()
        reference = weakref.ref(gone, ctrl_c)
        del gone
    """,
    "of ctypes": """
        import ctypes
        ctypes.CFUNCTYPE(None)(ctrl_c)()
    """,
    "that swallows it": """
        try:
            ctrl_c()
        except BaseException:
            pass
    """,
}


def ended(code: str, **how) -> subprocess.CompletedProcess:
    """A process that runs this, after BEGIN; it must end soon."""
    started = time.monotonic()
    program = BEGIN + textwrap.dedent(code)
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        **how,
    )
    assert time.monotonic() - started < 15, done.stderr  # else it slept to its end
    assert "Traceback" not in done.stderr
    return done


@pytest.mark.parametrize("callback", CALLBACKS)
def test_an_interrupt_in_a_callback_is_raised_again(callback):
    done = ended(
        "answer_interrupts()\n"
        + textwrap.dedent(CALLBACKS[callback])
        + textwrap.dedent("""
        print("lost")
        try:
            time.sleep(20)
        except KeyboardInterrupt:
            print("raised again")
        """)
    )
    assert done.stdout == "lost\nraised again\n", done.stderr


def test_without_the_watch_an_interrupt_in_a_callback_is_lost():
    done = ended(
        textwrap.dedent(CALLBACKS["that swallows it"])
        + "\ntime.sleep(1)\nprint('lost')\n"
    )
    assert done.stdout == "lost\n"


def test_what_handles_an_interrupt_is_not_interrupted_again():
    done = ended("""
        from contextlib import ExitStack, contextmanager
        answer_interrupts()

        def write(name):
            time.sleep(0.5)
            print(name)

        @contextmanager
        def context():
            try:
                yield
            finally:
                write("context")

        def numbers():
            try:
                while True:
                    yield 0
            finally:
                write("generator")

        generator = numbers()
        next(generator)
        try:
            try:
                with ExitStack() as stack:
                    stack.enter_context(context())
                    ctrl_c()
            finally:
                generator.close()
                write("finally")
        except KeyboardInterrupt:
            write("except")
    """)
    assert done.stdout.split() == ["context", "generator", "finally", "except"]
    assert done.stderr == ""


def test_a_second_interrupt_ends_what_handles_the_first():
    done = ended("""
        answer_interrupts()
        try:
            try:
                ctrl_c()
            finally:
                threading.Timer(0.5, from_outside).start()
                time.sleep(20)
        except KeyboardInterrupt:
            print("ended")
    """)
    assert done.stdout == "ended\n"


def test_compiled_code_that_does_not_look_is_ended():
    done = ended("""
        import hashlib
        answer_interrupts()
        threading.Timer(0.2, from_outside).start()
        with interrupted_with("interrupted. Go on."):
            hashlib.pbkdf2_hmac("sha256", b"", b"", 10**9)
    """)
    assert done.returncode == 130
    assert done.stderr == "interrupted. Go on.\n"


@pytest.mark.parametrize("seconds", [0, 20])
def test_an_import_is_ended_only_if_it_takes_long(seconds, tmp_path):
    (tmp_path / "slow.py").write_text(
        "import signal, time\n"
        "signal.raise_signal(signal.SIGINT)\n"
        f"time.sleep({seconds})\n"
        "print('imported', flush=True)\n"
    )
    done = ended(
        """
        answer_interrupts()
        try:
            import slow
            time.sleep(20)
        except KeyboardInterrupt:
            print("interrupted")
        """,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])},
    )
    if seconds:
        assert done.returncode == 130
        assert (done.stdout, done.stderr) == ("", "tinyvae: interrupted.\n")
    else:
        assert done.stdout == "imported\ninterrupted\n"


@pytest.mark.parametrize(
    "error", ["ImportError('initialising')", "SystemExit(0)", "SystemExit(130)"]
)
def test_an_error_that_an_interrupt_became_ends_with_130(error):
    done = ended(f"""
        answer_interrupts()
        try:
            try:
                ctrl_c()
            except KeyboardInterrupt:
                raise {error} from None
        except BaseException as error:
            end_if_interrupted(error)
            raise
    """)
    assert (done.returncode, done.stderr) == (130, "tinyvae: interrupted.\n")


def test_where_interrupts_are_ignored_they_still_are():
    done = ended("""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        answer_interrupts()
        ctrl_c()
        time.sleep(0.5)
        print("went on")
    """)
    assert (done.returncode, done.stdout) == (0, "went on\n")


def test_only_the_command_answers_interrupts():
    assert tinyvae.cli.commands.app is not None
    handler = signal.getsignal(signal.SIGINT)
    assert getattr(handler, "__module__", None) != "tinyvae.cli.interrupts"


def test_an_interrupt_is_found_behind_what_arose_from_it():
    first = KeyboardInterrupt()
    second, third = ValueError(), SystemExit(1)
    second.__context__, third.__context__ = first, second
    assert holds_interrupt(third)
    assert not holds_interrupt(ValueError())
    assert not holds_interrupt(None)


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [0.0, 0.7, 1.5, 2.5, 4.0])
@pytest.mark.parametrize("command", ["train", "sweep"])
def test_ctrl_c_in_the_first_seconds(command, seconds, tmp_path):
    run = """
import tinyvae.cli

def answer_and_tell():
    answer_interrupts()
    print(flush=True)

tinyvae.cli.answer_interrupts = answer_and_tell
tinyvae.cli.main()
"""
    process = subprocess.Popen(
        [
            sys.executable, "-c", BEGIN + run, command, "--size", "8", "--hidden",
            "16,8", "--batch-size", "16", "--steps", "1000000", "--out", "a",
        ],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(seconds)
    process.send_signal(signal.SIGINT)
    asked = time.monotonic()
    _, talk = process.communicate(timeout=60)
    assert time.monotonic() - asked < 3  # a second, and what a busy machine adds
    assert process.returncode == 130, talk
    assert "tinyvae: interrupted." in talk
    assert "Traceback" not in talk
