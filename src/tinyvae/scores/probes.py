"""Extremely randomised trees that read one factor from all latents, for DCI."""

from __future__ import annotations

import warnings
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from tinyvae.factors import Factor
from tinyvae.measures.folds import drawn_by_label, grouped_folds

NUM_TREES = 30
CUTS = 3  # of each latent that a split considers; one finds rare labels by luck only
FEWEST_ROWS_OF_A_LEAF = 3
MOST_ROWS = 4000  # to train a probe; more rows change no score by 0.01 (measured)
MOST_LEVELS = 20  # of a number, for its rows to be drawn by level
NUM_TILTS = 100  # at which Chernoff's bound is tried
SIGNIFICANCE = 1e-4  # largest p-value at which a probe's importances count


class Drawn(NamedTuple):
    """Rows to train and to test a probe, and how many rows each stands for."""

    train: Int[np.ndarray, " train"]
    test: Int[np.ndarray, " test"]
    weight: Float[np.ndarray, " sample"]  # of a row that is drawn


def labels_to_keep(
    factor: Factor, values: Float[np.ndarray, " sample"]
) -> Int[np.ndarray, " sample"]:
    """The labels, or levels, of which each keeps rows; one for all in a continuum."""
    distinct, level = np.unique(values, return_inverse=True)
    if factor.kind == "categorical" or len(distinct) <= MOST_LEVELS:
        return level
    return np.zeros(len(values), int)


def drawn_rows(
    factors: Float[np.ndarray, "sample factor"],
    codes: Float[np.ndarray, "sample latent"],
    label: Int[np.ndarray, " sample"],
    seed: int,
) -> Drawn:
    """At most 4000 rows to train and to test, drawn by label.

    A fold is held out: of those that show the most labels, the first.
    """
    fold = grouped_folds(factors, codes, label)
    pairs = np.unique(np.column_stack([fold, label]), axis=0)
    test = fold == np.bincount(pairs[:, 0]).argmax()
    halves, weight = [], np.ones(len(label))
    for rows in (np.flatnonzero(~test), np.flatnonzero(test)):
        drawn = drawn_by_label(codes[rows], label[rows], MOST_ROWS, seed=seed)
        before = np.bincount(label[rows])
        after = np.bincount(label[rows[drawn]], minlength=len(before))
        weight[rows] = (before / np.maximum(after, 1))[label[rows]]
        halves.append(rows[drawn])
    return Drawn(halves[0], halves[1], weight)


class Probe(NamedTuple):
    """A probe's held-out prediction of a factor, and the latents that it uses."""

    importance: Float[np.ndarray, " latent"]
    informativeness: float
    better_than_chance: bool


def _importance(trees) -> Float[np.ndarray, " latent"]:
    """Share of each latent, whose copies took part once for each cut."""
    return trees.feature_importances_.reshape(CUTS, -1).sum(axis=0)


def probe_of_numbers(
    codes: Float[np.ndarray, "sample latent"],
    columns: Float[np.ndarray, "sample column"],
    drawn: Drawn,
    seed: int,
    *,
    label: Int[np.ndarray, " sample"],
) -> Probe:
    """Trees on numbers: held-out R2, and whether predictions and targets correlate.

    A number of few levels (`label`) is better than chance too if the levels nearest to
    its predictions are: a rare level gives a correlation too few rows to be sure.
    """
    from scipy.special import ndtri
    from sklearn.ensemble import ExtraTreesRegressor

    train, test, weight = drawn.train, drawn.test, drawn.weight[drawn.test]
    trees = ExtraTreesRegressor(
        NUM_TREES,
        min_samples_leaf=FEWEST_ROWS_OF_A_LEAF,
        random_state=seed,
        n_jobs=-1,
    )
    codes = np.tile(codes, (1, CUTS))
    trees.fit(codes[train], columns[train].squeeze(), drawn.weight[train])
    predicted = trees.predict(codes[test]).reshape(len(test), -1)
    mean = np.average(columns[train], axis=0, weights=drawn.weight[train])
    error = weight @ ((columns[test] - predicted) ** 2).sum(axis=1)
    total = weight @ ((columns[test] - mean) ** 2).sum(axis=1)
    read = max(0.0, 1 - error / total) if total > 0 else 0.0
    centred = predicted - np.average(predicted, axis=0, weights=weight)
    products = weight * ((columns[test] - mean) * centred).sum(axis=1)
    sure = products.sum() > -ndtri(SIGNIFICANCE) * products.std() * np.sqrt(len(test))
    if label.max() > 0:
        nearest = _nearest_level(predicted, columns, label)
        sure = sure or _better_than_chance(nearest, label[test])
    return Probe(_importance(trees), float(read), bool(sure and read > 0))


def probe_of_labels(
    codes: Float[np.ndarray, "sample latent"],
    label: Int[np.ndarray, " sample"],
    drawn: Drawn,
    seed: int,
) -> Probe:
    """Trees on labels: held-out balanced accuracy, from 0 at chance to 1."""
    from sklearn.ensemble import ExtraTreesClassifier

    train, test = drawn.train, drawn.test
    trees = ExtraTreesClassifier(
        NUM_TREES,
        class_weight="balanced",
        # as for numbers: every split considers all latents
        max_features=None,  # type: ignore[arg-type]
        min_samples_leaf=FEWEST_ROWS_OF_A_LEAF,
        random_state=seed,
        n_jobs=-1,
    )
    codes = np.tile(codes, (1, CUTS))
    with warnings.catch_warnings():
        # scikit-learn warns that many labels may be a measured quantity
        warnings.simplefilter("ignore", UserWarning)
        trees.fit(codes[train], label[train])
    predicted = trees.predict(codes[test])
    num_labels = len(np.unique(label[train]))
    seen, place, count = np.unique(label[test], return_inverse=True, return_counts=True)
    if len(seen) < 2 or num_labels < 2:  # there is nothing to distinguish
        return Probe(_importance(trees), 0.0, False)
    accuracy = (predicted == label[test]) @ (1 / (len(seen) * count[place]))
    chance = 1 / num_labels
    read = max(0.0, float((accuracy - chance) / (1 - chance)))
    return Probe(_importance(trees), read, _better_than_chance(predicted, label[test]))


def _better_than_chance(
    predicted: Int[np.ndarray, " test"], label: Int[np.ndarray, " test"]
) -> bool:
    """Whether predictions hit more, label by label, than for shuffled rows.

    Chernoff's bound for hits of known probability, each weighted by its label; a normal
    approximation would be sure too soon where test rows are few, or a label is rare.
    """
    seen, place, count = np.unique(label, return_inverse=True, return_counts=True)
    weight = 1 / (len(seen) * count[place])
    by_chance = (predicted[:, None] == seen).mean(axis=0)[place]
    hits = float(weight @ (predicted == label))
    if hits <= weight @ by_chance:
        return False
    tilt = np.geomspace(0.01, 40, NUM_TILTS)[:, None] / weight.max()
    growth = np.log1p(by_chance * np.expm1(tilt * weight)).sum(axis=1)
    return bool((growth - tilt[:, 0] * hits).min() < np.log(SIGNIFICANCE))


def _nearest_level(
    predicted: Float[np.ndarray, "test column"],
    columns: Float[np.ndarray, "sample column"],
    label: Int[np.ndarray, " sample"],
) -> Int[np.ndarray, " test"]:
    """The level whose place is nearest to each prediction."""
    places = columns[np.unique(label, return_index=True)[1]]
    return ((predicted[:, None] - places) ** 2).sum(axis=2).argmin(axis=1)
