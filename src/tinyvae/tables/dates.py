"""Columns of dates as numbers: days since the first."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float, Shaped

DAY = np.timedelta64(1, "D")


class Days(NamedTuple):
    """Days since the first date, NaN where there is none, and the first in words."""

    values: Float[np.ndarray, " row"]
    first: str


def days_of(values: Shaped[np.ndarray, " row"]) -> Days | None:
    """A column of dates as days since the first; None if it holds anything else.

    >>> days_of(np.array(["2024-01-03", "2024-01-02"], "datetime64[D]"))
    Days(values=array([1., 0.]), first='2024-01-02')
    """
    if values.dtype.kind == "O":
        known = [one for one in values.tolist() if one is not None and one == one]
        if not known or not all(isinstance(one, date) for one in known):
            return None
        cells = [
            _plain(one) if one is not None and one == one else "NaT" for one in values
        ]
        values = np.array(cells, "datetime64[us]")
    if values.dtype.kind != "M" or np.isnat(values).all():
        return None
    first = values[~np.isnat(values)].min()
    text = str(np.datetime_as_string(first, unit="s")).removesuffix("T00:00:00")
    return Days(np.asarray((values - first) / DAY, float), text)


def _plain(one: Any) -> Any:
    """A date, at the time in Greenwich if it has a zone."""
    if isinstance(one, datetime) and one.tzinfo is not None:
        return one.astimezone(UTC).replace(tzinfo=None).isoformat()
    return one.isoformat()
