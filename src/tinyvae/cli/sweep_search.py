"""`tinyvae sweep search`: the best setting, by Optuna, in the mean over seeds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from tinyvae.cli.app import EXIT_SOME_FAILED, ends_well, give, give_json, stop, talk
from tinyvae.cli.engine_options import (
    AddressOption,
    CpusOption,
    EngineOption,
    GpusOption,
    WorkersOption,
    asked_engine,
)
from tinyvae.cli.inputs import JsonOption
from tinyvae.cli.interrupts import interrupted_with
from tinyvae.cli.sweep import end_at_once
from tinyvae.cli.sweep_flags import (
    CheckpointOption,
    DeterministicOption,
    ExampleOption,
    KeepOption,
    MemoryOption,
    QuietOption,
    RetryOption,
    SpecArgument,
    TogetherOption,
    TrackOption,
)
from tinyvae.cli.sweep_progress import sweep_display
from tinyvae.cli.sweep_search_text import plan_text, search_json, search_text
from tinyvae.cli.train import check_seconds, run_on_one_thread
from tinyvae.errors import ConfigError
from tinyvae.interop.trackers import named_trackers
from tinyvae.runs.config import merged, parse_assignment
from tinyvae.sweeps.plan import Sizes
from tinyvae.sweeps.progress import SweepWatcher
from tinyvae.sweeps.search.example import EXAMPLE
from tinyvae.sweeps.search.result import SearchResult, SearchTrial, trial_text
from tinyvae.sweeps.search.search import (
    NO_SPEC,
    SearchTraining,
    run_search,
    with_numbers,
)
from tinyvae.sweeps.search.spec import SEARCH, SearchSpec, read_search
from tinyvae.wording import counted


@ends_well
def search(
    spec: SpecArgument = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder of the search and of its sweep.")
    ] = None,
    trials: Annotated[
        int | None, typer.Option(help="Settings to try (as in the spec, or 20).")
    ] = None,
    at_once: Annotated[
        int | None,
        typer.Option(
            "--batch",
            help="Trials that train together before the sampler learns from them (as "
            "in the spec, or 4).",
        ),
    ] = None,
    target: Annotated[
        str | None,
        typer.Option(help="What is to be best, such as elbo or smallest_share."),
    ] = None,
    seeds: Annotated[
        str | None,
        typer.Option(help="Seeds of each trial: 0:5 (0 to 4), or 0,1,5."),
    ] = None,
    assignments: Annotated[
        list[str] | None,
        typer.Option("--set", help="A fixed setting, such as training.steps=500."),
    ] = None,
    keep: KeepOption = None,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume", help="Continue a search; with more --trials, extend it."
        ),
    ] = False,
    retry: RetryOption = False,
    together: TogetherOption = None,
    memory: MemoryOption = None,
    checkpoint_every: CheckpointOption = 10.0,
    deterministic: DeterministicOption = False,
    track: TrackOption = None,
    engine: EngineOption = "local",
    workers: WorkersOption = None,
    address: AddressOption = None,
    cpus: CpusOption = None,
    gpus: GpusOption = None,
    example: ExampleOption = False,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Search for the setting that is best in the mean over seeds, with Optuna.

    A spec has fixed settings, seeds, a target, and the ranges of the settings that are
    searched. Each trial is one setting with every seed, trained as members of a sweep:
    [bold]tinyvae sweep status[/bold], [bold]table[/bold], [bold]export[/bold] and
    [bold]report[/bold] work on its folder. Needs the extra search (Optuna).

    [bold]Examples[/bold]

    tinyvae sweep search --example > search.toml      # a spec, to change

    tinyvae sweep search search.toml --out sweeps/search

    tinyvae sweep search --resume --out sweeps/search   # after Ctrl-C

    tinyvae sweep search --resume --trials 40 --out sweeps/search

    tinyvae sweep report sweeps/search             # a page on the trials
    """
    if example:
        give(EXAMPLE.rstrip("\n"))
        return
    trackers = named_trackers(track, pictures=False)
    if deterministic:
        run_on_one_thread()
    check_seconds(checkpoint_every)
    changes: dict[str, Any] = {}
    for assignment in assignments or []:
        changes = merged(changes, parse_assignment(assignment))
    if seeds is not None:
        changes["seeds"] = seeds
    if target is not None:
        changes = merged(changes, {SEARCH: {"target": target}})
    if spec is None and changes:
        raise ConfigError(
            "expected a spec with --set, --seeds and --target, got none. "
            "`tinyvae sweep search --example` prints one."
        )
    if spec is None and not resume:
        raise ConfigError(NO_SPEC)
    asked = None if spec is None else read_search(spec, changes)
    if out is None:
        raise ConfigError("expected --out FOLDER, the folder of the search, got none.")
    if retry and not resume:
        raise ConfigError("--retry: expected --resume with it, got --retry alone.")
    known = with_numbers(asked, out, resume, trials=trials, at_once=at_once)
    training = SearchTraining(
        keep,
        Sizes(together, None if memory is None else int(memory * 1e9)),
        engine=asked_engine(engine, address, cpus, gpus, checkpoint_every),
        workers=workers,
        checkpoint_every=checkpoint_every,
        show=partial(display, quiet=quiet),
        note=None if quiet else talk,
        trackers=trackers,
        warn=talk,
    )
    found = search_into(
        known, out, quiet=quiet, resume=resume, retry=retry, training=training
    )
    if as_json:
        give_json(search_json(found))
    else:
        give(search_text(found))
    without = [trial for trial in found if trial.value is None]
    if without:
        stop(without_value_text(without, len(found)), EXIT_SOME_FAILED)


def without_value_text(without: Sequence[SearchTrial], trials: int) -> str:
    """Which trials have no value, why the first has none, and what can be done."""
    numbers = ", ".join(str(trial.number) for trial in without)
    text = (
        f"no value for {len(without)} of {counted(trials, 'trial')} (trial {numbers}). "
        f"Trial {without[0].number}: {without[0].reason}."
    )
    if any(" failed: " in str(trial.reason) for trial in without):
        text += " --resume --retry trains failed members again."
    return text


@contextmanager
def display(*, quiet: bool) -> Iterator[SweepWatcher]:
    """The progress of the members of one batch."""
    with sweep_display(quiet=quiet) as watch:
        yield watch


def search_into(
    spec: SearchSpec, out: Path, *, quiet: bool, **how: Any
) -> SearchResult:
    """Search with progress; Ctrl-C ends at once, and loses nothing."""
    best: list[float] = []

    def told(trial: SearchTrial) -> None:
        value = trial.value
        leads = ""
        sign = 1 if spec.target.maximise else -1
        if value is not None and all(sign * value > sign * other for other in best):
            leads = "; the best so far" if best else ""
            best.append(value)
        talk(trial_text(trial, spec) + leads)

    if not quiet:
        talk(plan_text(spec))
    words = (
        "tinyvae: interrupted. What is done is kept. Continue with: "
        f"tinyvae sweep search --resume --out {out}"
    )
    try:
        with interrupted_with(words):
            return run_search(spec, out, told=None if quiet else told, **how)
    except KeyboardInterrupt:
        end_at_once(words)
