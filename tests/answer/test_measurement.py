import numpy as np
import pytest
from constructed_codes import GRID, UNIFORM, X, represent, turned

from tinyvae.answer import build_answer
from tinyvae.answer.axes import measure_axes
from tinyvae.answer.measurement import measure
from tinyvae.answer.sentence import two_digits
from tinyvae.factors import Factor, FactorTable, full_grid
from tinyvae.from_arrays import representation_of
from tinyvae.measures.tables import factor_levels, share_of_table


@pytest.mark.parametrize("degrees", [5, 10, 15, 20, 25, 30, 35, 40, 45])
def test_best_rotation_and_ica_undo_a_turn(degrees):
    measurement = measure(represent(turned(UNIFORM, degrees)))
    np.testing.assert_allclose(measurement.after_rotation.matched_share, 1, atol=1e-9)
    assert measurement.after_rotation.angle == pytest.approx(degrees, abs=1e-3)
    assert measurement.after_ica.converged
    np.testing.assert_allclose(measurement.after_ica.matched_share, 1, atol=1e-6)
    np.testing.assert_allclose(measurement.linear_readout, 1, atol=1e-6)
    np.testing.assert_allclose(measurement.axes.joint_readout, 1, atol=1e-3)


def test_permuting_latents_permutes_every_score():
    codes, order = turned(UNIFORM, 20) ** 3, [2, 0, 1]
    plain, permuted = (measure_axes(represent(c)) for c in (codes, codes[:, order]))
    for name in ("share", "readout", "spearman"):
        np.testing.assert_allclose(
            getattr(permuted, name), getattr(plain, name)[order], atol=1e-9
        )
    renamed = [order[latent] for latent in permuted.matching if latent is not None]
    assert renamed == list(plain.matching)


def test_rescaling_and_shifting_latents_changes_nothing():
    codes = turned(UNIFORM, 20)
    plain = measure_axes(represent(codes))
    scaled = measure_axes(represent(codes * [1e3, 0.01, 7] + [5, -2, 0]))
    np.testing.assert_allclose(scaled.share, plain.share, atol=1e-9)
    np.testing.assert_allclose(scaled.readout, plain.readout, atol=1e-6)
    np.testing.assert_allclose(scaled.spearman, plain.spearman, atol=1e-9)
    np.testing.assert_allclose(scaled.joint_readout, plain.joint_readout, atol=1e-6)


def test_weights_equal_duplicated_rows():
    rng = np.random.default_rng(0)
    rows = rng.choice(len(GRID), 300, replace=False)
    count = rng.integers(1, 4, size=300)
    values = GRID.values[rows]
    codes = turned(UNIFORM, 20)[rows] + 0.1 * rng.normal(size=(300, 3))
    weighted = FactorTable(GRID.factors, values, count / count.sum(), False)
    repeated = FactorTable(
        GRID.factors,
        values.repeat(count, axis=0),
        np.full(count.sum(), 1 / count.sum()),
        False,
    )
    one = measure(represent(codes, weighted))
    two = measure(represent(codes.repeat(count, axis=0), repeated))
    for name in ("share", "readout", "spearman", "joint_readout"):
        np.testing.assert_allclose(
            getattr(one.axes, name), getattr(two.axes, name), atol=1e-6, err_msg=name
        )
    np.testing.assert_allclose(one.linear_readout, two.linear_readout, atol=1e-6)
    np.testing.assert_allclose(
        one.after_rotation.matched_share, two.after_rotation.matched_share, atol=1e-6
    )
    np.testing.assert_allclose(
        one.after_ica.matched_share, two.after_ica.matched_share, atol=1e-4
    )


def test_a_sample_gets_intervals_and_a_grid_gets_none():
    rows = np.random.default_rng(1).choice(len(GRID), 3000)
    sampled = FactorTable(
        GRID.factors, GRID.values[rows], np.full(3000, 1 / 3000), True, complete=False
    )
    codes = turned(UNIFORM, 20)
    measurement = measure(represent(codes[rows], sampled))
    intervals = measurement.intervals
    assert intervals is not None
    cos2 = np.cos(np.radians(20)) ** 2
    low, high = intervals.share[1]
    # out of the bag means are learnt from fewer rows, so the interval lies a bit low
    assert low < cos2 < high + 0.003
    assert high - low < 0.03
    assert (intervals.readout[:, 0] <= intervals.readout[:, 1]).all()
    assert any("measured on 3000 rows, a sample" in note for note in measurement.notes)
    assert measure(represent(codes)).intervals is None


def test_dependent_factors_are_noted():
    table = FactorTable(GRID.factors, GRID.values, GRID.probability, independent=False)
    notes = measure(represent(UNIFORM, table)).notes
    assert any("depend on one another" in note for note in notes)
    assert measure(represent(UNIFORM)).notes == ()


