"""Text for people, wrapped to the width of the terminal."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap

UNLIMITED = 10_000  # columns: lines that a program reads are not wrapped


def terminal_width() -> int:
    """Columns of the terminal, or of COLUMNS; no limit where output is piped."""
    if sys.stdout.isatty() or "COLUMNS" in os.environ:
        return max(40, shutil.get_terminal_size().columns)
    return UNLIMITED


def wrapped(text: str, width: int) -> str:
    """The text with each line wrapped; what goes on is indented."""
    lines = [
        textwrap.fill(
            line,
            width,
            subsequent_indent=" " * (4 + len(line) - len(line.lstrip())),
            drop_whitespace=True,
            replace_whitespace=False,
            break_long_words=False,
            break_on_hyphens=False,
        )
        if len(line) > width
        else line
        for line in text.splitlines()
    ]
    return "\n".join(lines)
