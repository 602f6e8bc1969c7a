"""Errors that a user can fix.

Every message says what was expected, what was found, and what to do.
"""

from __future__ import annotations


class ConfigError(ValueError):
    """Settings that cannot be used."""


class OwnClassError(ConfigError):
    """A class of the user's own that cannot be imported, or is none of settings."""


class DataError(ValueError):
    """Pictures, codes or factors that cannot be used."""


class RunFolderError(ValueError):
    """A run folder that cannot be read, or that must not be written."""


class HubError(RuntimeError):
    """The hub refused what was asked of it, or could not be reached."""


class NonFiniteLoss(ArithmeticError):
    """Every member's loss became infinite or not a number."""
