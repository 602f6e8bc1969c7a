"""What public reports say of other libraries, tried here; each names its source."""

import numpy as np
import pytest

import tinyvae.scores as scores
from tinyvae.errors import DataError
from tinyvae.measures.contingency import information_of_labels
from tinyvae.measures.mutual_information import (
    label_column,
    mutual_information,
    split_column,
)
from tinyvae.measures.spearman import spearman_matrix
from tinyvae.scores.score import SCORES

SUPERVISED = sorted(name for name in SCORES if SCORES[name].needs_factors)


# scikit-learn/scikit-learn#16355: a negative estimate, of six rows and one label
def test_information_about_a_constant_is_zero():
    columns = np.array([[1, 1, 0, 0, 1, 1], [2.2, 1.3, 1.3, 0.5, 0.3, 2.3]])
    constant = label_column(np.zeros(6, int))
    for column in columns:
        assert mutual_information(split_column(column), constant) == 0


# scikit-learn/scikit-learn#30772: more information than the label has entropy
def test_a_constant_latent_knows_nothing_of_a_rare_label():
    rare = (np.arange(1_000_000) < 100).astype(int)
    constant = split_column(np.ones(len(rare)))
    assert mutual_information(constant, label_column(rare)) == 0
    copy = mutual_information(split_column(rare.astype(float)), label_column(rare))
    entropy = -sum(p * np.log(p) for p in (1e-4, 1 - 1e-4))
    assert copy == pytest.approx(entropy, rel=1e-3)


# paulbrodersen/entropy_estimators#11: more information than entropy
@pytest.mark.parametrize("levels", [2, 5, 40])
def test_no_latent_knows_more_of_a_label_than_there_is(levels):
    rng = np.random.default_rng(0)
    for num_rows in (50, 400, 3000):
        label = rng.integers(0, levels, num_rows)
        frequency = np.bincount(label) / num_rows
        frequency = frequency[frequency > 0]
        entropy = -(frequency * np.log(frequency)).sum()
        for latent in (label + 0.0, label + 1e-3 * rng.normal(size=num_rows)):
            found = mutual_information(split_column(latent), label_column(label))
            assert found <= entropy + 1e-9


# paulbrodersen/entropy_estimators#17, wgao9/knnie#2: information below zero;
# google-research/disentanglement_lib#33: a gap below zero
@pytest.mark.parametrize("num_rows", [10, 100, 1000])
def test_information_of_noise_is_never_negative(num_rows):
    rng = np.random.default_rng(0)
    for _ in range(20):
        codes, factors = rng.normal(size=(2, num_rows, 2))
        pair = split_column(codes[:, 0]), split_column(factors[:, 0])
        assert mutual_information(*pair) >= 0
        for name in ("mig", "mig_nearest", "sap", "pairwise_information"):
            found = SCORES[name].function(codes, factors)
            assert found.undefined or found.value >= 0


# scikit-learn/scikit-learn#9772: products of counts that do not fit into 32 bits
def test_counts_of_many_rows_do_not_overflow():
    from sklearn.metrics import mutual_info_score

    sizes = (52632, 2529), (14660, 793), (3271, 204), (814, 39), (316, 20)
    label = np.repeat(np.arange(5), [sum(pair) for pair in sizes])
    other = np.concatenate([np.repeat([0, 1], pair) for pair in sizes])
    plain = mutual_info_score(label, other)
    for dtype in (np.int32, np.int64):
        found = information_of_labels(label.astype(dtype), other.astype(dtype))
        assert found == pytest.approx(plain, abs=1e-4)


# scikit-learn/scikit-learn#10585, #19165, #30950: each row a label of its own
def test_labels_of_one_row_each_know_nothing():
    each = np.arange(1000)
    assert information_of_labels(each, np.zeros(1000, int)) == pytest.approx(0)
    found = information_of_labels(each, np.repeat([0, 1], 500))
    assert found == pytest.approx(0, abs=1e-9)
    noise = np.random.default_rng(0).normal(size=1000)
    assert mutual_information(split_column(noise), label_column(each)) == 0


# scikit-learn/scikit-learn#25179, #11739: a label that one row has
@pytest.mark.parametrize("name", SUPERVISED)
def test_a_label_of_a_single_row_is_no_error(name):
    rng = np.random.default_rng(0)
    label = (rng.random((200, 2)) < 0.5).astype(int)
    label[7, 0] = 2
    codes = label + 0.1 * rng.normal(size=label.shape)
    for score in SCORES[name].scores(codes, label, kinds=["categorical"] * 2):
        assert score.undefined or score.value >= 0


