"""Codes of public bug reports: quantised, repeated, rare (cases/README.md)."""

from pathlib import Path

import numpy as np
import pytest

import tinyvae.scores as scores
from tinyvae.answer import measure
from tinyvae.from_arrays import every_row_of, representation_of
from tinyvae.scores.score import SCORES
from tinyvae.scores.uncertainty import with_p_values

CASES = Path(__file__).parent / "cases"


def case(name):
    with np.load(CASES / f"{name}.npz") as stored:
        return stored["codes"], stored["factors"]


def plug_in_values(codes, factors):
    """MIG, MIG by neighbours, InfoM and InfoC of the discrete joint of codes."""
    from sklearn.metrics import mutual_info_score

    entropy = np.array([mutual_info_score(f, f) for f in factors.T])
    information = np.array(
        [[mutual_info_score(z, f) for f in factors.T] for z in codes.T]
    )
    part = information / entropy
    linfoot = (1 - np.exp(-2 * information)) / (1 - np.exp(-2 * entropy))
    return gap(part), gap(linfoot), largest(part), largest(part.T)


def gap(matrix):
    ordered = np.sort(matrix, axis=0)
    return (ordered[-1] - ordered[-2]).mean()


def largest(matrix):
    even = 1 / matrix.shape[1]
    return ((matrix.max(axis=1) / matrix.sum(axis=1) - even) / (1 - even)).mean()


def found_values(codes, factors, **options):
    infomec = scores.infomec(codes, factors, **options)
    return (
        scores.mig(codes, factors, **options).value,
        scores.mig_nearest(codes, factors, **options).value,
        infomec.modularity.value,
        infomec.compactness.value,
    )


def quantised(levels, redrawn, num_rows=5000, num_factors=2, seed=0):
    """Factors of few levels; codes that hold them in reverse order, some redrawn."""
    rng = np.random.default_rng(seed)
    factors = rng.integers(0, levels, (num_rows, num_factors))
    codes, noise = factors[:, ::-1].copy(), rng.random((num_rows, num_factors))
    anew = 1 - codes if levels == 2 else rng.integers(0, levels, codes.shape)
    return np.where(noise < redrawn, anew, codes), factors


@pytest.mark.parametrize(
    ("levels", "redrawn", "expected"),
    [
        (2, 0, (1, 0.999, 0.999, 0.999)),
        (2, 0.1, (0.530, 0.694, 1, 1)),
        (4, 0, (1, 0.999, 0.999, 0.999)),
        (4, 0.1, (0.738, 0.927, 0.998, 0.998)),
        (8, 0.1, (0.773, 0.966, 0.995, 0.995)),
    ],
)
@pytest.mark.parametrize("kind", ["ordered", "categorical"])
def test_quantised_codes_have_the_values_of_the_discrete_joint(
    levels, redrawn, expected, kind
):
    codes, factors = quantised(levels, redrawn)
    np.testing.assert_allclose(plug_in_values(codes, factors), expected, atol=0.01)
    found = found_values(codes, factors, kinds=[kind] * 2)
    np.testing.assert_allclose(found, expected, atol=0.015)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("binary_codes", (1, 0.999, 0.999, 0.999)),
        ("binary_codes_3_flipped", (0.531, 0.694, 1, 1)),
    ],
)
def test_binary_codes_have_the_values_of_the_discrete_joint(name, expected):
    codes, factors = case(name)
    np.testing.assert_allclose(plug_in_values(codes, factors), expected, atol=0.01)
    np.testing.assert_allclose(found_values(codes, factors), expected, atol=0.01)


def test_codes_like_those_of_3d_shapes_have_the_values_of_the_discrete_joint():
    rng = np.random.default_rng(0)
    levels = 3, 3, 4, 4
    factors = np.column_stack([rng.integers(0, k, 10_000) for k in levels])
    anew = np.column_stack([rng.integers(0, k, 10_000) for k in levels])
    codes = np.where(rng.random(factors.shape) < 0.05, anew, factors)
    expected = 0.854, 0.958, 0.999, 0.999
    np.testing.assert_allclose(plug_in_values(codes, factors), expected, atol=0.01)
    np.testing.assert_allclose(found_values(codes, factors), expected, atol=0.01)


def test_codes_of_a_few_values_among_noise_are_read_the_same():
    # one latent quantised, one continuous: no row repeats, ties do
    codes, factors = quantised(4, 0.1)
    noise = np.random.default_rng(1).normal(size=(len(codes), 1))
    padded = np.hstack([codes, noise])
    np.testing.assert_allclose(
        found_values(padded, factors), found_values(codes, factors), atol=0.02
    )


