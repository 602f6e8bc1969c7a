"""Columns of 0 and 1 that look like the classes of one label."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float


def one_hot_groups(
    values: Float[np.ndarray, "sample factor"],
) -> tuple[tuple[int, ...], ...]:
    """Groups of at least 3 columns of 0 and 1, with one 1 in each row.

    >>> one_hot_groups(np.column_stack([np.eye(3), np.arange(3.0)]))
    ((0, 1, 2),)
    """
    binary = np.isin(values, (0.0, 1.0)).all(axis=0) & values.any(axis=0)
    left = [int(column) for column in np.flatnonzero(binary)]
    groups = []
    while left:
        group, covered = [], np.zeros(len(values))
        for column in left:
            if not (covered * values[:, column]).any():
                group.append(column)
                covered += values[:, column]
        if len(group) > 2 and covered.all():
            groups.append(tuple(group))
            left = [column for column in left if column not in group]
        else:
            left.pop(0)
    return tuple(groups)
