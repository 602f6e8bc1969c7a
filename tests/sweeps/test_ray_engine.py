"""Sweeps on a real Ray cluster of two nodes on this machine, one of them killed."""

import dataclasses
import os
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import jax
import numpy as np
import pytest

import tinyvae as tv
from quick_compilation import QUICKLY
from tinyvae.errors import DataError
from tinyvae.sweeps.engines import ray as ray_engine
from tinyvae.sweeps.engines.engine import Engine, Task
from tinyvae.sweeps.engines.ray_cluster import ray_package
from tinyvae.sweeps.ledger import open_ledger
from tinyvae.sweeps.members import Worlds, members_of
from tinyvae.sweeps.plan import Group
from tinyvae.sweeps.results import (
    Advanced,
    Done,
    Event,
    Failed,
    Halved,
    Retried,
    Started,
)

HOST = "127.0.0.2"  # Ray takes 127.0.0.1 for the address of the network card
NODE = {
    "num_cpus": 1,
    "object_store_memory": 100 * 2**20,
    "include_dashboard": False,
    "node_ip_address": HOST,
}
SMALL = {
    "worlds": [tv.Circles(8)],
    "networks": [tv.FullyConnected(hidden=(16, 8), latents=2)],
    "trainings": [tv.TrainingConfig(steps=300, batch_size=32)],
    "members": [2],
    "seeds": [0, 1],
    "together": 2,
}
OBJECTIVES = [tv.BetaVAE(2.0), tv.BetaVAE(4.0), tv.DIPVAEI(1.0, 3e38)]
TIMES = ("training_seconds", "measuring_seconds", "ended", "kept")
ENGINE = tv.RayEngine(checkpoint_every=0.0)

pytestmark = pytest.mark.slow


class Nodes:
    """A head, to which this process is connected, and one node to be killed."""

    def __init__(self) -> None:
        from ray.cluster_utils import Cluster

        self.cluster = Cluster(initialize_head=True, head_node_args=NODE)
        self.other = self.cluster.add_node(**NODE)

    def kill(self) -> None:
        self.cluster.remove_node(self.other, allow_graceful=False)
        self.other = None

    def mend(self) -> None:
        if self.other is None:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # JAX warns of forks
                self.other = self.cluster.add_node(**NODE)


@pytest.fixture(scope="module")
def nodes(_cache_of_the_tests) -> Iterator[Nodes]:
    ray = ray_package()
    environment = QUICKLY | {"RAY_ADDRESS": ""}
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Ray's own processes and files
        for name, value in environment.items():
            patch.setenv(name, value)
        found = Nodes()
        address = found.cluster.address
        ray.init(address, _node_ip_address=HOST, log_to_driver=False)
        yield found
        ray.shutdown()
        found.cluster.shutdown()


@pytest.fixture
def cluster(nodes) -> Nodes:
    nodes.mend()
    return nodes


class Watched:
    """An engine whose events are noted, and shown to somebody before the driver."""

    def __init__(self, engine: Engine, show: Callable[[Event], None] | None = None):
        self.engine, self.show = engine, show
        self.events: list[Event] = []

    def results(self, tasks) -> Iterator[Event]:
        for event in self.engine.results(tasks):
            self.events.append(event)
            if self.show is not None:
                self.show(event)
            yield event

    def of(self, kind: type) -> list:
        return [event for event in self.events if isinstance(event, kind)]


def small(out: Path, **more) -> tv.SweepTable:
    return tv.sweep(out=out, **{"objectives": OBJECTIVES, **SMALL, **more})


def assert_same(found: tv.SweepTable, expected: tv.SweepTable):
    """The same members in the same states, and numbers within the tolerance."""
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        for name in other.keys() - {*TIMES}:
            if isinstance(other[name], float):
                assert one[name] == pytest.approx(other[name], rel=2e-3, abs=2e-3), name
            else:
                assert one[name] == other[name], name


def once(watched: Watched) -> list[str]:
    """The members that were reported, each exactly once."""
    found = [event.identity for event in watched.of(Done) + watched.of(Failed)]
    assert len(set(found)) == len(found)
    return found


@pytest.fixture(scope="module")
def local(tmp_path_factory) -> tv.SweepTable:
    return small(tmp_path_factory.mktemp("local"))


