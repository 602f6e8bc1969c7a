"""One law for all kinds of columns: information is what theory says it is."""

import numpy as np
import pytest

from tinyvae.from_arrays import representation_of
from tinyvae.measures.contingency import expected_information, information_of_labels
from tinyvae.measures.information import binned_information
from tinyvae.measures.mutual_information import (
    label_column,
    mutual_information,
    split_column,
)
from tinyvae.measures.neighbours import information_of_levels

# how far the mean of five samples may be from theory, in nats
WITHIN = {300: 0.08, 1000: 0.04, 5000: 0.02}


def entropy(probability):
    positive = probability[probability > 0]
    return -(positive * np.log(positive)).sum()


def information(joint):
    return entropy(joint.sum(0)) + entropy(joint.sum(1)) - entropy(joint)


def gaussian(correlation):
    def sample(num_rows, rng):
        x, noise = rng.normal(size=(2, num_rows))
        return x, correlation * x + np.sqrt(1 - correlation**2) * noise

    return sample, -0.5 * np.log(1 - correlation**2)


def discrete(levels, redrawn):
    """A label, and the same label, a part of whose rows is drawn anew."""
    joint = (1 - redrawn) * np.eye(levels) / levels + redrawn / levels**2

    def sample(num_rows, rng):
        cell = rng.choice(levels**2, num_rows, p=joint.ravel())
        return (cell // levels).astype(float), (cell % levels).astype(float)

    return sample, information(joint)


def binned_gaussian(correlation, levels):
    """A normal, and the bin of equal probability that a correlated one falls into."""
    from scipy.stats import norm

    edges = norm.ppf(np.arange(1, levels) / levels)
    grid = np.linspace(-8, 8, 20_001)
    ends = np.concatenate([[-np.inf], edges, [np.inf]])
    spread = np.sqrt(1 - correlation**2)
    bins = np.diff(norm.cdf((ends - correlation * grid[:, None]) / spread), axis=1)
    weight = norm.pdf(grid) * (grid[1] - grid[0])
    left_over = weight @ (bins * np.log(np.maximum(bins, 1e-300))).sum(axis=1)

    def sample(num_rows, rng):
        x, y = gaussian(correlation)[0](num_rows, rng)
        return x, np.digitize(y, edges).astype(float)

    return sample, np.log(levels) + left_over


def zero_inflated(zeros, together, correlation):
    """Correlated normals, each 0 in some rows; a part of the zeros comes together."""
    one, other = 1 - zeros, together + (1 - together) * zeros
    gates = np.array([[zeros * other, 0], [0, 0]])
    gates[0, 1] = gates[1, 0] = zeros - gates[0, 0]
    gates[1, 1] = one - gates[1, 0]
    # the chain rule: the gates, and the numbers where both are there
    nats = information(gates) - gates[1, 1] * 0.5 * np.log(1 - correlation**2)

    def sample(num_rows, rng):
        x, y = gaussian(correlation)[0](num_rows, rng)
        gate = rng.random((3, num_rows)) < np.array([[zeros], [zeros], [together]])
        return np.where(gate[0], 0, x), np.where(
            np.where(gate[2], gate[0], gate[1]), 0, y
        )

    return sample, nats


PAIRS = {
    "Gaussian, independent": gaussian(0.0),
    "Gaussian, .6": gaussian(0.6),
    "Gaussian, .95": gaussian(0.95),
    "binary, exact": discrete(2, 0.0),
    "binary, a fifth redrawn": discrete(2, 0.2),
    "4 levels, exact": discrete(4, 0.0),
    "4 levels, a tenth redrawn": discrete(4, 0.1),
    "8 levels, a tenth redrawn": discrete(8, 0.1),
    "8 levels, independent": discrete(8, 1.0),
    "30 levels, exact": discrete(30, 0.0),
    "30 levels, half redrawn": discrete(30, 0.5),
    "30 levels, independent": discrete(30, 1.0),
    "number and 4 levels": binned_gaussian(0.8, 4),
    "number and 16 levels": binned_gaussian(0.8, 16),
    "number and 16 independent levels": binned_gaussian(0.0, 16),
    "zeros in half": zero_inflated(0.5, 0.8, 0.8),
    "zeros in nine tenths": zero_inflated(0.9, 0.5, 0.8),
    "zeros, independent": zero_inflated(0.5, 0.0, 0.0),
}


@pytest.mark.parametrize("num_rows", WITHIN)
@pytest.mark.parametrize("kind", PAIRS)
def test_information_of_any_kinds_is_what_theory_says(kind, num_rows):
    sample, nats = PAIRS[kind]
    found = []
    for seed in range(5):
        x, y = sample(num_rows, np.random.default_rng(seed))
        found.append(mutual_information(split_column(x), split_column(y)))
    assert np.mean(found) == pytest.approx(nats, abs=WITHIN[num_rows] + 0.02 * nats)


def test_information_is_the_same_in_both_directions():
    for sample, _ in PAIRS.values():
        x, y = map(split_column, sample(500, np.random.default_rng(0)))
        forth, back = mutual_information(x, y), mutual_information(y, x)
        assert forth == pytest.approx(back, abs=0.03)


def test_growing_maps_change_no_information():
    x, y = zero_inflated(0.3, 0.5, 0.8)[0](1000, np.random.default_rng(0))
    mapped = mutual_information(split_column(np.exp(x)), split_column(y**3))
    assert mapped == mutual_information(split_column(x), split_column(y))


def test_labels_of_many_rows_have_the_information_that_scikit_learn_counts():
    from sklearn.metrics import mutual_info_score

    x, y = discrete(5, 0.4)[0](200_000, np.random.default_rng(0))
    found = information_of_labels(x.astype(int), y.astype(int))
    assert found == pytest.approx(mutual_info_score(x, y), abs=1e-4)


@pytest.mark.parametrize(("rows", "columns"), [(2, 2), (20, 20), (7, 60), (1, 5)])
def test_information_by_chance_is_that_of_scikit_learn(rows, columns):
    from sklearn.metrics.cluster import expected_mutual_information

    rng = np.random.default_rng(0)
    counts = rng.integers(0, 4, (rows, columns)) + (np.arange(columns) < 2)
    theirs = expected_mutual_information(counts, int(counts.sum()))
    assert expected_information(counts) == pytest.approx(theirs, abs=1e-9)


def test_labels_that_know_nothing_have_no_information_on_average():
    rng = np.random.default_rng(0)
    for levels in (2, 10, 100, 400):
        pairs = rng.integers(0, levels, (20, 2, 500))
        found = [information_of_labels(*pair) for pair in pairs]
        assert np.mean(found) == pytest.approx(0, abs=0.02)
        numbers = rng.normal(size=(20, 500))
        found = [
            information_of_levels(z, p[0]) for z, p in zip(numbers, pairs, strict=True)
        ]
        assert np.mean(found) == pytest.approx(0, abs=0.03)


def test_a_label_determines_itself_however_many_values_it_has():
    for levels in (2, 25, 500):
        label = np.arange(1000) % levels
        assert information_of_labels(label, label) == pytest.approx(np.log(levels))


@pytest.mark.parametrize("apart", [0, 1, 2, 3, 4, 10])
def test_a_rare_label_has_the_information_that_its_distance_gives(apart):
    # 100 of 20 000 rows: the exact value is an integral over the latent
    num_rows, part = 20_000, 100 / 20_000
    grid = np.linspace(-10, 20, 300_001)
    near, far = (np.exp(-0.5 * (grid - m) ** 2) for m in (0.0, apart))
    mixed = (1 - part) * near + part * far
    nats = (
        sum(
            p * (d * np.log(np.maximum(d, 1e-300) / np.maximum(mixed, 1e-300))).sum()
            for p, d in ((1 - part, near), (part, far))
        )
        * (grid[1] - grid[0])
        / np.sqrt(2 * np.pi)
    )
    total = entropy(np.array([part, 1 - part]))
    label = (np.arange(num_rows) < 100).astype(int)
    found, binned = [], []
    for seed in range(4):
        z = np.random.default_rng(seed).normal(size=num_rows) + apart * label
        found.append(mutual_information(split_column(z), label_column(label)) / total)
        pair = representation_of(z[:, None], label[:, None])
        binned.append(binned_information(pair).information[0, 0] / total)
    assert np.mean(found) == pytest.approx(nats / total, abs=0.03)
    # bins hide what is finer than a bin
    assert nats / total - 0.15 < np.mean(binned) < nats / total + 0.03
