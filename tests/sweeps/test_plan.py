"""Groups hold members of the same shapes, and every member once."""

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinyvae as tv
from tinyvae.errors import ConfigError
from tinyvae.sweeps.members import Worlds, members_of
from tinyvae.sweeps.plan import Sizes, by_shape, plan_groups, split, work_of


def shapes(*configs: tv.RunConfig) -> list[int]:
    return [len(part) for part in by_shape(members_of(configs, Worlds()))]


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 5},
        {"objective": tv.CoarseToFine(tc_share=0.1)},
        {"objective": tv.CoarseToFine(kl_share=0.1, tc_end=0.9)},
    ],
)
def test_seeds_and_numbers_of_the_objective_share_a_group(change):
    assert shapes(tv.RunConfig(), dataclasses.replace(tv.RunConfig(), **change)) == [2]


@pytest.mark.parametrize(
    "change",
    [
        {"objective": tv.ELBO()},
        {"objective": tv.CoarseToFine(fine_at=0.2)},  # which selects at another step
        {"training": tv.TrainingConfig(learning_rate=1e-3)},
        {"network": tv.FullyConnected((8,))},
        {"world": tv.Circles(layout="disc")},
        {"members": 1},
        {"likelihood": "continuous-bernoulli"},
    ],
)
def test_other_shapes_are_another_group(change):
    changed = dataclasses.replace(tv.RunConfig(), **change)
    assert shapes(tv.RunConfig(), changed) == [1, 1]


def test_runs_on_fixed_pictures_share_a_group_if_they_share_the_seed():
    first = tv.RunConfig(objective=tv.BetaVAE(2.0), samples=20)
    other = dataclasses.replace(first, objective=tv.BetaVAE(4.0))
    seed = dataclasses.replace(first, seed=1)
    assert shapes(first, other, seed) == [2, 1]


@given(st.integers(1, 60), st.integers(1, 70))
def test_parts_are_nearly_equal_and_hold_everyone_in_order(count, size):
    members = members_of([tv.RunConfig(seed=s) for s in range(2)], Worlds())
    many = [members[place % 2] for place in range(count)]
    parts = split(many, size)
    assert [member for part in parts for member in part] == many
    lengths = {len(part) for part in parts}
    assert max(lengths) <= size
    assert max(lengths) - min(lengths) <= 1


def test_groups_are_numbered_on():
    members = members_of([tv.RunConfig(seed=s) for s in range(5)], Worlds())
    groups = plan_groups(members, lambda _: 2, first=7)
    assert [group.number for group in groups] == [7, 8, 9]
    assert [len(group.members) for group in groups] == [1, 2, 2]
    assert [group.together for group in groups] == [1, 2, 2]


def test_the_work_of_a_run_counts_all_vaes_to_the_selection():
    training = tv.TrainingConfig(steps=100, batch_size=10)
    one = tv.RunConfig(objective=tv.ELBO(), training=training, members=1)
    assert work_of(one) == 100 * 10
    assert work_of(dataclasses.replace(one, members=3)) == (100 + 2 * 50) * 10


@pytest.mark.parametrize("name", ["together", "memory"])
def test_sizes_below_one_are_refused(name):
    with pytest.raises(ConfigError, match=f"expected {name} of at least 1, got 0"):
        Sizes(**dict[str, Any]({name: 0}))
