"""Share and readout over a table of factors: kinds, samples and continuous values."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

from tinyvae.factors import Factor, FactorTable
from tinyvae.scores.folds import combination_folds
from tinyvae.scores.readout import readout
from tinyvae.scores.share import equal_probability_bins, share, share_of_sample

# A factor with fewer rows a level has too few for its share: it is put into bins first
# (never on a full grid of independent factors).
ROWS_PER_LEVEL = 16
MOST_BINS = 64


def share_of_table(
    codes: Float[np.ndarray, "sample latent"], table: FactorTable
) -> Float[np.ndarray, "latent factor"]:
    """Share over a table: exact for a whole population, corrected for a sample."""
    levels = factor_levels(table)
    if table.complete:
        return share(codes, levels, table.probability)
    return share_of_sample(codes, levels)


def readout_of_table(
    codes: Float[np.ndarray, "sample latent"], table: FactorTable
) -> Float[np.ndarray, "latent factor"]:
    """Readout over a table; NaN for categorical factors, whose labels are no numbers.

    A circular factor is read as its cosine and sine, by the R2 of the pair.
    """
    columns, owner = numeric_columns(table)
    fold = combination_folds(table.values)
    scores = readout(codes, columns, table.probability, fold=fold)
    return by_factor(scores, columns, owner, table)


def factor_levels(table: FactorTable) -> Float[np.ndarray, "sample factor"]:
    """The factors as the share groups them: their values, or bins of those.

    Values stay as they are on a full grid of independent factors and wherever a value
    has 16 rows or more on average. Otherwise (continuous factors) equally probable
    bins, 64 at most, take their place.
    """
    if table.complete and table.independent:
        return table.values
    levels = table.values.copy()
    most_levels = max(1, len(table) // ROWS_PER_LEVEL)
    for column in range(levels.shape[1]):
        if len(np.unique(levels[:, column])) > most_levels:
            levels[:, column] = equal_probability_bins(
                levels[:, column], table.probability, min(MOST_BINS, most_levels)
            )
    return levels


def numeric_columns(
    table: FactorTable,
) -> tuple[Float[np.ndarray, "sample column"], Int[np.ndarray, " column"]]:
    """The factors as numbers to be read, and the factor that each column belongs to.

    Ordered: the values; circular: cosine and sine; categorical: no column.
    """
    columns, owner = [], []
    for index, factor in enumerate(table.factors):
        values = table.values[:, index]
        if factor.kind == "ordered":
            added = [values]
        elif factor.kind == "circular":
            added = _cosine_and_sine(factor, values)
        else:
            added = []
        columns += added
        owner += [index] * len(added)
    stacked = np.stack(columns, axis=1) if columns else np.zeros((len(table), 0))
    return stacked, np.array(owner, int)


def _cosine_and_sine(factor: Factor, values):
    """Points on a circle whose turn is one step more than the last value."""
    first, last = factor.values[0], factor.values[-1]
    step = (last - first) / max(1, len(factor.values) - 1)
    phase = 2 * np.pi * (values - first) / ((last - first + step) or 1.0)
    return [np.cos(phase), np.sin(phase)]


def by_factor(
    scores: Float[np.ndarray, "*batch column"],
    columns: Float[np.ndarray, "sample column"],
    owner: Int[np.ndarray, " column"],
    table: FactorTable,
) -> Float[np.ndarray, "*batch factor"]:
    """R2 of columns -> of factors: the mean weighted by the columns' variance.

    NaN for a factor that is constant or has no column.
    """
    probability = table.probability
    variance = probability @ (columns - probability @ columns) ** 2
    combined = np.full((*scores.shape[:-1], len(table.factors)), np.nan)
    for factor in range(len(table.factors)):
        mine = (owner == factor) & (variance > 0)
        if mine.any():
            weight = variance[mine] / variance[mine].sum()
            combined[..., factor] = scores[..., mine] @ weight
    return combined
