"""The loop of a search: ask, train as a sweep does, tell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tinyvae.errors import ConfigError, DataError
from tinyvae.files.whole import write_whole
from tinyvae.runs.guard import Warn, warned
from tinyvae.runs.tracker import Trackers
from tinyvae.sweeps.engines.choosing import engine_of
from tinyvae.sweeps.engines.engine import Engine
from tinyvae.sweeps.engines.local import CHECKPOINT_SECONDS
from tinyvae.sweeps.ledger import open_ledger
from tinyvae.sweeps.ledger_file import has_ledger
from tinyvae.sweeps.members import Member, Worlds, members_of
from tinyvae.sweeps.plan import Sizes
from tinyvae.sweeps.planning import Note
from tinyvae.sweeps.progress import SweepWatcher
from tinyvae.sweeps.search.record import Record
from tinyvae.sweeps.search.result import BEST, SearchResult, SearchTrial
from tinyvae.sweeps.search.spec import SearchSpec
from tinyvae.sweeps.search.study import Asking, Values
from tinyvae.sweeps.search.targets import measured, why_none
from tinyvae.sweeps.spec import SweepBlock, SweepSpec
from tinyvae.sweeps.summary import Row
from tinyvae.sweeps.sweep import train_members
from tinyvae.sweeps.table import load_sweep
from tinyvae.wording import counted

Told = Callable[[SearchTrial], None]
Display = Callable[[], AbstractContextManager[SweepWatcher | None]]
OTHER_SUGGESTIONS = (
    "this version of Optuna suggests other settings than those recorded, or the value "
    "of a trial has changed: the trials so far are kept, and the sampler's random "
    "numbers begin anew"
)


@dataclass(frozen=True, eq=False)
class SearchTraining:
    """How the members of a search are trained; see `run_sweep`.

    `show` opens a display around each training, and gives what is told of its progress.
    """

    keep: str | None = None
    sizes: Sizes = Sizes()
    engine: Engine | str = "local"
    workers: int | None = None
    checkpoint_every: float = CHECKPOINT_SECONDS
    show: Display = nullcontext
    note: Note | None = None
    trackers: Trackers = ()
    warn: Warn = warned


class Driver:
    """Trains trials and reads what came of them; its caller holds the lock."""

    def __init__(
        self, folder: Path, training: SearchTraining, worlds: Worlds, spec: SearchSpec
    ) -> None:
        self.folder, self.training, self.worlds = folder, training, worlds
        self.spec = spec
        self.engine = engine_of(
            training.engine,
            worlds,
            checkpoint_every=training.checkpoint_every,
            workers=training.workers,
        )

    def search(self, record: Record, retry: bool, told: Told | None) -> SearchResult:
        """All trials: those of the record first, then new ones."""
        spec, asking = self.spec, Asking(self.spec)
        trials: list[SearchTrial] = []
        if record.batches:
            ended = self._ended()
            trials = self.trials(list(enumerate(record.trials)), retry=retry)
            outcomes = [(one.value, facts_of(one)) for one in trials]
            exact = asking.repeat(record.batches, outcomes)
            if not exact:
                self._note(OTHER_SUGGESTIONS)
            first = next(
                (k for k, one in enumerate(trials) if not ended >= {*one.identities}),
                len(trials),
            )
            for trial in trials[record.batch_begin(first) :]:
                if told is not None:
                    told(trial)
        while len(record.trials) < spec.trials:
            count = min(spec.at_once, spec.trials - len(record.trials))
            self._say(range(len(trials), len(trials) + count))
            asked = asking.ask(count)
            record = record.with_batch([settings for _, settings in asked])
            record.write(self.folder)
            for trial in self.trials(asked):
                asking.tell(trial.number, trial.value, facts_of(trial))
                trials.append(trial)
                if told is not None:
                    told(trial)
            self._write_best(trials, asking)
        record.write(self.folder)
        return self._write_best(trials, asking)

    def trials(
        self, asked: Sequence[tuple[int, Values]], *, retry: bool = False
    ) -> list[SearchTrial]:
        """What came of these settings, after all their members have ended."""
        blocks, wrong = {}, {}
        for number, settings in asked:
            try:
                block = self.spec.block(settings)
                blocks[number] = block, members_of(block.configs(), self.worlds)
            except (ConfigError, DataError) as error:
                wrong[number] = str(error)
        self._train(list(blocks.values()), retry)
        rows = self._rows()
        found = []
        for number, settings in asked:
            if number in wrong:
                none = (None,) * len(self.spec.seeds)
                found.append(
                    SearchTrial(
                        number, settings, self.spec.seeds, (), none, wrong[number]
                    )
                )
            else:
                identities = [member.identity for member in blocks[number][1]]
                mine = [rows[identity] for identity in identities]
                found.append(self._trial(number, settings, mine))
        return found

    def _train(
        self, blocks: Sequence[tuple[SweepBlock, list[Member]]], retry: bool
    ) -> None:
        members = {one.identity: one for _, mine in blocks for one in mine}
        if not retry and self._ended().issuperset(members):
            return
        with self.training.show() as watch:
            train_members(
                self.folder,
                SweepSpec(tuple(block for block, _ in blocks), self.spec.to_json()),
                list(members.values()),
                worlds=self.worlds,
                engine=self.engine,
                retry=retry,
                keep=self.training.keep,
                sizes=replace(self.training.sizes, reuse=True),
                watch=watch,
                note=self.training.note,
                trackers=self.training.trackers,
                warn=self.training.warn,
            )

    def _trial(self, number: int, settings: Values, rows: Sequence[Row]) -> SearchTrial:
        targets = measured(self.spec.target, rows, self.folder)
        return SearchTrial(
            number,
            settings,
            tuple(int(str(row["seed"])) for row in rows),
            tuple(str(row["identity"]) for row in rows),
            targets,
            why_none(self.spec.target, rows, targets),
        )

    def _say(self, numbers: range) -> None:
        """Which trials come next."""
        which = f"trial {numbers[0]} begins"
        if len(numbers) > 1:
            which = f"trials {numbers[0]} to {numbers[-1]} begin"
        members = counted(len(numbers) * len(self.spec.seeds), "member")
        done = f"{numbers[0]} of {counted(self.spec.trials, 'trial')} done"
        self._note(f"{done}; {which}: {members}")

    def _note(self, text: str) -> None:
        if self.training.note is not None:
            self.training.note(text)

    def _rows(self) -> dict[str, Row]:
        if not has_ledger(self.folder):
            return {}
        return {str(row["identity"]): row for row in load_sweep(self.folder)}

    def _ended(self) -> frozenset[str]:
        """Identities of the members that are done or have failed."""
        if not has_ledger(self.folder):
            return frozenset()
        with open_ledger(self.folder) as ledger:
            found = [*ledger.entries("done"), *ledger.entries("failed")]
        return frozenset(entry.identity for entry in found)

    def _write_best(
        self, trials: Sequence[SearchTrial], asking: Asking
    ) -> SearchResult:
        """The result so far, with the settings of the best trial in a file."""
        found = SearchResult(self.spec, tuple(trials), self.folder, asking.study)
        if any(trial.value is not None for trial in trials):
            best = found.best
            head = f"# trial {best.number} of {self.folder.name}: "
            text = f"{head}{found.summary()}\n{found.best_toml()}\n"
            write_whole(self.folder / BEST, text.encode())
        return found


def facts_of(trial: SearchTrial) -> dict[str, Any]:
    """What Optuna keeps beside the value of a trial."""
    return {
        "deviation": trial.spread.deviation,
        "targets": list(trial.targets),
        "reason": trial.reason,
        "members": list(trial.identities),
    }
