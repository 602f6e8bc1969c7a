"""A search from start to end: ask, train as a sweep does, tell; `tinyvae.search`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tinyvae.errors import ConfigError, DataError, RunFolderError
from tinyvae.files.whole import make_folder, write_whole
from tinyvae.runs.compilation import use_compilation_cache
from tinyvae.sweeps.engines.engine import Engine
from tinyvae.sweeps.engines.local import CHECKPOINT_SECONDS, LocalEngine
from tinyvae.sweeps.keeping import Keep, check_keep
from tinyvae.sweeps.ledger import open_ledger
from tinyvae.sweeps.ledger_file import has_ledger
from tinyvae.sweeps.ledger_writing import check_no_ledger
from tinyvae.sweeps.lock import only_writer
from tinyvae.sweeps.members import Member, Worlds, members_of
from tinyvae.sweeps.plan import Sizes
from tinyvae.sweeps.planning import Note
from tinyvae.sweeps.progress import SweepWatcher
from tinyvae.sweeps.search.place import has_record
from tinyvae.sweeps.search.record import (
    Record,
    continued,
    read_record,
)
from tinyvae.sweeps.search.result import BEST, SearchResult, SearchTrial
from tinyvae.sweeps.search.spec import SearchSpec, read_search, search_from_mapping
from tinyvae.sweeps.search.study import Asking, Values, check_optuna
from tinyvae.sweeps.search.targets import (
    check_factors,
    check_kept,
    measured,
    why_none,
)
from tinyvae.sweeps.spec import SweepBlock, SweepSpec
from tinyvae.sweeps.summary import Row
from tinyvae.sweeps.sweep import train_members
from tinyvae.sweeps.table import load_sweep
from tinyvae.wording import counted

Told = Callable[[SearchTrial], None]
Display = Callable[[], AbstractContextManager[SweepWatcher | None]]
NO_SPEC = (
    "expected a spec, a TOML file with a table [search], got none. `tinyvae sweep "
    "search --example` prints one."
)
OTHER_SUGGESTIONS = (
    "this version of Optuna suggests other settings than those recorded, or the value "
    "of a trial has changed: the trials so far are kept, and the sampler's random "
    "numbers begin anew"
)


def search(
    spec: SearchSpec | Mapping[str, Any] | str | Path | None = None,
    *,
    out: str | Path,
    resume: bool = False,
    retry: bool = False,
    trials: int | None = None,
    at_once: int | None = None,
    keep: Keep | None = None,
    together: int | None = None,
    watch: SweepWatcher | None = None,
    told: Told | None = None,
    engine: Engine | None = None,
) -> SearchResult:
    """Search for the setting whose target is best in the mean over seeds.

    Optuna suggests settings, each is trained with all seeds as members of the sweep in
    `out`, and Optuna is told the mean. Needs the extra `search`.

    Args:
        spec: a `SearchSpec`, a TOML file, or its settings as a nested mapping with a
            table `search`; with `resume`, by default that of the folder.
        out: folder of the search, which is that of its sweep too.
        resume: continue the search in `out`, or begin one in the folder of a sweep.
        retry: train members again that failed.
        trials: number of settings to try, instead of that of the spec.
        at_once: trials whose members train together, instead of that of the spec.
        keep: weights to keep as run folders: all, best (of each setting the seed of
            highest ELBO), none. By default none, or what was kept so far.
        together: most runs that train together; by default what is fast and fits.
        watch: is called with the progress of the members.
        told: is called with each trial when its members have ended.
        engine: where groups are trained; by default in this process.

    Raises: ConfigError, DataError or RunFolderError if the spec, the pictures or the
    folder cannot be used, or if Optuna is not installed.
    """
    known = None if spec is None else as_search(spec)
    return run_search(
        with_numbers(known, Path(out), resume, trials=trials, at_once=at_once),
        Path(out),
        resume=resume,
        retry=retry,
        training=SearchTraining(
            keep=keep, sizes=Sizes(together), engine=engine,
            show=lambda: nullcontext(watch),
        ),
        told=told,
    )  # fmt: skip


def as_search(spec: SearchSpec | Mapping[str, Any] | str | Path) -> SearchSpec:
    """The spec of a search, of what describes one.

    Raises: ConfigError if it cannot be read, or if a setting is wrong.
    """
    if isinstance(spec, SearchSpec):
        return spec
    if isinstance(spec, Mapping):
        return search_from_mapping(spec)
    return read_search(spec)


def with_numbers(
    spec: SearchSpec | None, folder: Path, resume: bool, **numbers: int | None
) -> SearchSpec:
    """The spec, or else that of the folder, with these numbers where they are given.

    Raises: ConfigError without any spec, RunFolderError if the folder holds no search.
    """
    if spec is None:
        if not resume:
            raise ConfigError(NO_SPEC)
        spec = read_record(folder).spec
    return replace(spec, **{k: n for k, n in numbers.items() if n is not None})


@dataclass(frozen=True, eq=False)
class SearchTraining:
    """How the members of a search are trained; see `run_sweep`.

    `show` opens a display around each training, and gives what is told of its progress.
    """

    keep: str | None = None
    sizes: Sizes = Sizes()
    engine: Engine | None = None
    checkpoint_every: float = CHECKPOINT_SECONDS
    show: Display = nullcontext
    note: Note | None = None


def run_search(
    spec: SearchSpec,
    folder: Path,
    *,
    resume: bool = False,
    retry: bool = False,
    training: SearchTraining | None = None,
    told: Told | None = None,
) -> SearchResult:
    """Ask, train and tell until all trials of the spec have ended.

    Raises: RunFolderError if the folder is not to be continued, or if another process
    writes it; ConfigError if the target does not fit the pictures.
    """
    check_optuna()
    training = training or SearchTraining()
    if training.keep is not None:
        check_keep(training.keep)
    check_target(spec, training.keep or kept_before(folder), worlds := Worlds())
    begun(spec, folder, resume)
    make_folder(folder)
    use_compilation_cache()
    with only_writer(folder):
        record = begun(spec, folder, resume)
        driver = Driver(folder, training, worlds, spec)
        return driver.search(record, retry, told)


def begun(spec: SearchSpec, folder: Path, resume: bool) -> Record:
    """The record of the folder with this spec; a new one where there is none.

    Raises: RunFolderError if the folder is not to be continued, ConfigError if its
    search is another one.
    """
    if not resume:
        if has_record(folder):
            raise RunFolderError(
                f"{folder} already holds a search. Continue it with --resume, or "
                "choose another --out."
            )
        check_no_ledger(folder)
    if has_record(folder):
        return continued(read_record(folder), spec)
    if resume and not has_ledger(folder):
        read_record(folder)  # which says that there is nothing to continue
    return Record(spec)


def kept_before(folder: Path) -> str:
    """What the sweep in the folder keeps; none where there is no sweep."""
    if not has_ledger(folder):
        return "none"
    with open_ledger(folder) as ledger:
        return ledger.facts()["keep"]


def check_target(spec: SearchSpec, keep: str, worlds: Worlds) -> None:
    """Refuse a target that the members cannot have, before any is trained.

    Raises: ConfigError, or DataError if the pictures cannot be read.
    """
    check_kept(spec.target, keep)
    first = {one.name: one.examples()[0] for one in spec.parameters}
    try:
        config = next(spec.block(first).configs())
    except ConfigError:
        return  # these values do not fit together; others may
    population = worlds.opened(config).population
    names = [factor.name for factor in population.factors]
    check_factors(spec.target, names, population.held_out(1) is not None)


class Driver:
    """Trains trials and reads what came of them; its caller holds the lock."""

    def __init__(
        self, folder: Path, training: SearchTraining, worlds: Worlds, spec: SearchSpec
    ) -> None:
        self.folder, self.training, self.worlds = folder, training, worlds
        self.spec = spec
        self.engine = training.engine or LocalEngine(
            worlds, checkpoint_every=training.checkpoint_every
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
            for trial in trials:
                if told is not None and not ended.issuperset(trial.identities):
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
