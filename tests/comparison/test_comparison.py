"""Latents that recur among models, their spread, and what is refused."""

import json

import numpy as np
import pytest

import tinyvae as tv
from tinyvae.comparison import Model, codes_alone
from tinyvae.errors import ConfigError, DataError
from tinyvae.from_arrays import representation_of
from tinyvae.scores import udr

ROWS = 400


def three_latents(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(ROWS, 3))


def with_factors(codes, factors):
    return representation_of(codes, factors, names=["size", "x", "y"])


def test_order_sign_and_increasing_maps_of_latents_do_not_count():
    codes = three_latents()
    other = np.stack([-codes[:, 2], np.exp(codes[:, 0]), codes[:, 1] ** 3], axis=1)
    found = tv.compare([codes, other, codes[:, ::-1]])
    assert [len(group.members) for group in found.recurring] == [3, 3, 3]
    assert all(group.similarity == pytest.approx(1) for group in found.recurring)
    place = {group.latent: group for group in found.recurring}
    partners = {latent: place[latent].members[1] for latent in place}
    if found.recurring[0].reference == 0:
        assert [partners[j].latent for j in range(3)] == [1, 2, 0]
        assert [np.sign(partners[j].similarity) for j in range(3)] == [1, 1, -1]


def test_similarity_is_the_spearman_that_scipy_gives():
    from scipy.stats import spearmanr

    one, two = three_latents(0), three_latents(1)
    two[:, 1] += 3 * one[:, 2]
    found = tv.compare([one, two], same=0.5)
    best = found.recurring[0]
    expected = np.asarray(spearmanr(one[:, 2], two[:, 1]))[0]
    assert best.similarity == pytest.approx(abs(float(expected)))
    assert best.interval is None  # two models have no spread over models


def test_matching_is_that_of_brute_force():
    from itertools import permutations

    from scipy.stats import spearmanr

    from tinyvae.comparison.recurring import Likeness, matched

    one, two = three_latents(0), three_latents(1)
    two = 0.5 * one[:, [1, 2, 0]] + two
    models = [Model(name, codes_alone(c)) for name, c in (("a", one), ("b", two))]
    pairs = matched(Likeness(models), 0, [0, 1, 2], 1, [0, 1, 2])
    size = np.abs(np.asarray(spearmanr(one, two)[0])[:3, 3:])
    best = max(permutations(range(3)), key=lambda p: sum(size[i, p[i]] for i in p))
    assert [pairs[i] for i in range(3)] == list(best)


def test_a_latent_that_the_reference_lacks_is_found_among_the_others():
    codes = three_latents()
    noise = np.random.default_rng(5).normal(size=(6, ROWS))
    models = [
        np.stack([codes[:, 0], codes[:, 1], noise[0]], axis=1),
        np.stack([codes[:, 0], codes[:, 1], noise[1]], axis=1),
        np.stack([codes[:, 0], noise[2], codes[:, 2]], axis=1),
        np.stack([codes[:, 0], codes[:, 2], noise[3]], axis=1),
    ]
    found = tv.compare(models)
    assert sorted(len(group.members) for group in found.recurring) == [
        1, 1, 1, 1, 2, 2, 4,
    ]  # fmt: skip
    assert all(np.isnan(g.similarity) for g in found.recurring if len(g.members) == 1)


def test_noise_recurs_nowhere_and_has_a_low_udr():
    found = tv.compare([three_latents(seed) for seed in range(4)])
    assert {len(group.members) for group in found.recurring} == {1}
    assert found.first.udr.value < 0.1
    assert "In one model only" in str(found)


def test_udr_is_that_of_the_scores():
    codes = [three_latents(0), three_latents(0) + 0.5 * three_latents(1)]
    assert tv.compare(codes).first.udr.value == udr(codes).value


def test_factors_name_the_latents_and_each_score_has_a_mean_and_a_spread():
    rng = np.random.default_rng(0)
    factors = rng.uniform(size=(ROWS, 3))
    models = [
        with_factors(factors[:, ::-1] + 0.03 * rng.normal(size=factors.shape), factors)
        for _ in range(3)
    ]
    found = tv.compare(models, only=["share", "dci"])
    assert [group.factor for group in found.recurring].count("size") == 1
    share = next(one for one in found.first.scores if one.id == "share")
    assert share.mean == pytest.approx(np.mean(share.values))
    assert share.deviation == pytest.approx(np.std(share.values, ddof=1))
    ids = [one.id for one in found.first.scores]
    assert ids == [
        "share", "dci_disentanglement", "dci_completeness", "dci_informativeness",
    ]  # fmt: skip
    low, high, _ = found.recurring[0].interval or (0, 0, 0)
    assert low <= found.recurring[0].similarity <= high


