from dataclasses import replace

import numpy as np
import pytest
from constructed_codes import (
    EXPECTED,
    GAUSSIAN,
    GRID,
    UNIFORM,
    X,
    Y,
    represent,
    turned,
)
from scipy.spatial.transform import Rotation

import tinyvae as tv
from tinyvae.answer import build_answer
from tinyvae.answer.axes import AxisScores, measure_axes
from tinyvae.answer.verdict import Thresholds, judge, overall_verdict
from tinyvae.factors import Factor, FactorTable, full_grid
from tinyvae.measures.folds import combination_folds
from tinyvae.measures.matching import match_latents
from tinyvae.measures.readout import readout_matrix
from tinyvae.measures.rotation import geodesic_angle
from tinyvae.measures.share import share_matrix
from tinyvae.measures.spearman import spearman_matrix


def verdicts(codes, **kwargs):
    matches = judge(measure_axes(represent(codes, **kwargs)))
    return tuple(match.verdict for match in matches)


@pytest.mark.parametrize("name", EXPECTED)
def test_constructed_codes_get_their_verdicts(name):
    codes, expected = EXPECTED[name]
    assert verdicts(codes) == expected


def test_direction_is_the_sign_of_the_latent_and_none_for_a_fold():
    codes = np.stack([UNIFORM[:, 0], -X, np.abs(Y - 15.5)], axis=1)
    directions = [match.direction for match in judge(measure_axes(represent(codes)))]
    assert directions == ["+", "-", "none"]


def test_flipping_a_latent_changes_its_direction_and_nothing_else():
    codes = turned(UNIFORM, 12)
    plain = judge(measure_axes(represent(codes)))
    flipped = judge(measure_axes(represent(codes * [1, -1, 1])))
    for one, other in zip(plain, flipped, strict=True):
        assert one.verdict == other.verdict
        assert one.latent == other.latent
        assert other.share == pytest.approx(one.share, abs=1e-12)
        assert other.readout == pytest.approx(one.readout, abs=1e-6)
    assert [m.direction for m in plain] == ["+", "+", "+"]
    assert [m.direction for m in flipped] == ["+", "-", "+"]


def test_the_runner_up_is_the_other_active_latent_that_reads_best():
    codes = np.stack([X, X + 3 * UNIFORM[:, 2], Y, X * 1e-3], axis=1)
    active = np.array([True, True, True, False])
    match = judge(measure_axes(represent(codes, active=active)))[1]
    assert (match.latent, match.runner_up_latent) == (0, 1)


def test_one_latent_cannot_be_two_factors():
    matches = judge(measure_axes(represent((16 * X + Y)[:, None])))
    assert [match.latent for match in matches] == [None, 0, None]
    assert np.isnan(matches[0].share)
    assert matches[1].runner_up_latent is None


def test_an_inactive_latent_is_not_an_answer():
    assert verdicts(UNIFORM, active=[True, True, False]) == (
        "clear",
        "clear",
        "missing",
    )


def test_no_active_latent_misses_every_factor():
    codes = np.zeros((len(GRID), 2))
    assert verdicts(codes, active=[False, False]) == ("missing",) * 3


def test_a_constant_factor_is_undefined_and_a_categorical_one_is_read_by_its_labels():
    size = Factor("size", tuple(float(size) for size in range(60)))
    shape = Factor("shape", (0.0, 1.0, 2.0), kind="categorical")
    table = full_grid((size, Factor("fixed", (5.0,)), shape))
    codes = table.values.copy()
    codes[:, 2] = np.array([0.0, 5.0, -1.0])[codes[:, 2].astype(int)]
    matches = judge(measure_axes(represent(codes, table)))
    assert [m.verdict for m in matches] == ["clear", "undefined", "clear"]
    assert matches[2].readout == 1
    assert matches[2].direction == "none"
    assert overall_verdict(matches) == "yes, each (fixed undefined)"


