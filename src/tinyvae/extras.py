"""Packages that only some users need."""

from __future__ import annotations

from importlib.util import find_spec

from tinyvae.errors import ConfigError


def check_installed(package: str, what: str, extra: str) -> None:
    """Refuse to go on without a package.

    Raises: ConfigError that says how to install it.
    """
    if find_spec(package) is None:
        raise ConfigError(
            f"{what} needs the package {package}, which is not installed: "
            f"pip install 'tinyvae[{extra}]'."
        )
