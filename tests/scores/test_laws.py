"""One set of laws for all scores: each is held to the facts that it declares."""

import numpy as np
import pytest
from known_codes import (
    GRID_FACTORS,
    independent_factors,
    noisy,
    standardised,
    turned,
)

import tinyvae.scores as scores
from tinyvae.from_arrays import representation_of
from tinyvae.scores.score import SCORES, Score
from tinyvae.scores.suite import ORDER

NAMES = sorted(SCORES)
SUPERVISED = [name for name in NAMES if SCORES[name].needs_factors]
PERMUTATION = [2, 0, 1]


def values(name, codes, factors, **options):
    return [score.value for score in SCORES[name].scores(codes, factors, **options)]


def with_facts(name, codes, factors):
    scored = SCORES[name]
    return list(zip(scored.scores(codes, factors), scored.facts, strict=True))


def test_the_suite_has_every_score_once():
    assert sorted(ORDER) == NAMES
    titles = [facts.title for scored in SCORES.values() for facts in scored.facts]
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("order", [[0, 1, 2], PERMUTATION])
@pytest.mark.parametrize("signs", [[1, 1, 1], [-1, 1, -1]])
def test_a_perfect_code_has_the_best_value_on_the_whole_grid(name, order, signs):
    codes = standardised(GRID_FACTORS)[:, order] * signs
    for score, facts in with_facts(name, codes, GRID_FACTORS):
        assert score.value == pytest.approx(facts.best, abs=0.005), score


@pytest.mark.parametrize("name", NAMES)
def test_a_perfect_code_has_the_best_value_in_a_sample(name):
    factors = independent_factors(3000)
    for score, facts in with_facts(name, standardised(factors), factors):
        assert score.value == pytest.approx(facts.best, abs=0.05), score


@pytest.mark.parametrize("name", SUPERVISED)
def test_the_matrix_of_a_permuted_code_has_the_exact_map(name):
    codes = standardised(GRID_FACTORS)[:, PERMUTATION] * [1, -1, 1]
    for score in SCORES[name].scores(codes, GRID_FACTORS):
        if score.matrix is not None:
            found = np.abs(np.nan_to_num(score.matrix)).argmax(axis=1)
            assert list(found) == PERMUTATION


@pytest.mark.parametrize("name", NAMES)
def test_independent_codes_have_the_value_of_chance(name):
    factors = independent_factors(3000)
    codes = np.random.default_rng(8).normal(size=(3000, 4))
    for score, facts in with_facts(name, codes, factors):
        chance = facts.chance(3) if callable(facts.chance) else facts.chance
        if chance is None:
            assert score.undefined, score
        else:
            assert score.value == pytest.approx(chance, abs=0.05), score


@pytest.mark.parametrize("name", NAMES)
def test_the_scale_and_sign_of_a_latent_do_not_matter(name):
    codes, factors = noisy(2000, degrees=20)
    for before, after in zip(
        SCORES[name].scores(codes, factors),
        SCORES[name].scores(codes * [1e-8, -1.0, 1e8, 7.0] + [0, 5, 0, -1], factors),
        strict=True,
    ):
        assert after.value == pytest.approx(before.value, abs=0.005)


@pytest.mark.parametrize("name", SUPERVISED)
def test_the_unit_of_a_factor_does_not_matter(name):
    codes, factors = noisy(2000, degrees=20)
    before = values(name, codes, factors)
    after = values(name, codes, factors * [1e-8, 1.0, 1e8] + [0, 3, 0])
    np.testing.assert_allclose(after, before, atol=0.005)


@pytest.mark.parametrize("name", SUPERVISED)
@pytest.mark.parametrize("num_rows", [10, 20, 40, 80, 160])
def test_a_perfect_code_of_few_rows_is_good_or_undefined(name, num_rows):
    factors = independent_factors(num_rows)
    for score in SCORES[name].scores(factors, factors):
        # of so few rows much is lost, but a perfect code never looks like none
        assert score.undefined or score.value > 0.55, score


@pytest.mark.parametrize("name", ["beta_vae_score", "factor_vae_score"])
@pytest.mark.parametrize("num_rows", [100, 400, 3000])
def test_chance_does_not_depend_on_how_many_values_a_factor_has(name, num_rows):
    found = []
    for seed in range(8):
        rng = np.random.default_rng(seed)
        codes = rng.normal(size=(num_rows, 6))
        few, many = rng.integers(0, 2, num_rows), rng.integers(0, num_rows, num_rows)
        found += values(name, codes, np.column_stack([few, many]))
    assert np.mean(found) == pytest.approx(0.5, abs=0.06)


