"""Sweeps from start to end: `tinyvae.sweep`, its table, and what a stop leaves."""

import errno
import os
from pathlib import Path

import numpy as np
import pytest

import tinyvae as tv
from tinyvae.errors import ConfigError, DataError, RunFolderError
from tinyvae.sweeps.engines.local import LocalEngine
from tinyvae.sweeps.ledger import open_ledger
from tinyvae.sweeps.ledger_writing import continue_ledger
from tinyvae.sweeps.live import LIVE
from tinyvae.sweeps.results import Done

SMALL = {
    "worlds": [tv.Circles(8)],
    "networks": [tv.FullyConnected(hidden=(16, 8), latents=2)],
    "trainings": [tv.TrainingConfig(steps=600, batch_size=32)],
    "members": [2],
}
TIMES = ("training_seconds", "measuring_seconds", "ended")


def small(out: Path, betas=(2.0, 4.0), seeds=(0, 1), **more) -> tv.SweepTable:
    objectives = [tv.BetaVAE(beta) for beta in betas]
    return tv.sweep(
        out=out, objectives=objectives, seeds=seeds, together=2, **SMALL, **more
    )


def results(table: tv.SweepTable) -> list[tuple]:
    """All rows but for the times."""
    return [
        tuple(cell for name, cell in row.items() if name not in TIMES) for row in table
    ]


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> tv.SweepTable:
    return small(tmp_path_factory.mktemp("sweep") / "a", keep="best")


def test_the_table_has_a_row_for_each_member_in_the_order_of_the_spec(finished):
    assert len(finished) == 4
    assert finished["objective.beta"] == [2.0, 2.0, 4.0, 4.0]
    assert finished["seed"] == [0, 1, 0, 1]
    assert finished["state"] == ["done"] * 4
    assert finished[0]["identity"] == finished["identity"][0]
    assert len(finished[1:3]) == 2
    assert [row["seed"] for row in finished] == [0, 1, 0, 1]
    with pytest.raises(KeyError, match="expected a column among identity, group"):
        finished["sead"]


def test_a_member_is_the_run_that_train_gives(finished):
    run = tv.train(
        SMALL["worlds"][0],
        tv.BetaVAE(4.0),
        network=SMALL["networks"][0],
        training=SMALL["trainings"][0],
        seed=1,
        members=2,
    )
    answer = finished.answer(3)
    assert answer.fit is not None
    assert run.answer.fit is not None
    np.testing.assert_allclose(answer.fit.elbo, run.answer.fit.elbo, rtol=1e-3)
    np.testing.assert_allclose(answer.share, run.answer.share, atol=2e-3)
    assert finished["elbo"][3] == answer.fit.elbo
    scores = tv.score(run)
    assert not np.isnan(scores["mig"].value)
    for name in ("mig", "share", "total_correlation"):
        np.testing.assert_allclose(finished[3][name], scores[name].value, atol=5e-3)
    chosen = next(m.member for m in run.members if m.chosen)
    history = [row for row in run.history if row.member == chosen]
    assert [row.step for row in finished.history(3)] == [row.step for row in history]


def test_the_best_seed_of_each_setting_is_kept(finished):
    kept = [name is not None for name in finished["kept"]]
    for places in ((0, 1), (2, 3)):
        elbos = [finished["elbo"][place] for place in places]
        assert [kept[p] for p in places] == [elbo == max(elbos) for elbo in elbos]
    place = kept.index(True)
    run = finished.run(place)
    assert run.config.seed == finished["seed"][place]
    assert run.answer.to_json() == finished.answer(place).to_json()
    folders = sorted(path.name for path in (finished.folder / "runs").iterdir())
    assert folders == sorted(Path(str(n)).name for n in finished["kept"] if n)
    with pytest.raises(DataError, match="expected a member with weights, got member"):
        finished.run(kept.index(False))


def test_a_table_is_a_frame_and_a_summary(finished):
    frame = finished.to_frame()
    assert list(frame.columns) == list(finished.columns)
    assert frame["objective.beta"].tolist() == [2.0, 2.0, 4.0, 4.0]
    summary = finished.over_seeds()
    assert summary.names == ("objective", "objective.beta")
    first = summary.settings[0]
    assert (first.judged, first.failed, len(first.rows)) == (2, 0, 2)
    elbos = [row["elbo"] for row in finished[:2]]
    np.testing.assert_allclose(first.spread("elbo").mean, np.mean(elbos))
    np.testing.assert_allclose(first.spread("elbo").deviation, np.std(elbos, ddof=1))
    head = str(finished).splitlines()[0]
    assert head.startswith("objective  beta  smallest share  done")


def test_resuming_a_finished_sweep_trains_nothing(finished):
    class NoEngine:
        def results(self, tasks):
            assert list(tasks) == []
            return iter(())

    again = tv.sweep(out=finished.folder, resume=True, keep="best", engine=NoEngine())
    assert results(again) == results(finished)


