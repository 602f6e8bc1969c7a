"""The size of groups: by memory and speed, which are measured on the real loop."""

import dataclasses

import pytest

import tinyvae as tv
from tinyvae.sweeps import capacity
from tinyvae.sweeps.capacity import Tried, free_memory, measure_capacity
from tinyvae.sweeps.members import Worlds
from tinyvae.sweeps.plan import Sizes

LONG = tv.RunConfig(
    tv.Circles(8),
    network=tv.FullyConnected((8,), latents=2),
    training=tv.TrainingConfig(steps=1_000_000, batch_size=16),
)


def opened(count: int, config: tv.RunConfig = LONG):
    worlds = Worlds()
    configs = [dataclasses.replace(config, seed=seed) for seed in range(count)]
    return [worlds.opened(config) for config in configs]


@pytest.fixture
def machine(monkeypatch):
    """A machine of one core whose speed is given; a run takes 10 bytes."""
    monkeypatch.setattr("tinyvae.machine.cores", lambda: 1)

    def of_speeds(speeds: dict[int, float]) -> list[int]:
        asked: list[int] = []

        def tried(runs):
            asked.append(len(runs))
            return Tried(len(runs), 100 + 10 * len(runs), 100, speeds[len(runs)])

        monkeypatch.setattr(capacity, "_try", tried)
        return asked

    return of_speeds


@pytest.mark.parametrize(
    ("speeds", "together"),
    [
        ({1: 100.0, 4: 101.0, 16: 102.0}, 1),  # no gain
        ({1: 100.0, 4: 50.0, 16: 25.0}, 1),
        ({1: 100.0, 4: 300.0, 16: 301.0, 64: 302.0}, 4),
        ({1: 100.0, 4: 95.0, 16: 300.0, 64: 301.0}, 16),  # a slow timing of 4
        ({1: 100.0, 4: 300.0, 16: 290.0, 64: 2000.0}, 64),
        ({1: 100.0, 4: 300.0, 16: 900.0, 64: 2000.0}, 64),
    ],
)
def test_the_smallest_size_that_no_larger_one_beats_is_taken(machine, speeds, together):
    asked = machine(speeds)
    assert measure_capacity(opened(100), Sizes(memory=10**6)).together == together
    assert asked == list(speeds)


def test_there_are_groups_for_all_cores_where_training_is_long(machine, monkeypatch):
    monkeypatch.setattr("tinyvae.machine.cores", lambda: 3)
    machine({1: 100.0, 4: 300.0, 16: 900.0, 64: 2000.0})
    assert measure_capacity(opened(100), Sizes(memory=10**6)).together == 34
    machine({1: 1e9, 4: 3e9, 16: 9e9, 64: 2e10})
    assert measure_capacity(opened(100), Sizes(memory=10**6)).together == 64


def test_memory_limits_the_size_before_it_is_tried(machine):
    asked = machine({1: 100.0, 4: 300.0, 16: 900.0, 64: 2000.0})
    found = measure_capacity(opened(100), Sizes(memory=300))
    assert found.together == 16
    assert found.memory() == 260
    assert asked == [1, 4, 16]  # 64 would take 740


def test_a_run_that_fits_nowhere_is_tried_alone(machine):
    machine({1: 100.0})
    assert measure_capacity(opened(5), Sizes(memory=5)).together == 1


def test_a_given_size_is_not_measured(machine):
    asked = machine({1: 1.0, 4: 1.0})
    assert measure_capacity(opened(5), Sizes(together=7)).together == 5
    assert asked == []


def test_short_training_is_not_worth_measuring(machine):
    training = tv.TrainingConfig(steps=5, batch_size=16)
    short = dataclasses.replace(LONG, training=training)
    asked = machine({1: 1e12})
    found = measure_capacity(opened(40, short), Sizes(memory=10**6))
    assert found.together == capacity.UNMEASURED["cpu"]
    assert asked == [1]


SHORT = dataclasses.replace(LONG, training=tv.TrainingConfig(steps=5, batch_size=16))


@pytest.mark.parametrize(
    ("speeds", "config"),
    [
        ({1: 1e12, 4: 1e12, 16: 1e12}, SHORT),  # too short to be worth measuring
        ({1: 100.0, 4: 101.0, 16: 102.0}, LONG),
        ({1: 100.0, 4: 300.0, 16: 900.0, 64: 2000.0}, LONG),
    ],
)
@pytest.mark.parametrize("cores", [1, 3])
def test_a_forecast_chooses_as_the_sweep_does(
    machine, monkeypatch, speeds, config, cores
):
    monkeypatch.setattr("tinyvae.machine.cores", lambda: cores)
    machine({**speeds, 34: 1500.0})  # 100 runs on 3 cores
    runs, sizes = opened(100, config), Sizes(memory=10**6)
    chosen = measure_capacity(runs, sizes)
    thorough = measure_capacity(runs, sizes, thorough=True)
    assert thorough.together == chosen.together
    assert thorough.nearest().runs == thorough.together  # its time is measured
    assert set(chosen.tried) <= set(thorough.tried)


def test_the_loop_itself_is_measured():
    training = tv.TrainingConfig(steps=5, batch_size=16)
    short = dataclasses.replace(LONG, training=training, members=1)
    found = measure_capacity(opened(2, short), Sizes(together=2), thorough=True)
    (tried,) = found.tried
    assert tried.runs == 2
    assert tried.pictures_per_second > 0
    # weights, two moments and pictures of both runs, at least
    assert tried.memory > 2 * 3 * 4 * (64 * 8 + 8 * 4 + 2 * 8 + 8 * 64)


def test_some_memory_is_free():
    assert free_memory() > 2**20