@pytest.mark.parametrize("kind", ["categorical", "ordered"])
@pytest.mark.parametrize("num_rows", [60, 300, 1000])
def test_dci_of_noise_is_undefined_for_every_seed(kind, num_rows):
    read = []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        labels = rng.integers(0, 4, (num_rows, 3))
        found = scores.dci(rng.normal(size=(num_rows, 4)), labels, kinds=[kind] * 3)
        assert found.disentanglement.undefined, found
        read.append(found.informativeness.value)
    assert np.mean(read) < 1 / np.sqrt(num_rows)


@pytest.mark.parametrize("seed", range(4))
def test_a_rare_label_is_not_read_from_noise(seed):
    rng = np.random.default_rng(seed)
    label = np.zeros(1000)
    label[rng.choice(1000, 3, replace=False)] = 1
    found = scores.dci(
        rng.normal(size=(1000, 3)), label[:, None], kinds=["categorical"]
    )
    assert found.informativeness.value < 0.05


@pytest.mark.parametrize("part", [0.03, 0.01])
@pytest.mark.parametrize("noise", [1e-6, 0.05])
def test_a_rare_label_that_a_latent_tells_has_all_of_its_information(part, noise):
    rng = np.random.default_rng(0)
    label = (rng.uniform(size=(5000, 2)) < part).astype(float)
    codes = label + noise * rng.normal(size=label.shape)
    assert scores.mig(codes, label).value > 0.95
    assert scores.mig(rng.normal(size=(5000, 2)), label).value < 0.03


@pytest.mark.parametrize(("num_rows", "num_labels"), [(500, 30), (1000, 100)])
def test_many_labels_are_told_where_the_code_tells_them(num_rows, num_labels):
    rng = np.random.default_rng(0)
    label = rng.integers(0, num_labels, (num_rows, 2)).astype(float)
    kinds = ["categorical"] * 2
    assert scores.sap(label, label, kinds=kinds).value > 0.95
    noise = rng.normal(size=(num_rows, 2))
    assert scores.readout(noise, label, kinds=kinds).value < 0.02


def test_ties_that_are_independent_share_nothing():
    rng = np.random.default_rng(0)
    factor = rng.integers(0, 301, 3000).astype(float)
    gate = (rng.uniform(size=3000) < 0.9).astype(float)
    codes = np.column_stack([gate, rng.normal(size=3000)])
    for kind in ("ordered", "circular:301"):
        assert scores.mig_nearest(codes, factor[:, None], kinds=[kind]).value < 0.05


def test_rows_that_repeat_are_not_information():
    # a code drawn anew for each combination knows nothing, however often it is shown
    rng = np.random.default_rng(0)
    codes = rng.normal(size=GRID_FACTORS.shape)
    rows = rng.integers(0, len(codes), 10_000)
    drawn = codes[rows], GRID_FACTORS[rows]
    assert scores.dci(*drawn).informativeness.value < 0.05
    assert scores.mig_nearest(*drawn).value < 0.05
    assert scores.readout(*drawn).value < 0.05


@pytest.mark.parametrize("name", SUPERVISED)
def test_a_circle_on_which_nothing_turns_is_constant(name):
    rng = np.random.default_rng(0)
    same = 360.0 * rng.integers(0, 3, (200, 1))
    for score in SCORES[name].scores(
        rng.normal(size=(200, 2)), same, kinds=["circular:360"]
    ):
        assert score.undefined, score


@pytest.mark.parametrize("name", NAMES)
def test_the_order_of_latents_and_of_rows_does_not_matter(name):
    codes, factors = noisy(2000, degrees=20)
    rows = np.random.default_rng(3).permutation(len(codes))
    for before, after, facts in zip(
        SCORES[name].scores(codes, factors),
        SCORES[name].scores(codes[rows][:, [3, 1, 0, 2]], factors[rows]),
        SCORES[name].facts,
        strict=True,
    ):
        within = 0.03 if facts.samples or "nearest" in facts.title else 0.01
        assert after.value == pytest.approx(before.value, abs=within)


@pytest.mark.parametrize(
    "name", [n for n in NAMES if any(facts.monotone for facts in SCORES[n].facts)]
)
def test_growing_maps_of_a_latent_do_not_matter_where_that_is_promised(name):
    codes, factors = noisy(2000, degrees=20)
    warped = np.column_stack(
        [np.exp(codes[:, 0]), codes[:, 1] ** 3, np.arctan(codes[:, 2]), codes[:, 3]]
    )
    before, after = (
        SCORES[name].scores(codes, factors),
        SCORES[name].scores(warped, factors),
    )
    for old, new, facts in zip(before, after, SCORES[name].facts, strict=True):
        if facts.monotone:
            assert new.value == pytest.approx(old.value, abs=1e-6)