def test_a_larger_spec_adds_members(tmp_path, finished):
    small(tmp_path, seeds=(0,))
    with pytest.raises(RunFolderError, match="already holds a sweep"):
        small(tmp_path, seeds=(0, 1))
    table = small(tmp_path, seeds=(0, 1), resume=True)
    # the new members come after those that were there
    assert [(row["objective.beta"], row["seed"]) for row in table] == [
        (2.0, 0),
        (4.0, 0),
        (2.0, 1),
        (4.0, 1),
    ]
    assert table["group"] == [0, 0, 1, 1]
    assert set(table["identity"]) == set(finished["identity"])
    for row in table:
        other = finished["identity"].index(row["identity"])
        elbo = finished["elbo"][other]
        assert isinstance(elbo, float)
        assert row["elbo"] == pytest.approx(elbo, rel=1e-3)


@pytest.mark.parametrize("stop", [1, 3])
def test_a_sweep_that_was_stopped_ends_in_the_same_table(stop, tmp_path, finished):
    def watch(progress):
        if progress.done == stop:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        small(tmp_path, keep="best", watch=watch)
    with open_ledger(tmp_path) as ledger:
        assert ledger.counts()["done"] == stop
    table = tv.sweep(out=tmp_path, resume=True)  # keeps the best, as before
    assert results(table) == results(finished)


@pytest.mark.parametrize("call", ["fsync", "replace"])
@pytest.mark.parametrize("nth", [1, 3, 7])
def test_a_disk_that_fails_loses_nothing(call, nth, tmp_path, finished, monkeypatch):
    owner = os if call == "fsync" else Path
    works, calls = getattr(owner, call), []

    def fails_at_the_nth(*arguments):
        # progress is only shown, and may be lost
        calls.extend([1] if LIVE not in str(arguments[0]) else [])
        if len(calls) == nth and LIVE not in str(arguments[0]):
            raise OSError(errno.ENOSPC, "No space left on device")
        return works(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(owner, call, fails_at_the_nth)
        with pytest.raises(RunFolderError, match="No space left on device"):
            small(tmp_path, keep="best")
    table = tv.sweep(out=tmp_path, resume=True, keep="best")
    assert results(table) == results(finished)


def test_failed_members_are_trained_again_only_on_request(tmp_path):
    objectives = [tv.DIPVAEI(1.0, 1.0), tv.DIPVAEI(1.0, 3e38)]
    table = tv.sweep(out=tmp_path, objectives=objectives, **SMALL)
    assert table["state"] == ["done", "failed"]
    assert "Lower the learning rate" in str(table["reason"][1])
    ended = table["ended"]
    again = tv.sweep(out=tmp_path, resume=True)
    assert again["ended"] == ended
    again = tv.sweep(out=tmp_path, resume=True, retry=True)
    assert again["state"] == ["done", "failed"]


def test_run_folders_that_the_ledger_does_not_name_are_removed(tmp_path):
    table = small(tmp_path, betas=(2.0,), keep="all")
    assert None not in table["kept"]
    writer = continue_ledger(tmp_path)
    writer.set_kept(str(table["identity"][0]), None)
    writer.close()
    (tmp_path / "runs" / "notes").mkdir()
    tv.sweep(out=tmp_path, resume=True, keep="all")
    found = sorted(path.name for path in (tmp_path / "runs").iterdir())
    assert found == sorted(["notes", Path(str(table["kept"][1])).name])


def test_own_pictures_are_swept_and_found_again(tmp_path):
    rng = np.random.default_rng(0)
    images = np.zeros((60, 8, 8), np.float32)
    place = rng.integers(0, 6, 60)
    images[np.arange(60), place, 2] = 1
    images[np.arange(60), place + 1, 2] = 1
    world = tv.Pictures(images, {"height": place})
    settings = {**SMALL, "worlds": [world]}
    objectives = [tv.BetaVAE(2.0), tv.BetaVAE(4.0)]

    def stop(progress):
        if progress.done == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tv.sweep(
            out=tmp_path, objectives=objectives, keep="all", watch=stop, **settings
        )
    table = tv.sweep(out=tmp_path, resume=True, keep="all")
    assert table["state"] == ["done", "done"]
    assert all(isinstance(elbo, float) for elbo in table["test_elbo"])
    run = table.run(0)
    assert run.answer.factors == ("height",)
    # the run folder has its pictures, wherever it goes
    assert run.folder is not None
    elsewhere = run.folder.rename(tmp_path.parent / f"{tmp_path.name}-run")
    (tmp_path / "worlds").rename(tmp_path / "gone")
    assert tv.load_run(elsewhere).population.image_shape == (8, 8, 1)


def test_an_engine_that_breaks_keeps_what_is_done(tmp_path):
    class Broken:
        def results(self, tasks):
            for event in LocalEngine().results(tasks):
                yield event
                if isinstance(event, Done):
                    raise RuntimeError("the engine broke")

    with pytest.raises(RuntimeError, match="the engine broke"):
        small(tmp_path, engine=Broken())
    with open_ledger(tmp_path) as ledger:
        assert ledger.counts()["done"] == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "expected a spec, or lists"),
        ({"spec": {}, "seeds": [1]}, "got both a spec and seeds"),
        ({"spec": {"objective": "x"}}, "expected an objective among"),
        ({"seeds": "x"}, "seeds: expected a range"),
        ({"spec": {}, "together": 0}, "together of at least 1"),
    ],
)
def test_wrong_arguments_are_refused_before_anything_is_written(
    arguments, message, tmp_path
):
    with pytest.raises(ConfigError, match=message):
        tv.sweep(out=tmp_path / "a", **arguments)
    assert list(tmp_path.iterdir()) == []