# KaveIO/PhiK#6: labels of many values take minutes
def test_many_labels_take_seconds():
    rng = np.random.default_rng(0)
    label = rng.integers(0, 2000, (20_000, 1))
    noise = rng.normal(size=(20_000, 2))
    codes = np.column_stack([label[:, 0] + 0.01 * noise[:, 0], noise[:, 1]])
    for name in ("mig", "mig_nearest"):
        assert SCORES[name].function(codes, label, kinds=["categorical"]).value > 0.6


# DataHaskell/dataframe#217, pytorch/ignite#3740: a small spread far from 0
@pytest.mark.parametrize("name", ["share", "spearman", "sap", "mig", "irs"])
@pytest.mark.parametrize("offset", [1e8, -1e11])
def test_a_large_offset_changes_nothing(name, offset):
    rng = np.random.default_rng(0)
    factors = rng.integers(0, 2**14, (1000, 2)) / 2**10  # exact beside the offset
    codes = factors + rng.integers(0, 2**11, (1000, 2)) / 2**10
    plain = SCORES[name].function(codes, factors).value
    # codes are taken for 32-bit numbers, so only factors may be that far away
    moved = SCORES[name].function(codes, factors + offset).value
    assert moved == pytest.approx(plain, abs=1e-6)
    near = SCORES[name].function(codes + 1e4, factors).value
    assert near == pytest.approx(plain, abs=1e-6)


# scipy/scipy#7056: a rank correlation outside -1 to 1, from 32-bit integers
def test_rank_correlation_of_many_rows_is_exact():
    codes = np.arange(2000.0)[:, None]
    shifted = np.roll(codes, 1000, axis=0)
    found = spearman_matrix(codes, shifted, np.full(2000, 1 / 2000))
    assert found[0, 0] == pytest.approx(-0.5 - 1 / 2_666_666, abs=1e-12)


# pola-rs/polars#29319: a constant column whose mean is rounded
@pytest.mark.parametrize("num_rows", [117, 245, 1000])
def test_a_constant_that_binary_numbers_cannot_hold_is_constant(num_rows):
    rng = np.random.default_rng(0)
    codes = np.column_stack([np.full(num_rows, 0.1), rng.normal(size=num_rows)])
    for name in SUPERVISED:
        for score in SCORES[name].scores(codes, np.full((num_rows, 1), 1.1)):
            assert score.undefined, score


# pandas-dev/pandas#59652: a correlation of -1.4 from values that are all but equal
def test_values_that_differ_by_rounding_do_not_correlate():
    factors = np.tile([30.0, 30.100000381469727], 20)[:, None]
    codes = np.tile([116.80000305175781, 116.8000030517578], 20)[:, None]
    for name in ("spearman", "sap", "mean_correlation_coefficient"):
        assert SCORES[name].function(codes, factors).undefined


# raphaelvallat/pingouin#194, Lightning-AI/torchmetrics#3465: a perfect correlation
@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e12])
def test_a_perfect_correlation_is_one_at_any_scale(scale):
    factors = np.random.default_rng(0).permutation(1000.0 + np.arange(1000))[:, None]
    codes = np.column_stack([-scale * factors, np.arange(1000)])
    for name in ("spearman", "mean_correlation_coefficient"):
        assert SCORES[name].function(codes, factors).value == pytest.approx(1, abs=1e-9)


# YannDubs/disentangling-vae#63: rows that are not the product of the factors' sizes
def test_rows_need_not_be_a_grid():
    rng = np.random.default_rng(0)
    factors = rng.integers(0, (3, 6, 8), (701, 3))
    factors = factors[factors.sum(axis=1) != 5]  # some combinations never occur
    found = scores.mig(factors + 0.01 * rng.normal(size=factors.shape), factors)
    assert found.value > 0.9


# cianeastwood/qedr#5, google-research/disentanglement_lib#29: codes of more latents
# google-research/disentanglement_lib#12: more latents than factors
def test_latents_of_noise_do_not_raise_a_score():
    rng = np.random.default_rng(0)
    factors = rng.uniform(size=(1000, 2))
    codes = factors @ np.array([[1.0, 0.5], [-0.5, 1.0]])
    padded = np.hstack([codes, rng.normal(size=(1000, 6))])
    for name in SUPERVISED:
        for before, after in zip(
            SCORES[name].scores(codes, factors),
            SCORES[name].scores(padded, factors),
            strict=True,
        ):
            # entropies are relative to the number of latents or factors
            within = 0.5 if "complete" in after.name or after.name == "InfoC" else 0.08
            assert after.value <= before.value + within, name


# dawenl/vae_cf#16, xmartlabs/spoter-embeddings#6: codes of a run that diverged
@pytest.mark.parametrize("value", [np.nan, np.inf, 1e38])
def test_codes_of_a_run_that_diverged_are_refused(value):
    codes = np.random.default_rng(0).normal(size=(100, 2)).astype(np.float32)
    codes[60:] = value
    with pytest.raises(DataError, match=r"expected finite codes, got .* in row 60"):
        scores.all(codes, codes[::-1])
