"""A training that ends at any write, flush or rename goes on to the same run."""

import errno
import random
from pathlib import Path

import pytest

import tinyvae as tv
from tinyvae import experiment
from tinyvae.cli.run_folder import run_folder
from tinyvae.cli.train import train_into
from tinyvae.errors import RunFolderError
from watched_disk import Replay, after_power_cut, content_of, fail_at, watched_disk

CONFIG = tv.RunConfig(
    tv.Circles(8),
    tv.BetaVAE(2.0),
    tv.FullyConnected((4,), latents=2),
    tv.TrainingConfig(steps=6, batch_size=4),
    members=2,
)
RUN = "run"
SAME = ("answer.json", "config.json", "history.jsonl", "model.safetensors")


class Trainings:
    """Trainings as `tinyvae train --resume` does them, compiled once."""

    def __init__(self, folder: Path) -> None:
        self.opened = experiment.open_world(CONFIG)
        self.prepared = experiment.prepare(self.opened)
        self.seen: set[int] = set()
        whole = folder / "whole"
        whole.mkdir()
        self.train(whole / RUN)  # compiles
        self.end = self.files(whole)
        whole = folder / "watched"
        whole.mkdir()
        with watched_disk(whole) as disk:
            self.train(whole / RUN)
        self.calls, self.content = disk.calls, content_of(whole)

    def train(self, folder: Path) -> None:
        """Begin or continue the training in a folder; each stretch is written."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(experiment, "open_world", lambda config: self.opened)
            patch.setattr(experiment, "prepare", lambda opened: self.prepared)
            folder, config = run_folder(
                self.opened.config, folder, resume=True, overwrite=False
            )
            train_into(config, folder, 0.0, quiet=True)

    def files(self, folder: Path) -> dict[str, bytes | None]:
        """What must be the same at the end, and the names of all files."""
        found = content_of(folder / RUN)
        return {name: found[name] if name in SAME else None for name in found}

    def check(self, folder: Path) -> None:
        """A training that was stopped ends as one that was not."""
        state = hash(tuple(content_of(folder).items()))
        if state in self.seen:
            return
        self.seen.add(state)
        with watched_disk(folder):
            self.train(folder / RUN)
        found = self.files(folder)
        part = {name for name in found if name.endswith(".part")}
        assert {name: found[name] for name in found.keys() - part} == self.end
        assert tv.load_run(folder / RUN).answer.verdict


@pytest.fixture(scope="module")
def trainings(tmp_path_factory) -> Trainings:
    return Trainings(tmp_path_factory.mktemp("trainings"))


def test_a_file_is_flushed_before_it_gets_its_name_and_its_folder_after(trainings):
    calls = [call for call in trainings.calls if call.what != "write"]
    renamed = [place for place, call in enumerate(calls) if call.what == "rename"]
    assert len(renamed) >= 6
    for place in renamed:
        assert calls[place - 1].what == "sync"
        assert calls[place - 1].path == calls[place].path
        assert calls[place + 1].what == "sync folder"
        assert calls[place + 1].path == str(Path(calls[place].other).parent)


@pytest.mark.slow
def test_a_kill_between_any_two_calls_of_a_training_loses_nothing(trainings, tmp_path):
    replay = Replay(tmp_path / "replay")
    for call in trainings.calls:
        if call.what == "write":
            half = Replay(replay.copied_to(tmp_path / "half"))
            half.make(call, 0.5)
            trainings.check(half.root)
        replay.make(call)
        trainings.check(replay.copied_to(tmp_path / "killed"))
    assert content_of(replay.root) == trainings.content


@pytest.mark.slow
@pytest.mark.parametrize("seed", [None, 0])
def test_a_power_cut_of_a_training_loses_nothing(seed, trainings, tmp_path):
    rng = None if seed is None else random.Random(seed)
    for place in range(len(trainings.calls)):
        folder = tmp_path / str(place)
        after_power_cut(trainings.calls[:place], folder, rng)
        trainings.check(folder)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "onwards"), [(errno.EIO, False), (errno.ENOSPC, True)]
)
def test_any_call_of_a_training_may_fail(number, onwards, trainings, tmp_path):
    for place in range(len(trainings.calls)):
        folder = tmp_path / str(place)
        folder.mkdir()
        rule = fail_at(place, number, onwards=onwards)
        with (
            watched_disk(folder, rule) as disk,
            pytest.raises(RunFolderError, match="Input/output|No space left"),
        ):
            trainings.train(folder / RUN)
        assert disk.failed
        trainings.check(folder)