def test_two_sets_are_paired_and_tested():
    rng = np.random.default_rng(0)
    factors = rng.uniform(size=(ROWS, 3))

    def models(noise):
        return [
            with_factors(factors + noise * rng.normal(size=factors.shape), factors)
            for _ in range(4)
        ]

    found = tv.compare(models(0.05), against=models(0.3), only=["share"])
    assert found.against is not None
    ((spread, test),) = found.against.tests
    assert spread.id == "share"
    assert test is not None
    assert test.mean > 0.2
    assert test.p == test.least == 2 / 2**4
    assert "p <= 0.125" in str(found)
    assert "0.125 is the least that so many allow" in str(found)
    json.dumps(found.to_json(), allow_nan=False)


def test_models_with_seeds_are_paired_by_seed():
    rng = np.random.default_rng(0)
    factors = rng.uniform(size=(ROWS, 3))
    noise = [0.05, 0.3]
    codes = [factors + n * rng.normal(size=factors.shape) for n in noise]

    def model(number, seed):
        found = with_factors(codes[number], factors)
        return Model(f"{number} {seed}", found, None, seed)

    first = [model(0, 7), model(1, 8)]
    turned = [model(1, 8), model(0, 7)]
    found = tv.compare(first, against=turned, only=["share"])
    assert found.against is not None
    assert found.against.paired_by == "seed"
    assert found.against.tests[0][1] is not None
    assert found.against.tests[0][1].mean == 0


def test_rows_are_joined_by_their_names():
    codes = three_latents()
    names = tuple(f"picture {row}" for row in range(ROWS))
    order = np.random.default_rng(1).permutation(ROWS)
    moved = tuple(names[row] for row in order)
    first = Model("a", codes_alone(codes), names)
    other = Model("b", codes_alone(codes[order]), moved)
    found = tv.compare([first, other])
    assert [len(group.members) for group in found.recurring] == [2, 2, 2]
    alone = Model("c", codes_alone(codes), ("another", *names[1:]))
    with pytest.raises(DataError, match="2 names that are not in both a and c, such"):
        tv.compare([first, alone])
    twice = Model("d", codes_alone(codes), (names[1], *names[1:]))
    with pytest.raises(DataError, match="d: expected rows of different names, got 1"):
        tv.compare([first, twice])


def test_other_rows_are_refused():
    codes = three_latents()
    with pytest.raises(DataError, match="got 400 rows in model 0 and 399 in model 1"):
        tv.compare([codes, codes[1:]])
    factors = np.random.default_rng(0).uniform(size=(ROWS, 3))
    one, two = with_factors(codes, factors), with_factors(codes, factors[::-1])
    with pytest.raises(DataError, match="same rows, got size .* in row 0 of model 0"):
        tv.compare([one, two])
    with pytest.raises(DataError, match="the same factors, got size, x, y in model 0"):
        tv.compare([one, representation_of(codes, factors)])


def test_what_cannot_be_compared_is_refused():
    codes = three_latents()
    with pytest.raises(DataError, match="at least 2 models to compare, got 1"):
        tv.compare([codes])
    with pytest.raises(ConfigError, match="a correlation above 0, up to 1, got 1.5"):
        tv.compare([codes, codes], same=1.5)
    with pytest.raises(DataError, match="model 1: expected a latent that moves"):
        tv.compare([codes, np.zeros_like(codes)])
    with pytest.raises(DataError, match="as many models in both sets"):
        tv.compare([codes, codes], against=[codes, codes, codes])
    with pytest.raises(DataError, match="2 different names, one for each model"):
        tv.compare([codes, codes], names=["a", "a"])
    with pytest.raises(DataError, match="expected scores among total_correlation"):
        tv.compare([codes, codes], only=["mig"])


def test_dead_latents_are_not_matched():
    codes = three_latents()
    dead = codes.copy()
    dead[:, 1] = 2.0
    found = tv.compare([codes, dead])
    assert sorted(len(group.members) for group in found.recurring) == [1, 2, 2]