def labelled(num_rows, seed=0):
    """Sizes that differ between three species, one of which has one row only."""
    rng = np.random.default_rng(seed)
    species = rng.integers(0, 2, num_rows).astype(float)
    species[0] = 2
    size = 3 * species + rng.normal(size=num_rows)
    angle = rng.uniform(0, 360, num_rows).round()
    factors = (
        Factor("size", tuple(np.unique(size))),
        Factor("species", (0.0, 1.0, 2.0), kind="categorical", levels=("a", "b", "c")),
        Factor("angle", tuple(np.unique(angle)), kind="circular", period=360.0),
    )
    values = np.column_stack([size, species, angle])
    probability = np.full(num_rows, 1 / num_rows)
    table = FactorTable(factors, values, probability, False, complete=False)
    noise = 0.1 * rng.normal(size=(num_rows, 4))
    turn = np.radians(angle)
    codes = np.column_stack([size, species, np.cos(turn), np.sin(turn)]) + noise
    return represent(codes, table)


def test_dependent_factors_of_a_sample_are_named():
    found = labelled(400)
    (note, *_) = measure(found).notes
    assert note.startswith("size and species depend on one another (0.")
    assert "so a latent that follows one also follows the other" in note
    values = found.table.values
    values[:, 0] = np.random.default_rng(1).permutation(values[:, 0])
    assert not any("depend" in note for note in measure(found).notes)


def test_every_kind_of_factor_of_a_sample_has_intervals_around_its_scores():
    measurement = measure(labelled(400))
    axes, intervals = measurement.axes, measurement.intervals
    assert intervals is not None
    for factor, latent in enumerate(axes.matching):
        assert latent is not None
        for scores, (low, high) in (
            (axes.share, intervals.share[factor]),
            (axes.readout, intervals.readout[factor]),
        ):
            assert 0 <= low <= scores[latent, factor] <= high <= 1
            assert high - low < 0.7


@pytest.mark.parametrize("num_rows", [10, 11, 30])
def test_a_label_of_one_row_is_no_obstacle(num_rows):
    answer = build_answer(labelled(num_rows))
    assert len(answer.sentences) == 3
    assert "share" in str(answer)


def test_intervals_stand_in_the_table_of_a_sample():
    answer = build_answer(labelled(400))
    assert answer.measurement.intervals is not None
    low, high = answer.measurement.intervals.share[0]
    cell = f"({two_digits(low)} to {two_digits(high)})"
    assert cell in str(answer)
    assert cell in answer._repr_html_()
    assert " to " not in str(build_answer(represent(UNIFORM))).splitlines()[2]


def test_fewer_active_latents_than_factors_are_noted():
    notes = measure(represent(UNIFORM[:, :2])).notes
    assert any("active latents: 2, factors: 3" in note for note in notes)


def test_continuous_factors_are_binned_for_the_share():
    rng = np.random.default_rng(0)
    values = rng.uniform(size=(4000, 2))
    factors = tuple(
        Factor(name, tuple(np.unique(column)))
        for name, column in zip("ab", values.T, strict=True)
    )
    table = FactorTable(factors, values, np.full(4000, 1 / 4000), True, complete=False)
    # as many bins as the root of the rows
    assert len(np.unique(factor_levels(table)[:, 0])) == 63
    shares = share_of_table(values, table)
    np.testing.assert_allclose(np.diag(shares), 1, atol=1e-3)
    assert shares[0, 1] < 0.01


def test_values_of_a_full_grid_are_never_binned():
    table = full_grid((Factor("only", tuple(float(v) for v in range(100))),))
    assert factor_levels(table) is table.values


def test_kl_must_have_one_value_a_latent():
    with pytest.raises(ValueError, match="one KL .* each of the 3 latents, got shape"):
        measure(represent(UNIFORM), kl=np.ones(4))


def test_latents_of_an_inactive_code_take_no_part_but_are_scored():
    codes = np.stack([X, 1e-3 * X], axis=1)
    measurement = measure(represent(codes, active=[True, False]))
    assert measurement.axes.share[1, 1] == pytest.approx(1)
    assert measurement.axes.matching == (None, 0, None)
    np.testing.assert_array_equal(measurement.after_rotation.rotation, np.eye(2))
    assert measurement.after_ica.share.shape == (1, 3)


@pytest.mark.parametrize(("num_rows", "num_latents"), [(100, 20), (200, 5)])
def test_all_latents_read_what_one_of_them_reads_however_few_the_rows(
    num_rows, num_latents
):
    rng = np.random.default_rng(0)
    factor = rng.uniform(size=(num_rows, 1))
    noise = rng.normal(size=(num_rows, num_latents))
    noise[:, :1] = factor + 0.05 * noise[:, :1]
    axes = measure(representation_of(noise, factor)).axes
    assert axes.joint_readout[0] >= axes.readout[0, 0] > 0.9