@pytest.mark.parametrize(
    "name", [n for n in NAMES if any(facts.rotation for facts in SCORES[n].facts)]
)
@pytest.mark.parametrize("degrees", [0, 10, 20, 30, 40])
def test_the_rotation_curve_is_the_closed_form(name, degrees):
    factors = np.random.default_rng(11).normal(size=(20_000, 2))
    codes = turned(factors, degrees, 0, 1)
    for score, facts in with_facts(name, codes, factors):
        if facts.rotation is not None:
            expected = facts.rotation(np.radians(degrees))
            assert score.value == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize("name", ["share", "mig", "mig_nearest", "sap", "irs", "med"])
def test_scores_that_see_rotation_fall_with_it(name):
    factors = np.random.default_rng(11).normal(size=(4000, 2))
    curve = [
        values(name, turned(factors, degrees, 0, 1), factors)[0]
        for degrees in (0, 10, 20, 30, 45)
    ]
    assert np.all(np.diff(curve) < 0)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_thousand_rows_are_enough(name):
    large = np.mean(
        [values(name, *noisy(20_000, degrees=20, seed=s)) for s in (0, 1)], axis=0
    )
    small = np.mean(
        [values(name, *noisy(1000, degrees=20, seed=s)) for s in range(10, 22)], axis=0
    )
    np.testing.assert_allclose(small, large, atol=0.02)


@pytest.mark.parametrize("name", NAMES)
def test_a_dead_latent_changes_nothing(name):
    codes, factors = noisy(2000, degrees=20)
    dead = np.column_stack([codes, np.full(len(codes), 0.25)])
    for before, after, facts in zip(
        SCORES[name].scores(codes, factors),
        SCORES[name].scores(dead, factors),
        SCORES[name].facts,
        strict=True,
    ):
        within = 0.05 if "DCI" in facts.title else 1e-9
        assert after.value == pytest.approx(before.value, abs=within)


@pytest.mark.parametrize("name", SUPERVISED)
def test_codes_that_do_not_move_are_undefined(name):
    factors = independent_factors(500)
    for score in SCORES[name].scores(np.ones((500, 3)), factors):
        assert score.undefined == "no latent moves, or none is active"
        assert np.isnan(score.value)


@pytest.mark.parametrize("num_labels", [2, 4, 8])
@pytest.mark.parametrize("kind", ["categorical", "ordered"])
def test_a_perfect_code_of_few_values_is_perfect(num_labels, kind):
    rng = np.random.default_rng(1)
    label = rng.integers(0, num_labels, (2000, 2))
    codes = label + 0.02 * rng.normal(size=label.shape)
    for name in ("readout", "sap", "dci", "explicitness", "infomec", "share"):
        for score in SCORES[name].scores(codes, label, kinds=[kind] * 2):
            assert score.value > 0.95, score
    # a bin of equal probability ends within a level of a sample here and there
    assert scores.mig(codes, label, kinds=[kind] * 2).value > 0.93


def test_one_factor_of_two_values_can_be_read():
    rng = np.random.default_rng(1)
    factor = rng.integers(0, 2, (1000, 1)).astype(float)
    codes = np.column_stack([factor, rng.normal(size=1000)])
    assert scores.readout(codes, factor).value > 0.99
    assert scores.infomec(codes, factor).explicitness.value > 0.99
    assert scores.dci(codes, factor).informativeness.value > 0.99


def test_discrete_codes_that_know_nothing_are_told_apart_by_chance():
    codes, factors = np.random.default_rng(1).integers(0, 2, (2, 10_000, 2))
    assert scores.explicitness(codes, factors).value == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("name", ["modularity", "med"])
@pytest.mark.parametrize("num_rows", [500, 3000, 10_000])
def test_a_constant_factor_changes_nothing_at_any_size(name, num_rows):
    factors = independent_factors(num_rows, 2)
    codes = turned(factors, 30, 0, 1)
    padded = np.column_stack([factors, np.ones(num_rows)])
    assert values(name, codes, padded) == values(name, codes, factors)


def test_a_factor_that_no_latent_reads_is_not_scored_by_its_noise():
    factors = independent_factors(10_000, 5)
    assert scores.med(factors[:, :2], factors).value == pytest.approx(1, abs=0.01)
    compactness = scores.infomec(factors[:, :2], factors).compactness
    assert [reason is None for reason in compactness.reasons] == [True] * 2 + [
        False
    ] * 3