def test_a_categorical_factor_that_no_latent_knows_is_missing():
    size = Factor("size", tuple(float(size) for size in range(60)))
    shape = Factor("shape", (0.0, 1.0, 2.0), kind="categorical")
    table = full_grid((size, shape))
    noise = np.random.default_rng(1).normal(size=len(table))
    codes = np.column_stack([table.values[:, 0], noise])
    matches = judge(measure_axes(represent(codes, table)))
    assert [m.verdict for m in matches] == ["clear", "missing"]


def test_a_circular_factor_held_as_cosine_and_sine_is_clear():
    angle = Factor(
        "angle", tuple(float(a) for a in range(0, 360, 15)), "deg", "circular"
    )
    table = full_grid((angle, Factor("size", tuple(float(s) for s in range(12)))))
    phase = np.radians(table.values[:, 0])
    codes = np.stack([np.cos(phase), np.sin(phase), table.values[:, 1]], axis=1)
    axes = measure_axes(represent(codes, table))
    np.testing.assert_allclose(axes.readout[:2, 0], 0.5, atol=0.02)
    assert np.isnan(axes.spearman[:, 0]).all()
    matches = judge(axes)
    assert [match.verdict for match in matches] == ["clear", "clear"]
    assert matches[0].group == (0, 1)
    assert matches[0].circle
    assert overall_verdict(matches) == "yes, each (angle as a circle)"
    share, readout = matches[0].judged  # of the circle; one latent reads it to a half
    assert (share, readout) == (matches[0].group_share, matches[0].group_readout)
    assert min(share, readout) > 0.99 > 0.6 > matches[0].readout
    assert matches[1].judged == (matches[1].share, matches[1].readout)


def test_categorical_labels_may_be_renamed():
    shape = Factor("shape", (0.0, 1.0, 2.0), kind="categorical")
    table = full_grid((shape, Factor("size", tuple(float(s) for s in range(8)))))
    renamed = table.values.copy()
    renamed[:, 0] = np.array([2.0, 0.0, 1.0])[renamed[:, 0].astype(int)]
    other = FactorTable(table.factors, renamed, table.probability, independent=True)
    codes = np.random.default_rng(0).normal(size=(len(table), 2))
    one, two = (measure_axes(represent(codes, t)) for t in (table, other))
    np.testing.assert_allclose(one.share, two.share)
    np.testing.assert_allclose(one.readout[:, 0], two.readout[:, 0], atol=0.2)


@pytest.mark.parametrize(
    ("clear", "words"),
    [
        ("cmm", "radius only"),
        ("mcc", "x and y only"),
        ("ccc", "yes, each"),
        ("mfm", "none of them"),
    ],
)
def test_overall_verdict_names_the_clear_factors(clear, words):
    letters = {"c": "clear", "m": "partial", "f": "folded"}
    matches = judge(measure_axes(represent(UNIFORM)))
    named = tuple(
        replace(match, verdict=letters[letter])
        for match, letter in zip(matches, clear, strict=True)
    )
    assert overall_verdict(named) == words


def test_thresholds_are_checked():
    with pytest.raises(ValueError, match=r"threshold share from 0 to 1, got 95.0"):
        Thresholds(share=95.0)


def test_stricter_thresholds_reject_what_the_default_accepts():
    axes = measure_axes(represent(turned(UNIFORM, 10)))
    strict = judge(axes, Thresholds(share=0.99))
    assert [match.verdict for match in strict] == ["clear", "partial", "partial"]


# --- random rotations ---------------------------------------------------------------


def signed_permutations():
    """The 24 rotations among the signed permutations of three axes."""
    return Rotation.create_group("O").as_matrix()


def distance_to_axes(rotation):
    """Angle (degrees) from a rotation to the nearest signed permutation."""
    trace = np.einsum("gij,ij->g", signed_permutations(), rotation).max()
    return np.degrees(np.arccos(np.clip((trace - 1) / 2, -1, 1)))


def far_rotations(count, at_least=15.0, seed=0):
    """Uniform random rotations (Haar) at least so far from every signed permutation."""
    quaternions = np.random.default_rng(seed).normal(size=(2 * count, 4))
    drawn = Rotation.from_quat(quaternions).as_matrix()
    far = [rotation for rotation in drawn if distance_to_axes(rotation) >= at_least]
    return far[:count]


