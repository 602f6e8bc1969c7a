"""`tinyvae score --likelihood`: the log likelihood of the pictures of runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tinyvae.errors import ConfigError

if TYPE_CHECKING:
    from tinyvae.evaluation.likelihood import LikelihoodBound


def check_likelihood(paths: list[Path], num_draws: int) -> None:
    """Refuse files of codes, which hold no VAE, and a negative number of draws.

    Raises: ConfigError.
    """
    if num_draws < 0:
        raise ConfigError(f"--likelihood: expected at least 1 draw, got {num_draws}.")
    files = [path for path in paths if not path.is_dir()]
    if num_draws and files:
        raise ConfigError(
            f"--likelihood: expected folders of runs, which hold a VAE, got {files[0]}."
        )


def bounds_of(paths: list[Path], num_draws: int) -> list[LikelihoodBound]:
    """The importance-weighted bound of each run; none without draws."""
    if not num_draws:
        return []
    from tinyvae.runs.folder import load_run

    return [load_run(path).log_likelihood(num_draws) for path in paths]
