"""Share and readout over a table of factors: kinds, samples and continuous values."""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float, Int

from tinyvae.factors import FactorTable
from tinyvae.measures.folds import combination_folds
from tinyvae.measures.joint_readout import joint_readout, linear_readout
from tinyvae.measures.label_readout import label_readout
from tinyvae.measures.readout import readout_matrix
from tinyvae.measures.share import (
    equal_probability_bins,
    is_constant,
    share_matrix,
    share_of_sample,
)

# Where a factor has fewer rows per level, its values are binned before the share is
# computed (never on a full grid of independent factors). The number of bins balances
# the error of coarse bins (1 / bins^2 of a linear relation) and the noise of fine ones.
ROWS_PER_LEVEL = 16
MOST_BINS = 64


def share_of_table(
    codes: Float[np.ndarray, "sample latent"], table: FactorTable
) -> Float[np.ndarray, "latent factor"]:
    """Share over a table: exact for a whole population, corrected for a sample."""
    levels = factor_levels(table)
    if table.complete:
        return share_matrix(codes, levels, table.probability)
    return share_of_sample(codes, levels)


def readout_of_table(
    codes: Float[np.ndarray, "sample latent"], table: FactorTable
) -> Float[np.ndarray, "latent factor"]:
    """Readout over a table.

    A circular factor is read as its cosine and sine, by the R2 of the pair; a
    categorical one by a decision tree (`label_readout`).
    """
    columns, owner = numeric_columns(table)
    fold = combination_folds(table.values)
    scores = readout_matrix(codes, columns, table.probability, fold=fold)
    readouts = by_factor(scores, columns, owner, table)
    moving = np.flatnonzero(~is_constant(codes))
    for index in categorical(table):
        for latent in moving:
            readouts[latent, index] = label_readout(
                codes[:, [latent]], table.values[:, index]
            )
    return readouts


def joint_readout_of_table(
    codes: Float[np.ndarray, "sample latent"], table: FactorTable
) -> Float[np.ndarray, " factor"]:
    """How well each factor is read from all latents together, 0 to 1.

    The better of a kernel and a linear function, since a kernel over many latents
    learns nothing from few rows.
    """
    columns, owner = numeric_columns(table)
    fold = combination_folds(table.values)
    readouts = np.fmax(
        *(
            by_factor(
                read(codes, columns, table.probability, fold=fold),
                columns,
                owner,
                table,
            )
            for read in (joint_readout, linear_readout)
        )
    )
    moving = codes[:, ~is_constant(codes)]
    if moving.shape[1] > 0:
        for index in categorical(table):
            readouts[index] = label_readout(moving, table.values[:, index])
    return readouts


def categorical(table: FactorTable) -> list[int]:
    """Column numbers of the categorical factors."""
    kinds = [factor.kind for factor in table.factors]
    return [index for index, kind in enumerate(kinds) if kind == "categorical"]


def factor_levels(table: FactorTable) -> Float[np.ndarray, "sample factor"]:
    """The factors as groups for the share: their values, or bins of these.

    Values stay as they are on a full grid of independent factors and wherever a value
    has 16 rows or more on average. Otherwise (continuous factors) they go into equally
    probable bins: the square root of the number of rows, at most 64.
    """
    if table.complete and table.independent:
        return table.values
    levels = table.values.copy()
    num_bins = min(MOST_BINS, math.isqrt(len(table)))
    for column, factor in enumerate(table.factors):
        few = len(np.unique(levels[:, column])) * ROWS_PER_LEVEL <= len(table)
        if not few and factor.kind != "categorical":
            levels[:, column] = equal_probability_bins(
                levels[:, column], table.probability, num_bins
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
        added = [] if factor.kind == "categorical" else [*factor.columns(values).T]
        columns += added
        owner += [index] * len(added)
    stacked = np.stack(columns, axis=1) if columns else np.zeros((len(table), 0))
    return stacked, np.array(owner, int)


def by_factor(
    scores: Float[np.ndarray, "*batch column"],
    columns: Float[np.ndarray, "sample column"],
    owner: Int[np.ndarray, " column"],
    table: FactorTable,
) -> Float[np.ndarray, "*batch factor"]:
    """R2 per column to R2 per factor: the mean, weighted by the columns' variance.

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