def test_a_cluster_gives_the_table_of_one_process(cluster, local, tmp_path):
    watched = Watched(ENGINE)
    table = small(tmp_path, engine=watched, keep="all")
    assert_same(table, local)
    # two members diverge, as they do in one process
    assert table["state"] == ["done"] * 4 + ["failed"] * 2
    assert sorted(once(watched)) == sorted(str(name) for name in table["identity"])
    assert {event.group for event in watched.of(Started)} == {0, 1, 2}
    # weights came to the driver
    for place in range(4):
        run = table.run(place)
        assert run.answer.to_json() == table.answer(place).to_json()
        assert run.environment["devices"] == ["cpu:0"]
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_dir()) == [
        "checkpoints",
        "runs",
    ]
    assert not list((tmp_path / "checkpoints").iterdir())


def test_a_node_that_is_killed_loses_nothing(cluster, tmp_path):
    training = tv.TrainingConfig(steps=6000, batch_size=32)
    settings = {"objectives": OBJECTIVES[:2], "trainings": [training]}
    expected = small(tmp_path / "local", **settings)
    steps: dict[int, int] = {}

    def kill_while_both_train(event: Event):
        if isinstance(event, Advanced) and cluster.other is not None:
            steps[event.group] = event.step
            if len(steps) == 2 and min(steps.values()) > 0:
                cluster.kill()

    watched = Watched(ENGINE, kill_while_both_train)
    table = small(tmp_path / "ray", engine=watched, keep="best", **settings)
    assert cluster.other is None
    assert_same(table, expected)
    assert sorted(once(watched)) == sorted(str(name) for name in table["identity"])
    (retried,) = watched.of(Retried)
    assert "node was lost" in retried.reason
    # the other node continues from the checkpoint, since it sees the same folder
    again = watched.events[watched.events.index(retried) :]
    mine = [e for e in again if isinstance(e, Advanced) and e.group == retried.group]
    assert mine[0].step > 0
    kept = {Path(str(name)).name for name in table["kept"] if name is not None}
    assert kept == {path.name for path in (tmp_path / "ray" / "runs").iterdir()}


def test_weights_are_written_by_the_workers_and_read_again(cluster, tmp_path):
    url = f"file://{tmp_path}/shared"
    settings = {"objectives": OBJECTIVES[:2], "keep": "best", "engine": ENGINE}
    table = small(tmp_path / "sweep", weights=url, **settings)
    assert not (tmp_path / "sweep" / "runs").exists()
    kept = [str(name) for name in table["kept"] if name is not None]
    assert len(kept) == 2
    assert all(name.startswith(f"{url}/sweep-") for name in kept)
    # those that are not the best are gone, and nothing else was left
    (place,) = (tmp_path / "shared").iterdir()
    assert {f"{url}/{place.name}/{path.name}" for path in place.iterdir()} == set(kept)
    for number, name in enumerate(table["kept"]):
        if name is not None:
            answer = table.run(number).answer
            assert answer.to_json() == table.answer(number).to_json()


def test_a_sweep_that_was_interrupted_continues(cluster, local, tmp_path):
    asked = []

    def stop(progress):
        if progress.done == 1:
            asked.append(time.monotonic())
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        small(tmp_path, engine=ENGINE, watch=stop)
    assert time.monotonic() - asked[0] < 1.5
    with open_ledger(tmp_path) as ledger:
        assert ledger.counts()["done"] == 1
    watched = Watched(ENGINE)
    table = tv.sweep(out=tmp_path, resume=True, engine=watched)
    assert_same(table, local)
    assert len(once(watched)) == 5