def test_a_label_that_every_row_has_for_itself_is_scored_not_refused():
    codes, labels = np.random.default_rng(1).normal(size=(50, 2)), np.arange(50)
    found = scores.sap(codes, labels[:, None], kinds=["categorical"])
    assert found.value == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize("name", SUPERVISED)
def test_a_constant_factor_is_undefined_with_the_reason_and_spoils_nothing(name):
    codes, factors = noisy(1000, degrees=20)
    padded = np.column_stack([factors, np.ones(len(factors))])
    before = SCORES[name].scores(codes, factors)
    after = SCORES[name].scores(codes, padded, names=["a", "b", "c", "fixed"])
    for old, new in zip(before, after, strict=True):
        assert new.value == pytest.approx(old.value, abs=0.02)
        if "fixed" in new.part_names:
            assert new.parts is not None
            assert np.isnan(new.parts[-1])
            assert new.reasons[-1] == "constant: it has one value only"
    alone = SCORES[name].scores(codes, np.ones((1000, 1)))
    assert all(score.undefined for score in alone)


def test_a_latent_that_repeats_another_costs_what_each_score_says():
    factors = independent_factors(3000)
    codes = standardised(factors)
    repeated = np.column_stack([codes, codes[:, 0] * 2 + 1])
    assert scores.mig(repeated, factors).parts[0] == pytest.approx(0, abs=0.01)
    assert scores.sap(repeated, factors).parts[0] == pytest.approx(0, abs=0.01)
    assert scores.modularity(repeated, factors).value == pytest.approx(1, abs=0.01)
    assert scores.share(repeated, factors).value == pytest.approx(1, abs=0.01)
    compactness = scores.infomec(repeated, factors).compactness
    assert compactness.parts is not None
    assert compactness.parts[0] < 0.4
    assert scores.dci(repeated, factors).completeness.parts[0] < 0.6
    assert "infinite" in str(scores.total_correlation(repeated).undefined)


def test_two_factors_merged_into_one_latent_cost_what_each_score_says():
    factors = np.random.default_rng(0).integers(0, 8, size=(4000, 2)).astype(float)
    merged = np.column_stack(
        [factors @ [8.0, 1.0], np.random.default_rng(1).normal(size=4000)]
    )
    assert scores.modularity(merged, factors).parts[0] < 0.85
    assert scores.share(merged, factors).parts[1] < 0.1
    assert scores.irs(merged, factors).value < 0.8


@pytest.mark.parametrize("correlation", [0.0, 0.3, 0.6, 0.9, 0.99])
def test_information_of_gaussian_pairs_is_minus_half_log_one_minus_r2(correlation):
    from tinyvae.measures.information import binned_information
    from tinyvae.measures.neighbours import information_of_numbers

    rng = np.random.default_rng(4)
    x, noise = rng.normal(size=(2, 10_000))
    z = correlation * x + np.sqrt(1 - correlation**2) * noise
    nats = -0.5 * np.log(1 - correlation**2)
    assert information_of_numbers(z, x) == pytest.approx(nats, abs=0.03)
    binned = binned_information(representation_of(z[:, None], x[:, None]))
    # 20 bins hide what is finer than a bin: 12 % at 2 nats
    assert binned.information[0, 0] == pytest.approx(nats, abs=0.01 + 0.12 * nats)


def test_information_of_labels_is_that_of_scikit_learn():
    from sklearn.feature_selection import mutual_info_classif, mutual_info_regression

    from tinyvae.measures.neighbours import (
        information_of_levels,
        information_of_numbers,
    )

    rng = np.random.default_rng(5)
    label = rng.integers(0, 5, 2000)
    latent = label + rng.normal(size=2000)
    theirs = mutual_info_classif(latent[:, None], label, random_state=0)[0]
    assert information_of_levels(latent, label) == pytest.approx(theirs, abs=0.02)
    target = latent**3 + 5 * rng.normal(size=2000)
    theirs = mutual_info_regression(latent[:, None], target, random_state=0)[0]
    assert information_of_numbers(latent, target) == pytest.approx(theirs, abs=0.05)


def test_information_round_a_circle_does_not_see_where_the_circle_is_cut():
    from tinyvae.measures.neighbours import information_of_numbers

    rng = np.random.default_rng(6)
    angle = rng.uniform(0, 360, 3000)
    latent = np.cos(np.radians(angle)) + 0.1 * rng.normal(size=3000)
    turns = [
        information_of_numbers(latent, (angle + cut) % 360, period=360.0)
        for cut in (0, 90, 200)
    ]
    np.testing.assert_allclose(turns, turns[0], atol=0.02)


