"""The local engine: every member once, whatever happens to a group."""

import dataclasses
import time

import jax
import numpy as np
import pytest

import tinyvae as tv
from tinyvae.errors import DataError
from tinyvae.sweeps import group_checkpoints
from tinyvae.sweeps.engines import local
from tinyvae.sweeps.engines.engine import Engine, Task
from tinyvae.sweeps.engines.local import LocalEngine, checkpoint_path
from tinyvae.sweeps.group_checkpoints import read_group, write_group
from tinyvae.sweeps.members import Worlds, members_of
from tinyvae.sweeps.plan import Group
from tinyvae.sweeps.results import Advanced, Done, Failed, Halved, Started

SMALL = tv.RunConfig(
    tv.Circles(8),
    tv.BetaVAE(),
    tv.FullyConnected(hidden=(16, 8), latents=2),
    tv.TrainingConfig(steps=60, batch_size=16),
    members=2,
)
MEMBERS = members_of([dataclasses.replace(SMALL, seed=s) for s in range(4)], Worlds())
NAMES = tuple(member.identity for member in MEMBERS)


def task(done: frozenset[str] = frozenset(), checkpoints=None) -> Task:
    return Task(Group(3, tuple(MEMBERS), len(MEMBERS)), done, checkpoints)


def results(events) -> dict[str, Done | Failed]:
    found = [event for event in events if isinstance(event, Done | Failed)]
    assert len({result.identity for result in found}) == len(found)
    return {result.identity: result for result in found}


def assert_same(one: Done | Failed, other: Done | Failed, **tolerance):
    assert isinstance(one, Done)
    assert isinstance(other, Done)
    pairs = zip(
        jax.tree.leaves(one.run.vae), jax.tree.leaves(other.run.vae), strict=True
    )
    for a, b in pairs:
        np.testing.assert_allclose(a, b, **tolerance)
    losses, others = ([row.loss for row in d.run.history] for d in (one, other))
    np.testing.assert_allclose(losses, others, **tolerance)


@pytest.fixture(scope="module")
def events():
    return list(LocalEngine().results([task()]))


def test_it_is_an_engine():
    assert isinstance(LocalEngine(), Engine)


def test_every_member_is_reported_once_with_all_results(events):
    assert events[0] == Started(3, NAMES)
    found = results(events)
    assert tuple(found) == NAMES
    for member in MEMBERS:
        result = found[member.identity]
        assert isinstance(result, Done)
        assert result.run.config == member.config
        assert len(result.run.members) == 2
        assert result.run.answer.factors == ("radius", "x", "y")
        assert {score.id for score in result.scores} >= {"mig", "total_correlation"}
        assert result.run.test is None


def test_the_pictures_of_all_steps_are_counted(events):
    trained = sum(event.pictures for event in events if isinstance(event, Advanced))
    # two VAEs for the half of training, then one
    assert trained == 4 * (60 + 30) * 16


def test_members_that_are_done_are_not_measured_again(events):
    some = list(LocalEngine().results([task(frozenset(NAMES[:3]))]))
    assert some[0] == Started(3, NAMES[3:])
    assert tuple(results(some)) == NAMES[3:]
    all_done = frozenset(NAMES)
    assert list(LocalEngine().results([task(all_done)])) == []


@pytest.mark.parametrize("stop", [10, 45])  # before and after the selection
def test_a_group_that_was_interrupted_continues(stop, events, tmp_path):
    first = LocalEngine().results([task(checkpoints=tmp_path)])
    for event in first:
        if isinstance(event, Advanced) and event.step >= stop:
            break
    first.close()  # type: ignore[attr-defined]
    assert checkpoint_path(tmp_path, NAMES).exists()
    second = list(LocalEngine().results([task(checkpoints=tmp_path)]))
    steps = [event.step for event in second if isinstance(event, Advanced)]
    assert steps[0] == stop
    whole, found = results(events), results(second)
    for name in NAMES:
        assert_same(found[name], whole[name], rtol=0, atol=0)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("content", [b"", b"half a checkpoint"])
def test_a_damaged_checkpoint_only_costs_time(content, tmp_path):
    path = checkpoint_path(tmp_path, NAMES)
    path.write_bytes(content)
    found = results(LocalEngine().results([task(checkpoints=tmp_path)]))
    assert tuple(found) == NAMES


def test_out_of_memory_halves_a_group(events, monkeypatch):
    train = local.train_group

    def train_at_most_two(opened, session, for_each):
        if len(opened) > 2:
            raise jax.errors.JaxRuntimeError("RESOURCE_EXHAUSTED: 5 TB")
        yield from train(opened, session, for_each)

    monkeypatch.setattr(local, "train_group", train_at_most_two)
    halved = list(LocalEngine().results([task()]))
    assert [event for event in halved if isinstance(event, Halved)] == [Halved(3, 2)]
    whole, found = results(events), results(halved)
    assert set(found) == set(NAMES)
    for name in NAMES:
        assert_same(found[name], whole[name], rtol=2e-3, atol=2e-4)


