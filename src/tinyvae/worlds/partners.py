"""Partners: pictures that differ from given ones in the factors that are named."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, PRNGKeyArray

from tinyvae.errors import ConfigError

MOST_SEARCHED = 2**15  # rows of a table that is searched for each partner


def places_of(rows: Any, sizes: Sequence[int]) -> list[Any]:
    """Position of each row of a grid along each factor; the last counts fastest.

    These are the digits of the row numbers, in mixed radix.
    """
    places = []
    for size in reversed(sizes):
        rows, place = rows // size, rows % size
        places.append(place)
    return places[::-1]


def row_at(places: Sequence[Any], sizes: Sequence[int]) -> Any:
    """The row of a grid at a position along each factor."""
    row = 0
    for place, size in zip(places, sizes, strict=True):
        row = row * size + place
    return row


def partner_on_grid(
    rows: Int[Array, " num"],
    changed: Bool[Array, "num factor"],
    sizes: Sequence[int],
    *,
    key: PRNGKeyArray,
) -> Int[Array, " num"]:
    """Rows of a grid whose changed factors have any other value, with equal chance.

    A factor of one value stays as it is.
    """
    partners = []
    for column, (place, size) in enumerate(
        zip(places_of(rows, sizes), sizes, strict=True)
    ):
        column_key = jax.random.fold_in(key, column)
        step = jax.random.randint(column_key, rows.shape, 1, max(2, size))
        other = (place + step) % size
        partners.append(jnp.where(changed[:, column], other, place))
    return row_at(partners, sizes)


def partner_in_table(
    rows: Int[Array, " num"],
    changed: Bool[Array, "num factor"],
    values: Float[Array, "row factor"],
    probability: Float[Array, " row"],
    *,
    key: PRNGKeyArray,
) -> Int[Array, " num"]:
    """Rows of a table that differ in the changed factors alone, by their probability.

    A row without any partner is its own.

    Raises: ConfigError if the table has too many rows to be searched at each step.
    """
    if len(values) > MOST_SEARCHED:
        raise ConfigError(
            f"expected a world of at most {MOST_SEARCHED} dependent combinations for "
            f"pairs of pictures, got {len(values)}. Give some factors fewer values, or "
            "choose a world of independent factors."
        )

    def one(
        row: Int[Array, ""], changed: Bool[Array, " factor"], level: Float[Array, ""]
    ) -> Int[Array, ""]:
        fits = jnp.all((values == values[row]) != changed, axis=-1)
        cumulative = jnp.cumsum(jnp.where(fits, probability, 0.0))
        total = cumulative[-1]
        partner = jnp.searchsorted(cumulative, level * total, side="right")
        return jnp.where(total > 0, partner.astype(row.dtype), row)

    return jax.vmap(one)(rows, changed, jax.random.uniform(key, rows.shape))