@pytest.mark.parametrize("cut", [5, 77, 200])
def test_a_circular_factor_scores_the_same_wherever_the_circle_is_cut(cut):
    rng = np.random.default_rng(6)
    angle = rng.uniform(0, 360, 3000)
    codes = np.column_stack([np.cos(np.radians(angle)), rng.normal(size=3000)])
    for name in SUPERVISED:
        first, second = (
            values(name, codes, ((angle + turn) % 360)[:, None], kinds=["circular:360"])
            for turn in (0, cut)
        )
        within = 0.05 if SCORES[name].facts[0].samples else 0.02
        np.testing.assert_allclose(first, second, atol=within, err_msg=name)


@pytest.mark.parametrize("cut", [0, 3, 9, 101])
def test_a_latent_that_unrolls_a_circle_anywhere_has_all_of_its_information(cut):
    rng = np.random.default_rng(6)
    angle = rng.uniform(0, 360, 4000)
    codes = np.column_stack([(angle + cut) % 360, rng.normal(size=4000)])
    found = scores.mig(codes, angle[:, None], kinds=["circular:360"])
    assert found.value == pytest.approx(1, abs=0.03)
    turned_on = scores.mig(codes, angle[:, None] + 720, kinds=["circular:360"])
    assert turned_on.value == pytest.approx(found.value, abs=1e-6)


def test_the_best_cut_of_a_circle_invents_no_information():
    rng = np.random.default_rng(6)
    codes, angle = rng.normal(size=(1000, 4)), rng.uniform(0, 360, (1000, 1))
    assert scores.mig(codes, angle, kinds=["circular:360"]).value < 0.02


def test_labels_of_a_categorical_factor_may_be_any_numbers():
    rng = np.random.default_rng(6)
    label = rng.integers(0, 4, 2000)
    codes = np.column_stack(
        [label + 0.1 * rng.normal(size=2000), rng.normal(size=2000)]
    )
    other = np.array([7.0, -3.0, 100.0, 0.5])[label]
    for name in SUPERVISED:
        first, second = (
            values(name, codes, column[:, None], kinds=["categorical"])
            for column in (label.astype(float), other)
        )
        np.testing.assert_allclose(first, second, atol=0.02, err_msg=name)


def test_a_label_in_the_middle_is_told_by_sap():
    # where a linear classifier fails: one class lies between two others
    rng = np.random.default_rng(6)
    label = rng.integers(0, 3, 2000)
    codes = np.column_stack(
        [label + 0.1 * rng.normal(size=2000), rng.normal(size=2000)]
    )
    found = scores.sap(codes, label[:, None], kinds=["categorical"])
    assert found.value == pytest.approx(1, abs=0.05)


def test_ties_do_not_depend_on_the_order_of_rows():
    rng = np.random.default_rng(7)
    factors = rng.integers(0, 3, size=(900, 2)).astype(float)
    rows = np.lexsort(factors.T)
    for name in ("mig", "med", "modularity", "share", "readout"):
        np.testing.assert_allclose(
            values(name, factors, factors),
            values(name, factors[rows], factors[rows]),
            atol=1e-6,
        )


def test_a_score_prints_its_value_its_parts_and_why_not():
    codes, factors = noisy(500, degrees=20)
    text = str(scores.mig(codes, factors, names=["a", "b", "c"]))
    assert text.startswith("MIG: 0.")
    assert "(a 0." in text
    text = str(scores.mig(codes[:, :1], factors))
    assert text.startswith("MIG: undefined (no part is defined; needs at least two")


def test_every_score_takes_a_representation_too():
    codes, factors = noisy(500, degrees=20)
    found = representation_of(codes, factors)
    assert isinstance(scores.mig(found), Score)
    assert scores.mig(found).value == scores.mig(codes, factors).value
    with pytest.raises(TypeError, match="it holds its factors"):
        scores.mig(found, factors)
    with pytest.raises(TypeError, match="got codes only"):
        scores.mig(codes)


def test_udr_is_one_for_runs_that_agree_and_low_for_noise():
    # a latent of another run correlates by chance: 1 / sqrt(rows) each
    codes, _ = noisy(20_000, degrees=0)
    same = [codes, -codes[:, [1, 0, 3, 2]], np.exp(codes)]
    assert scores.udr(same).value == pytest.approx(1, abs=0.05)
    noise = [np.random.default_rng(seed).normal(size=(1000, 3)) for seed in range(3)]
    assert scores.udr(noise).value < 0.1
    with pytest.raises(ValueError, match="at least 2 runs, got 1"):
        scores.udr([codes])
    with pytest.raises(ValueError, match="the same pictures, got runs of 19999"):
        scores.udr([codes, codes[:-1]])
