"""From files, assignments and options to one nested mapping of settings."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from pathlib import Path
from typing import Any

from tinyvae.cli.options import settings_of
from tinyvae.runs.config import merged, parse_assignment, read_config_file


def combined(
    config_file: Path | None, assignments: list[str], options: Mapping[str, Any]
) -> dict[str, Any]:
    """Settings of a file, overridden by `--set`, overridden by options.

    Raises: ConfigError if one of them cannot be read, or does not fit the others.
    """
    file = read_config_file(config_file) if config_file is not None else {}
    assigned = [parse_assignment(assignment) for assignment in assignments]
    given = settings_of(options, reduce(merged, assigned, file))
    # options come first as well, since they may choose the kind that an assignment
    # belongs to: --images photos --set world.size=16
    return merged(reduce(merged, assigned, merged(file, given)), given)
