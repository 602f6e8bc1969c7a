"""`tinyvae sweep`: many runs from one spec, or from lists of options."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from tinyvae.cli.app import (
    EXIT_SOME_FAILED,
    ends_well,
    give,
    give_json,
    stop,
    talk,
)
from tinyvae.cli.engine_options import (
    AddressOption,
    CpusOption,
    EngineOption,
    GpusOption,
    WorkersOption,
    asked_engine,
)
from tinyvae.cli.interrupts import EXIT_INTERRUPTED, interrupted_with
from tinyvae.cli.sweep_flags import (
    OUTPUT,
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
from tinyvae.cli.sweep_options import asked_spec, with_lists
from tinyvae.cli.sweep_progress import sweep_display
from tinyvae.cli.sweep_results import result_json, result_text
from tinyvae.cli.train import check_seconds, run_on_one_thread
from tinyvae.errors import ConfigError
from tinyvae.interop.trackers import named_trackers
from tinyvae.sweeps.example import EXAMPLE
from tinyvae.sweeps.forecast import forecast
from tinyvae.sweeps.keeping import check_keep
from tinyvae.sweeps.ledger_file import has_ledger
from tinyvae.sweeps.plan import Sizes
from tinyvae.sweeps.spec import SweepSpec
from tinyvae.sweeps.sweep import run_sweep
from tinyvae.sweeps.table import load_sweep


@with_lists
@ends_well
def sweep(
    *,
    spec: SpecArgument = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder of the sweep.", rich_help_panel=OUTPUT)
    ] = None,
    seeds: Annotated[
        str | None,
        typer.Option(
            help="Seeds: 0:20 (0 to 19), or 0,1,5 (0).", rich_help_panel=OUTPUT
        ),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(help="Settings from a TOML file.", rich_help_panel=OUTPUT),
    ] = None,
    assignments: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            help="Any setting, such as objective.beta=[2,4].",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    keep: KeepOption = None,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            help="Continue a sweep; a spec, or options over its own, may add members.",
            rich_help_panel=OUTPUT,
        ),
    ] = False,
    retry: RetryOption = False,
    together: TogetherOption = None,
    memory: MemoryOption = None,
    checkpoint_every: CheckpointOption = 10.0,
    deterministic: DeterministicOption = False,
    weights: Annotated[
        str | None,
        typer.Option(
            help="URL for the weights to keep, such as file:///shared/x or "
            "s3://bucket/x (DIR/runs).",
            metavar="URL",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    track: TrackOption = None,
    engine: EngineOption = "local",
    workers: WorkersOption = None,
    address: AddressOption = None,
    cpus: CpusOption = None,
    gpus: GpusOption = None,
    example: ExampleOption = False,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Show members, groups, time and memory; train nothing.",
            rich_help_panel=OUTPUT,
        ),
    ] = False,
    quiet: QuietOption = False,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="The results as JSON.", rich_help_panel=OUTPUT),
    ] = False,
    **settings: Any,
) -> None:
    """Train many VAEs, and say how often each latent is a factor.

    Every setting may be a list: each combination is trained with each seed. Runs of the
    same shapes train together. Every result is in the folder as soon as it is there.

    Further commands: [bold]tinyvae sweep status[/bold] DIR, [bold]tinyvae sweep
    export[/bold] DIR --to FILE, [bold]tinyvae sweep table[/bold] DIR --to FILE,
    [bold]tinyvae sweep report[/bold] DIR --out FILE.html, and [bold]tinyvae sweep
    search[/bold] SPEC, which searches for the best setting.

    [bold]Examples[/bold]

    tinyvae sweep --objective vae,beta-vae --seeds 0:20 --out sweeps/a

    tinyvae sweep --example > study.toml   # a spec with comments, to change

    tinyvae sweep study.toml --dry-run     # how long it takes

    tinyvae sweep study.toml --out sweeps/study --keep best

    tinyvae sweep --resume --out sweeps/study

    tinyvae sweep study.toml --out sweeps/study --engine ray --address auto

    tinyvae sweep status sweeps/study      # from another terminal

    tinyvae sweep report sweeps/study      # a page that compares them

    tinyvae sweep study.toml --out sweeps/study --track mlflow
    """
    if example:
        give(EXAMPLE.rstrip("\n"))
        return
    trackers = named_trackers(track, pictures=False)
    if keep is not None:
        check_keep(keep)
    if deterministic:
        run_on_one_thread()
    check_seconds(checkpoint_every)
    sizes = Sizes(together, None if memory is None else int(memory * 1e9))
    continued = out if resume and out is not None and has_ledger(out) else None
    asked = asked_spec(spec, config, assignments or [], seeds, settings, continued)
    if asked is None and not resume:
        raise ConfigError(
            "expected a spec, or lists such as --objective vae,beta-vae --seeds 0:20, "
            "got neither. --example prints a spec."
        )
    if dry_run and not (resume and out is None):
        show_forecast(asked, sizes, quiet=quiet, as_json=as_json)
        return
    if out is None:
        raise ConfigError("expected --out FOLDER, the folder of the sweep, got none.")
    chosen = asked_engine(engine, address, cpus, gpus, checkpoint_every)
    if retry and not resume:
        raise ConfigError("--retry: expected --resume with it, got --retry alone.")
    run_into(
        asked,
        out,
        quiet=quiet,
        resume=resume,
        retry=retry,
        keep=keep,
        sizes=sizes,
        engine=chosen,
        workers=workers,
        weights=weights,
        checkpoint_every=checkpoint_every,
        trackers=trackers,
        warn=talk,
    )
    table = load_sweep(out)
    if as_json:
        give_json(result_json(table))
    else:
        give(result_text(table))
    if not quiet:
        talk(f"sweep: {out}")
    failed = sum(state == "failed" for state in table["state"])
    if failed:
        stop(
            f"{failed} of {len(table)} members failed. `tinyvae sweep status {out}` "
            "says why; --resume --retry trains them again.",
            EXIT_SOME_FAILED,
        )


def run_into(spec: SweepSpec | None, out: Path, *, quiet: bool, **how: Any) -> None:
    """Train with a progress display; Ctrl-C ends at once, and loses nothing."""
    words = (
        "tinyvae: interrupted. What is done is kept. Continue with: "
        f"tinyvae sweep --resume --out {out}"
    )
    try:
        with interrupted_with(words), sweep_display(quiet=quiet) as watch:
            run_sweep(spec, out, watch=watch, note=None if quiet else talk, **how)
    except KeyboardInterrupt:
        end_at_once(words)


def end_at_once(message: str) -> NoReturn:
    """End the process without waiting for a thread that compiles."""
    talk(message)
    sys.stdout.flush()
    os._exit(EXIT_INTERRUPTED)


def show_forecast(
    spec: SweepSpec | None, sizes: Sizes, *, quiet: bool, as_json: bool
) -> None:
    """Print members, groups, time and memory."""
    if spec is None:
        raise ConfigError(
            "--dry-run: expected a spec or lists of settings, got neither."
        )
    try:
        found = forecast(spec, sizes, note=None if quiet else talk)
    except KeyboardInterrupt:
        end_at_once("tinyvae: interrupted.")
    if as_json:
        give_json(found.to_json())
    else:
        give(str(found))
