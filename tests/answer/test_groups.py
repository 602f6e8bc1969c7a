"""Circles and other groups of latents, on constructed codes."""

import numpy as np
import pytest

from tinyvae.answer import build_answer
from tinyvae.answer.groups import groups_of
from tinyvae.from_arrays import representation_of
from tinyvae.measures.tables import readout_of_table, share_of_table


def circle(num_rows, num_latents, noise, seed):
    """A circle of random phase and radius in two of many latents; a size in another."""
    rng = np.random.default_rng(seed)
    hue, size = rng.uniform(0, 360, num_rows), rng.normal(size=num_rows)
    angle = np.radians(hue) + rng.uniform(0, 2 * np.pi)
    radius = rng.uniform(0.3, 3)
    codes = rng.normal(size=(num_rows, num_latents))
    first, second, other = rng.permutation(num_latents)[:3]
    codes[:, first] = radius * (np.cos(angle) + noise * codes[:, first])
    codes[:, second] = radius * (np.sin(angle) + noise * codes[:, second])
    codes[:, other] = size
    found = representation_of(
        codes,
        np.column_stack([hue, size]),
        names=["hue", "size"],
        kinds=["circular:360", "ordered"],
    )
    return found, tuple(sorted((int(first), int(second))))


def groups(found):
    codes, table = found.codes, found.table
    share, readout = share_of_table(codes, table), readout_of_table(codes, table)
    return groups_of(codes, table, share, readout, found.active)


@pytest.mark.parametrize("noise", [0.0, 0.1])
@pytest.mark.parametrize("num_latents", [10, 40])
@pytest.mark.parametrize("seed", [0, 1])
def test_a_circle_is_found_at_any_phase_and_radius(noise, num_latents, seed):
    found, pair = circle(600, num_latents, noise, seed)
    group = groups(found)[0]
    assert group is not None
    assert group.circle
    assert group.latents == pair
    assert group.readout > 0.97
    assert group.share > 0.95


@pytest.mark.slow
def test_a_circle_among_100_latents_makes_the_verdict_clear():
    found, pair = circle(2000, 100, 0.1, 3)
    answer = build_answer(found)
    hue, size = answer.matches
    assert (hue.verdict, hue.group, size.verdict) == ("clear", pair, "clear")
    assert answer.verdict == "yes, each (hue as a circle)"
    assert answer.sentences[0].startswith(
        f"hue is the circle in (z{pair[0]}, z{pair[1]})"
    )


@pytest.mark.slow
def test_a_third_latent_that_reads_the_circle_makes_it_shared():
    found, pair = circle(600, 10, 0.05, 0)
    extra = found.codes[:, [pair[0]]] * 2
    codes = np.hstack([found.codes, extra])
    other = representation_of(
        codes,
        found.table.values,
        names=["hue", "size"],
        kinds=["circular:360", "ordered"],
    )
    hue = build_answer(other).matches[0]
    assert hue.verdict == "shared"
    assert hue.circle
    assert [one.threshold for one in hue.short] == ["other_readout"]


@pytest.mark.slow
def test_a_noisy_circle_is_shared_and_says_its_share():
    answer = build_answer(circle(1000, 5, 0.5, 0)[0])
    assert answer.matches[0].verdict in ("shared", "partial")
    found, _ = circle(1000, 5, 0.18, 0)
    answer = build_answer(found)
    assert answer.matches[0].verdict == "shared"
    assert "their share is 0.9" in answer.sentences[0]


def test_two_latents_that_hold_a_size_together_are_named():
    rng = np.random.default_rng(0)
    size, other, noise = rng.normal(size=(3, 800))
    codes = np.column_stack([size + other, noise, size - other])
    answer = build_answer(representation_of(codes, size[:, None], names=["size"]))
    assert answer.matches[0].group == (0, 2)
    assert answer.sentences[0].startswith("size is shared: (z0, z2) read it together")


def test_a_latent_that_only_takes_noise_away_is_found_beside_another():
    rng = np.random.default_rng(1)
    size, noise, rest = rng.normal(size=(3, 800))
    codes = np.column_stack([size + 2 * noise, rest, noise])
    group = groups(representation_of(codes, size[:, None]))[0]
    assert group is not None
    assert group.latents == (0, 2)
    assert group.readout > 0.98


def test_three_latents_hold_a_size_together():
    rng = np.random.default_rng(2)
    parts = rng.normal(size=(3, 900))
    codes = np.column_stack([*parts, *rng.normal(size=(4, 900))])
    group = groups(representation_of(codes, parts.sum(axis=0)[:, None]))[0]
    assert group is not None
    assert group.latents == (0, 1, 2)


def test_labels_of_four_classes_are_held_by_two_latents():
    rng = np.random.default_rng(3)
    label = rng.integers(0, 4, 800)
    codes = np.column_stack([label % 2, rng.normal(size=800), label // 2])
    codes = codes + 0.05 * rng.normal(size=codes.shape)
    found = representation_of(codes, label[:, None], kinds=["categorical"])
    group = groups(found)[0]
    assert group is not None
    assert group.latents == (0, 2)
    assert group.readout > 0.98


@pytest.mark.slow
def test_independent_latents_hold_nothing_together():
    """40 tables of noise: no group reads a factor well; 5 % would be two."""
    for seed in range(20):
        rng = np.random.default_rng(seed)
        factors = np.column_stack([rng.uniform(0, 360, 300), rng.normal(size=300)])
        found = representation_of(
            rng.normal(size=(300, 10)), factors, kinds=["circular:360", "ordered"]
        )
        readouts = [group.readout for group in groups(found) if group is not None]
        assert max(readouts, default=0.0) < 0.25


def test_one_latent_that_reads_the_factor_needs_no_group():
    rng = np.random.default_rng(4)
    codes = rng.normal(size=(500, 4))
    assert groups(representation_of(codes, codes[:, [1]])) == (None,)
