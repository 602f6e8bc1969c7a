"""The rules that a user sets for labels: the key, the columns, and their kinds."""

from __future__ import annotations

from dataclasses import dataclass

from tinyvae.errors import ConfigError

KINDS = ("ordered", "circular", "categorical")


@dataclass(frozen=True)
class LabelRule:
    """Which column names the pictures, and which are factors of which kind.

    Args:
        key: column that names each row's picture.
        kinds: pairs of a column and its kind: `ordered`, `circular`, `circular:360`
            (with its period) or `categorical`.
        factors: the columns to use; () for all that can be used.
        group: column of groups (patients, films) that must not be split.

    Raises: ConfigError if a kind is unknown.
    """

    key: str | None = None
    kinds: tuple[tuple[str, str], ...] = ()
    factors: tuple[str, ...] = ()
    group: str | None = None

    def __post_init__(self):
        for name, kind in self.kinds:
            checked_kind(name, kind)


def checked_kind(name: str, kind: str) -> tuple[str, float | None]:
    """A kind of label and its period, from a text such as `circular:360`.

    >>> checked_kind("angle", "circular:360")
    ('circular', 360.0)

    Raises: ConfigError if it is not a kind.
    """
    word, colon, number = kind.partition(":")
    try:
        period = float(number) if colon else None
    except ValueError:
        period = -1.0
    wrong_period = period is not None and not (word == "circular" and 0 < period < 1e30)
    if word not in KINDS or wrong_period:
        raise ConfigError(
            f"label {name!r}: expected a kind ordered, categorical, circular or "
            f"circular:PERIOD (such as circular:360), got {kind!r}."
        )
    return word, period
