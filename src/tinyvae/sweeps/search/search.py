"""A search from start to end, checked before anything is trained; `tinyvae.search`."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

from tinyvae.errors import ConfigError, RunFolderError
from tinyvae.extras import check_installed
from tinyvae.files.whole import make_folder
from tinyvae.runs.compilation import use_compilation_cache
from tinyvae.runs.tracker import Trackers
from tinyvae.runs.tracking import listed_trackers
from tinyvae.sweeps.engines.engine import Engine
from tinyvae.sweeps.keeping import Keep, check_keep
from tinyvae.sweeps.ledger import open_ledger
from tinyvae.sweeps.ledger_file import has_ledger
from tinyvae.sweeps.ledger_writing import check_no_ledger
from tinyvae.sweeps.lock import only_writer
from tinyvae.sweeps.members import Worlds
from tinyvae.sweeps.plan import Sizes
from tinyvae.sweeps.progress import SweepWatcher
from tinyvae.sweeps.search.driver import Driver, SearchTraining, Told
from tinyvae.sweeps.search.place import has_record
from tinyvae.sweeps.search.record import Record, continued, read_record
from tinyvae.sweeps.search.result import SearchResult
from tinyvae.sweeps.search.spec import SearchSpec, read_search, search_from_mapping
from tinyvae.sweeps.search.targets import check_factors, check_kept

NO_SPEC = (
    "expected a spec, a TOML file with a table [search], got none. `tinyvae sweep "
    "search --example` prints one."
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
    engine: Engine | str = "local",
    workers: int | None = None,
    trackers: Trackers = (),
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
        engine: where groups are trained: local (this machine), ray, or an `Engine`.
        workers: processes of this machine that train groups side by side, as for
            `tinyvae.sweep`.
        trackers: where each member is shown once it has ended.

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
            keep=keep, sizes=Sizes(together), engine=engine, workers=workers,
            show=lambda: nullcontext(watch), trackers=trackers,
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
    check_installed("optuna", "a search", "search")
    training = training or SearchTraining()
    if training.keep is not None:
        check_keep(training.keep)
    training = replace(training, trackers=listed_trackers(training.trackers))
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
