"""The file that tells other processes how far a sweep is."""

import json
from contextlib import nullcontext

import pytest

from tinyvae.cli import sweep_results
from tinyvae.sweeps import live
from tinyvae.sweeps.live import LIVE, LiveFile, read_live
from tinyvae.sweeps.lock import only_writer
from tinyvae.sweeps.progress import GroupProgress, SweepProgress

GROUP = GroupProgress(0, 50_000, 60_000, "", 8000.0, 42.0)
PROGRESS = SweepProgress(
    4, 0, 0, 1, 0, 50_000, 60_000, "", 9.0, 0, 42.0, "", None, (GROUP,)
)


@pytest.fixture
def at_once(monkeypatch):
    monkeypatch.setattr(live, "BETWEEN_SECONDS", 0.0)


def test_it_counts_while_its_writer_holds_the_lock(at_once, tmp_path):
    with only_writer(tmp_path):
        assert read_live(tmp_path) is None
        LiveFile(tmp_path).tell(PROGRESS)
        found = read_live(tmp_path)
        assert found is not None
        assert found["groups"] == [GROUP._asdict()]
        assert found["seconds_left"] == 42.0
    assert read_live(tmp_path) is None
    with only_writer(tmp_path):
        path = tmp_path / LIVE
        stale = {**json.loads(path.read_text()), "process": "process 1 of elsewhere"}
        path.write_text(json.dumps(stale))
        assert read_live(tmp_path) is None
        path.write_text("{")
        assert read_live(tmp_path) is None
        LiveFile(tmp_path).remove()
        assert not path.exists()


def test_it_is_written_at_most_once_a_second_and_may_fail(monkeypatch, tmp_path):
    LiveFile(tmp_path).tell(PROGRESS)
    assert not (tmp_path / LIVE).exists()
    monkeypatch.setattr(live, "BETWEEN_SECONDS", 0.0)
    LiveFile(tmp_path / "absent").tell(PROGRESS)


class MadeLedger(nullcontext):
    """Two members that have begun, and one that is planned."""

    def counts(self):
        return {"planned": 1, "running": 2, "done": 0, "failed": 0}

    def entries(self, state):
        return []

    def measured(self):
        return {}

    def mean_seconds(self):
        return None

    def __enter__(self):
        return self


def test_status_shows_groups_that_train_and_members_that_were_interrupted(
    at_once, monkeypatch, tmp_path, capsys
):
    monkeypatch.setattr(sweep_results, "open_ledger", lambda folder: MadeLedger())
    monkeypatch.setattr(sweep_results, "has_ledger", lambda folder: True)
    with only_writer(tmp_path):
        LiveFile(tmp_path).tell(PROGRESS)
        found = sweep_results.status_json(tmp_path)
        sweep_results.status(tmp_path)
    assert found["members"]["running"] == 2
    assert found["progress"]["groups"] == [GROUP._asdict()]
    text = capsys.readouterr().out
    assert "1 planned, 2 running; a process works on it" in text
    assert "group 1: step 50000 of 60000; 8,000 pictures/s; 42 s" in text
    sweep_results.status(tmp_path)
    text = capsys.readouterr().out
    assert "1 planned, 2 interrupted; no process works on it" in text
    assert "group 1" not in text


def test_status_says_that_a_group_is_prepared_where_none_has_told_its_progress(
    at_once, monkeypatch, tmp_path, capsys
):
    monkeypatch.setattr(sweep_results, "open_ledger", lambda folder: MadeLedger())
    monkeypatch.setattr(sweep_results, "has_ledger", lambda folder: True)
    with only_writer(tmp_path):
        sweep_results.status(tmp_path)
        assert "a group is being prepared" in capsys.readouterr().out
        LiveFile(tmp_path).tell(PROGRESS._replace(underway=()))
        sweep_results.status(tmp_path)
        assert "a group is being prepared" in capsys.readouterr().out
        LiveFile(tmp_path).tell(PROGRESS)
        sweep_results.status(tmp_path)
        assert "prepared" not in capsys.readouterr().out


def test_a_sweep_that_is_being_planned_has_a_status(tmp_path, capsys):
    with only_writer(tmp_path):
        found = sweep_results.status_json(tmp_path)
        sweep_results.status(tmp_path)
    assert found["running"]
    assert set(found["members"].values()) == {0}
    text = capsys.readouterr().out
    assert "no member is planned yet; a process works on it" in text