def axis_scores(codes):
    """As `measure_axes`, with a joint readout of 1: a rotation loses nothing."""
    factors, probability = GRID.values, GRID.probability
    fold = combination_folds(factors)
    shares = share_matrix(codes, factors, probability)
    readouts = readout_matrix(codes, factors, probability, fold=fold)
    active = np.ones(3, bool)
    return AxisScores(
        GRID.names,
        active,
        shares,
        readouts,
        spearman_matrix(codes, factors, probability),
        np.ones(3),
        match_latents(shares, readouts, active),
        (None, None, None),
    )


def test_distance_to_axes_agrees_with_the_geodesic_angle():
    for degrees in (0, 7, 44):
        rotation = Rotation.from_euler("y", degrees, degrees=True).as_matrix()
        assert distance_to_axes(rotation) == pytest.approx(degrees, abs=1e-5)
        assert geodesic_angle(rotation) == pytest.approx(degrees, abs=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("codes", [UNIFORM, GAUSSIAN], ids=["uniform", "gaussian"])
def test_no_random_rotation_of_15_degrees_or_more_is_called_clear(codes):
    """1000 rotations at least 15 degrees from every signed permutation.

    Overall: never "yes, each". And no factor is clear whose latent's own axis is 15
    degrees or more from that factor's axis (a turn about the radius leaves the radius
    truly clear).
    """
    rotations = far_rotations(1000)
    assert len(rotations) == 1000
    overall, per_factor = 0, 0
    for rotation in rotations:
        turned_codes = codes @ rotation.T
        if share_matrix(turned_codes, GRID.values, GRID.probability).max() < 0.95:
            continue  # nothing can be clear, so the readout is not needed
        matches = judge(axis_scores(turned_codes))
        overall += overall_verdict(matches) == "yes, each"
        for factor, match in enumerate(matches):
            axis_angle = np.degrees(np.arccos(abs(rotation[match.latent, factor])))
            per_factor += match.verdict == "clear" and axis_angle >= 15
    assert (overall, per_factor) == (0, 0)


@pytest.mark.parametrize("codes", [UNIFORM, GAUSSIAN], ids=["uniform", "gaussian"])
def test_the_worst_rotation_is_rejected_from_15_9_degrees_on(codes):
    """About (1, 1, 1) the axes turn least: by 12.9 degrees for a turn of 15.84."""
    diagonal = np.ones(3) / np.sqrt(3)
    rejected = Rotation.from_rotvec(np.radians(15.9) * diagonal).as_matrix()
    assert overall_verdict(judge(axis_scores(codes @ rejected.T))) != "yes, each"


def test_undefined_factors_are_named_beside_yes_each():
    rng = np.random.default_rng(0)
    x, s = rng.normal(size=(2, 500))
    few = np.full(500, np.nan)
    few[:9] = x[:9]
    answer = tv.answer(np.c_[x, s], {"x": few, "s": s})
    assert answer.verdict == "yes, each (x undefined)"
    # no row has both labels, so that there is nothing to rotate
    assert "smallest share" not in str(answer)


def test_a_factor_spread_thinly_over_many_latents_is_held_by_none():
    rng = np.random.default_rng(0)
    x = rng.normal(size=1500)
    codes = 0.3 * x[:, None] + rng.normal(size=(1500, 30))
    (sentence,) = tv.answer(codes, {"x": x}).sentences
    assert "all latents together read it with 0.6" in sentence
    assert "holds" not in sentence


def test_the_smallest_share_is_0_where_a_factor_has_no_latent():
    size = Factor("size", tuple(map(float, range(8))))
    other = Factor("other", tuple(map(float, range(7))))
    table = full_grid((size, other, Factor("fixed", (5.0,))))
    answer = build_answer(represent(table.values[:, :1], table))
    assert [m.verdict for m in answer.matches] == ["clear", "missing", "undefined"]
    assert "smallest share of a factor: 0.00 as it is" in str(answer)
