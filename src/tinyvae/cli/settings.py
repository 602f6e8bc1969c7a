"""From options to settings: a nested mapping in which only what was given appears."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tinyvae.errors import ConfigError


def parse_range(text: str) -> tuple[int, int]:
    """The two whole numbers of `3:8`.

    Raises: ConfigError if the text is anything else.
    """
    try:
        low, high = (int(part) for part in text.split(":"))
    except ValueError:
        raise ConfigError(
            f"--radius: expected low:high in whole pixels, such as 3:8, got {text!r}."
        ) from None
    return low, high


def parse_widths(text: str) -> tuple[int, ...]:
    """The whole numbers of `256,128`.

    Raises: ConfigError if the text is anything else.
    """
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise ConfigError(
            f"--hidden: expected widths separated by commas, such as 256,128, "
            f"got {text!r}."
        ) from None


def nested(**sections: dict[str, Any] | Any) -> dict[str, Any]:
    """Sections of settings without those that were not given (None)."""
    settings = {}
    for name, section in sections.items():
        if isinstance(section, dict):
            section = {
                key: value for key, value in section.items() if value is not None
            }
        if section is not None and section != {}:
            settings[name] = section
    return settings


def objective_settings(kind: str | None, beta: float | None) -> dict[str, Any]:
    """Settings of the objective; a beta alone asks for a beta-VAE.

    Raises: ConfigError if another objective is given a beta.
    """
    if beta is not None and kind not in (None, "beta-vae"):
        raise ConfigError(
            f"--beta: expected --objective beta-vae with it, got {kind!r}, "
            "which has no beta. Other weights: --set objective.kl_weight=10."
        )
    return {"kind": "beta-vae" if beta is not None else kind, "beta": beta}


def combined(
    config_file: Path | None, assignments: list[str], options: dict[str, Any]
) -> dict[str, Any]:
    """Settings of a file, under those of `--set`, under those of options."""
    from tinyvae.runs.config import merged, parse_assignment, read_config_file

    settings = read_config_file(config_file) if config_file is not None else {}
    for assignment in assignments:
        settings = merged(settings, parse_assignment(assignment))
    return merged(settings, options)