def test_own_pictures_travel_with_the_groups(cluster, tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    images = np.zeros((60, 8, 8), np.float32)
    place = rng.integers(0, 6, 60)
    images[np.arange(60), place, 2] = 1
    images[np.arange(60), place + 1, 2] = 1
    world = tv.Pictures(images, {"height": place})
    sweep, elsewhere = tmp_path / "sweep", tmp_path / "elsewhere"

    train = ray_engine.train

    def without_the_folder(task, world, conditions):
        if sweep.joinpath("worlds").exists():
            sweep.joinpath("worlds").rename(elsewhere)
        yield from train(task, world, conditions)

    monkeypatch.setattr(ray_engine, "train", without_the_folder)
    settings = {"worlds": [world], "objectives": OBJECTIVES[:1], "keep": "all"}
    url = f"file://{tmp_path}/shared"
    table = small(sweep, engine=ENGINE, weights=url, **settings)
    assert table["state"] == ["done", "done"]
    assert all(isinstance(elbo, float) for elbo in table["test_elbo"])
    # a run folder has all that it needs
    run = table.run(0)
    assert run.population.image_shape == (8, 8, 1)


def test_the_command_works_on_a_cluster_at_an_address(cluster, tmp_path):
    command = [
        "sweep", "--objective", "beta-vae", "--seeds", "0:1", "--size", "8",
        "--hidden", "16,8", "--steps", "60", "--batch-size", "16", "--members", "1",
        "--together", "1", "--out", tmp_path, "--engine", "ray",
        "--address", cluster.cluster.address,
    ]  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "tinyvae", *map(str, command)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert "1 of 1 members done" in done.stderr
    assert tv.load_sweep(tmp_path)["state"] == ["done"]


def tasks() -> list[Task]:
    """Groups 3 and 4, each of two members."""
    config = tv.RunConfig(
        tv.Circles(8),
        tv.BetaVAE(),
        tv.FullyConnected(hidden=(16, 8), latents=2),
        tv.TrainingConfig(steps=60, batch_size=16),
        members=1,
    )
    seeds = [dataclasses.replace(config, seed=seed) for seed in range(4)]
    members = tuple(members_of(seeds, Worlds()))
    return [Task(Group(3, members[:2], 2)), Task(Group(4, members[2:], 2))]


def test_a_group_that_ends_its_workers_fails_and_the_others_go_on(cluster, monkeypatch):
    train = ray_engine.train

    def ends_the_worker(task, world, conditions):
        if task.group.number == 3:
            os._exit(1)
        yield from train(task, world, conditions)

    monkeypatch.setattr(ray_engine, "train", ends_the_worker)
    watched = Watched(ENGINE)
    list(watched.results(tasks()))
    once(watched)
    bad, good = ({m.identity for m in task.group.members} for task in tasks())
    assert {event.identity for event in watched.of(Done)} == good
    assert {event.identity for event in watched.of(Failed)} == bad
    assert len(watched.of(Retried)) == 2
    reason = watched.of(Failed)[0].reason
    assert "lost 3 workers without a result" in reason
    assert "its worker process ended" in reason


def test_members_that_were_reported_are_not_trained_again(
    cluster, tmp_path, monkeypatch
):
    train = ray_engine.train

    def ends_after_the_first(task, world, conditions):
        for event in train(task, world, conditions):
            yield event
            if isinstance(event, Done) and not task.done:
                time.sleep(1.0)  # until it is sent
                os._exit(1)

    monkeypatch.setattr(ray_engine, "train", ends_after_the_first)
    watched = Watched(ENGINE)
    (task, _) = tasks()
    list(watched.results([task]))
    first, second = (member.identity for member in task.group.members)
    assert once(watched) == [first, second]
    assert watched.of(Started) == [Started(3, (first, second)), Started(3, (second,))]


def test_an_error_in_a_worker_comes_out(cluster, monkeypatch):
    def broken(task, world, conditions):
        yield Started(task.group.number, ())
        raise DataError("expected codes, got none.")

    monkeypatch.setattr(ray_engine, "train", broken)
    with pytest.raises(DataError, match=r"^expected codes, got none\.$"):
        list(ENGINE.results(tasks()))


def test_out_of_memory_halves_a_group(cluster, monkeypatch):
    train = ray_engine.train

    def little_memory(task, world, conditions):
        from tinyvae.sweeps.engines import local

        train_group = local.train_group

        def at_most_one(opened, session, for_each):
            if len(opened) > 1:
                raise jax.errors.JaxRuntimeError("RESOURCE_EXHAUSTED: 5 TB")
            yield from train_group(opened, session, for_each)

        local.train_group = at_most_one
        try:
            yield from train(task, world, conditions)
        finally:
            local.train_group = train_group

    monkeypatch.setattr(ray_engine, "train", little_memory)
    watched = Watched(ENGINE)
    list(watched.results(tasks()[:1]))
    assert watched.of(Halved) == [Halved(3, 1)]
    assert len(once(watched)) == 2


def test_a_group_that_fits_nowhere_waits_and_says_so(cluster, monkeypatch):
    monkeypatch.setattr(ray_engine, "PATIENCE", 0.0)
    events = tv.RayEngine(cpus=64.0).results(tasks())
    event = next(events)
    assert event == ray_engine.Waiting(
        "waiting for a node with 64 CPUs: the cluster has none"
    )
    events.close()  # type: ignore[attr-defined]