@pytest.mark.parametrize("name", sorted(SCORES))
def test_copies_of_noise_have_the_value_of_the_rows_that_differ(name):
    codes, factors = case("repeated_rows")
    assert len(codes) == 2000
    for copied, once in zip(
        SCORES[name].scores(codes, factors),
        SCORES[name].scores(codes[::20], factors[::20]),
        strict=True,
    ):
        assert copied.value == pytest.approx(once.value, abs=1e-9, nan_ok=True)
        assert copied.undefined == once.undefined


def test_copies_of_noise_know_nothing():
    copies = case("repeated_rows")
    assert scores.share(*copies).value == pytest.approx(0.042, abs=0.01)
    assert scores.irs(*copies).value == pytest.approx(0.032, abs=0.01)
    assert scores.explicitness(*copies).value == pytest.approx(0.499, abs=0.01)
    assert scores.pairwise_information(*copies).value == pytest.approx(0, abs=0.01)
    assert scores.infomec(*copies).compactness.undefined
    (tested,) = with_p_values("share", *copies, num_shuffles=19)
    assert tested.p_value is not None
    assert tested.p_value > 0.05


def test_how_many_rows_differ_is_said():
    found = representation_of(*case("repeated_rows"))
    note = "2000 rows, of which 100 differ; each is used once"
    assert found.copies_note == note
    assert measure(found).notes[0] == note
    assert len(found.codes) == 100
    assert representation_of(*case("binary_codes")).copies_note is None
    assert len(every_row_of(*case("repeated_rows")).codes) == 2000


# imbalanced-learn PR#776, ppscore#15: some rows are copied, others are not
def test_oversampling_one_label_changes_no_score_of_continuous_codes():
    rng = np.random.default_rng(0)
    codes, label = rng.normal(size=(300, 2)), rng.integers(0, 2, (300, 1))
    more = np.concatenate([np.arange(300), rng.choice(np.flatnonzero(label), 500)])
    for name in ("share", "mig_nearest", "explicitness"):
        once, copied = (
            SCORES[name].function(c, f, kinds=["categorical"])
            for c, f in ((codes, label), (codes[more], label[more]))
        )
        assert copied.value == pytest.approx(once.value, abs=1e-9)


# wittgenstein#15: dropping repeats of discrete rows loses their frequencies
def test_repeats_of_discrete_codes_are_frequencies():
    rng = np.random.default_rng(0)
    factors = (rng.random((4000, 2)) < 0.1).astype(float)
    codes = np.where(rng.random(factors.shape) < 0.05, 1 - factors, factors)
    once = found_values(codes, factors)
    np.testing.assert_allclose(once, plug_in_values(codes, factors), atol=0.01)
    twice = found_values(np.tile(codes, (2, 1)), np.tile(factors, (2, 1)))
    np.testing.assert_allclose(twice, once, atol=0.01)


def rare_label(seed, num_rows=20_000, num_rare=20):
    """A label of 20 rows, 10 sigma away in its latent, and a shape in another."""
    rng = np.random.default_rng(seed)
    rare = (np.arange(num_rows) < num_rare).astype(int)
    shape = rng.integers(0, 3, num_rows)
    far = rng.normal(size=num_rows) + 10 * rare
    codes = np.column_stack([far, shape + 0.01 * rng.normal(size=num_rows)])
    return codes, np.column_stack([rare, shape])


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["categorical", "ordered"])
@pytest.mark.parametrize("seed", range(10))
def test_a_rare_label_is_told_whatever_the_noise(seed, kind):
    codes, factors = rare_label(seed)
    options = {"kinds": [kind] * 2}
    # the runner-up: 20 rows of three shapes tell up to .04 of a rare label by chance
    assert scores.mig(codes, factors, **options).parts[0] > 0.95
    assert scores.mig_nearest(codes, factors, **options).parts[0] > 0.95
    dci = scores.dci(codes, factors, **options)
    assert dci.completeness.parts is not None
    assert dci.informativeness.parts is not None
    assert dci.completeness.parts[0] > (0.92 if kind == "categorical" else 0.85)
    # trees of numbers predict the mean of a leaf, so that R2 is not quite 1
    least = 1.0 if kind == "categorical" else 0.8
    assert dci.informativeness.parts[0] >= least


@pytest.mark.parametrize("seed", range(3))
def test_the_draw_of_rows_does_not_decide_on_a_rare_label(seed):
    codes, factors = rare_label(0)
    kinds = ["categorical"] * 2
    dci = scores.dci(codes, factors, kinds=kinds, seed=seed)
    assert dci.informativeness.value == pytest.approx(1, abs=0.001)
    # the rare rows may stand anywhere
    order = np.random.default_rng(seed).permutation(len(codes))
    for name in ("readout", "sap", "mig"):
        score = SCORES[name].function(codes[order], factors[order], kinds=kinds)
        assert score.parts[0] > 0.98