def test_a_member_that_does_not_fit_alone_fails(monkeypatch):
    def no_memory(opened, session, for_each):
        raise MemoryError

    monkeypatch.setattr(local, "train_group", no_memory)
    found = list(LocalEngine().results([task()]))
    halved = [event.together for event in found if isinstance(event, Halved)]
    assert halved == [2, 1]
    assert set(results(found)) == set(NAMES)
    for result in results(found).values():
        assert isinstance(result, Failed)
        assert "ran out of memory, although it trained alone" in result.reason


def test_another_error_is_not_taken_for_a_lack_of_memory(monkeypatch):
    def broken(opened, session, for_each):
        raise jax.errors.JaxRuntimeError("INTERNAL: broken")

    monkeypatch.setattr(local, "train_group", broken)
    with pytest.raises(jax.errors.JaxRuntimeError, match="INTERNAL"):
        list(LocalEngine().results([task()]))


def test_a_member_that_cannot_be_measured_fails_and_the_others_go_on(monkeypatch):
    answer_of, calls = local.answer_of, []

    def sometimes(vae, opened):
        calls.append(1)
        if len(calls) == 2:
            raise DataError("expected codes, got none.")
        return answer_of(vae, opened)

    monkeypatch.setattr(local, "answer_of", sometimes)
    found = results(LocalEngine().results([task()]))
    kinds = [type(found[name]) for name in NAMES]
    assert kinds == [Done, Failed, Done, Done]
    bad = found[NAMES[1]]
    assert isinstance(bad, Failed)
    assert "could not be measured: expected codes, got none." in bad.reason
    assert bad.history


@pytest.mark.parametrize("after_training", [False, True])
def test_the_time_before_an_interruption_counts(after_training, tmp_path):
    first = LocalEngine().results([task(checkpoints=tmp_path)])
    before = 0.0
    for event in first:
        assert isinstance(event, Started | Advanced)
        if isinstance(event, Advanced):
            before += event.seconds
            if event.doing if after_training else event.step >= 45:
                break
    first.close()  # type: ignore[attr-defined]
    assert before > 0
    second = list(LocalEngine().results([task(checkpoints=tmp_path)]))
    after = sum(event.seconds for event in second if isinstance(event, Advanced))
    assert (after == 0) == after_training
    for result in results(second).values():
        assert isinstance(result, Done)
        assert result.training_seconds == pytest.approx((before + after) / 4)


def test_a_checkpoint_has_the_times_and_one_of_before_has_none(monkeypatch, tmp_path):
    opened = [Worlds().opened(member.config) for member in MEMBERS]
    session = dataclasses.replace(
        local.begin(opened), seconds=20.5, compile_seconds=3.0
    )
    path = tmp_path / "group.safetensors"
    write_group(path, session, NAMES)
    found = read_group(path, opened, NAMES)
    assert found is not None
    assert (found.seconds, found.compile_seconds) == (20.5, 3)

    write = group_checkpoints.write_tree
    monkeypatch.setattr(
        group_checkpoints,
        "write_tree",
        lambda path, tree, *, seconds, **others: write(path, tree, **others),
    )
    write_group(path, session, NAMES)
    found = read_group(path, opened, NAMES)
    assert found is not None
    assert (found.seconds, found.compile_seconds) == (0, 0)


def test_compiling_counts_neither_as_training_nor_as_measuring():
    """A shape that no other test has compiles; the same one again does not."""
    trained = dataclasses.replace(SMALL.training, batch_size=17)
    one = dataclasses.replace(SMALL, training=trained, world=tv.Circles(9))
    members = tuple(members_of([one, dataclasses.replace(one, seed=1)], Worlds()))
    group = Task(Group(0, members, 2), frozenset(), None)
    started = time.perf_counter()
    cold, again = (results(LocalEngine().results([group])) for _ in range(2))
    whole = time.perf_counter() - started
    first, *others = [*cold.values(), *again.values()]
    assert isinstance(first, Done)
    compiling = first.run.environment["compile_seconds"]
    assert 0.2 < compiling < whole
    for other in others:
        assert isinstance(other, Done)
        # the first one does what every one does
        assert first.training_seconds < other.training_seconds + compiling / 4
        assert first.measuring_seconds < other.measuring_seconds + compiling / 4
    last = others[-1]
    assert isinstance(last, Done)
    assert last.run.environment["compile_seconds"] < compiling / 4


def test_what_the_driver_does_meanwhile_is_not_training():
    def slowly(events):
        for event in events:
            if isinstance(event, Advanced):
                time.sleep(0.1)
            yield event

    events = list(slowly(LocalEngine().results([task()])))
    training = [e for e in events if isinstance(e, Advanced) and e.pictures]
    assert len(training) >= 6
    assert sum(event.seconds for event in training) < 0.1 * len(training)
