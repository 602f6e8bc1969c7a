"""Names of pictures and labels that stayed on another computer."""

from __future__ import annotations

from pathlib import PurePosixPath, PureWindowsPath

from tinyvae.errors import ConfigError

ELSEWHERE = "elsewhere:"


def elsewhere(path: str) -> str:
    """The name of a file or folder, without the place that it has on this computer.

    >>> elsewhere("/home/ada/faces"), elsewhere("elsewhere:faces")
    ('elsewhere:faces', 'elsewhere:faces')
    """
    return ELSEWHERE + last_part(path.removeprefix(ELSEWHERE))


def last_part(path: str) -> str:
    r"""The last part of a path of Linux, macOS or Windows.

    >>> last_part("/home/ada/faces/"), last_part("C:\\Ada\\faces"), last_part("faces")
    ('faces', 'faces', 'faces')
    """
    return PurePosixPath(PureWindowsPath(path).name).name


def check_here(path: str, what: str) -> None:
    """Refuse to read what stayed on another computer; `what`: images or labels.

    Raises: ConfigError.
    """
    if path.startswith(ELSEWHERE):
        name = path.removeprefix(ELSEWHERE)
        raise ConfigError(
            f"expected the {what} of this run, got only their name, {name!r}: they "
            "stayed on the computer where it was trained. Encoding and decoding do "
            "without them. If you have the same files, give them: "
            f"tv.from_pretrained(..., {what}=...), or tinyvae pull --{what}."
        )
