"""`tinyvae train`: the main job. Its options derive from what is registered."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from tinyvae.cli.app import (
    ends_well,
    give,
    give_json,
    stop,
    talk,
)
from tinyvae.cli.interrupts import EXIT_INTERRUPTED, interrupted_with
from tinyvae.cli.options import with_settings
from tinyvae.cli.progress import describe, progress_display, tell_what_was_read
from tinyvae.cli.report import PAGE, write_page
from tinyvae.cli.run_folder import run_folder
from tinyvae.cli.settings import combined
from tinyvae.errors import ConfigError
from tinyvae.experiment import run_experiment
from tinyvae.files.whole import make_folder, remove_file
from tinyvae.interop.trackers import named_trackers
from tinyvae.runs.checkpoints import CHECKPOINT
from tinyvae.runs.config import RunConfig, config_from_mapping
from tinyvae.runs.folder import load_config, load_run, save_run
from tinyvae.runs.opened import Opened, default_latents, open_world
from tinyvae.runs.run import Run
from tinyvae.runs.tracker import Tracker
from tinyvae.runs.tracking import track_run
from tinyvae.worlds.world import KeepsPictures, Reports

OUTPUT = "Run and output"
TRACK_HELP = (
    "Show it in tensorboard:FOLDER (logs) or mlflow:URI (MLFLOW_TRACKING_URI); may be "
    "repeated."
)


@with_settings
@ends_well
def train(
    *,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Run folder (runs/WORLD-OBJECTIVE-seedN).", rich_help_panel=OUTPUT
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
            help="Any setting, such as objective.tc_share=0.2.",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume", help="Continue an interrupted run.", rich_help_panel=OUTPUT
        ),
    ] = False,
    overwrite: Annotated[
        bool,
        typer.Option("--overwrite", help="Replace a run.", rich_help_panel=OUTPUT),
    ] = False,
    checkpoint_every: Annotated[
        float,
        typer.Option(help="Seconds between checkpoints.", rich_help_panel=OUTPUT),
    ] = 10.0,
    pictures: Annotated[
        bool,
        typer.Option(
            help="Draw the figures and write the page too.", rich_help_panel=OUTPUT
        ),
    ] = True,
    track: Annotated[
        list[str] | None,
        typer.Option(help=TRACK_HELP, metavar="TRACKER", rich_help_panel=OUTPUT),
    ] = None,
    deterministic: Annotated[
        bool,
        typer.Option(
            "--deterministic",
            help="One thread: the same bits every time.",
            rich_help_panel=OUTPUT,
        ),
    ] = False,
    quiet: Annotated[
        bool,
        typer.Option(
            "--quiet", help="No progress, only warnings.", rich_help_panel=OUTPUT
        ),
    ] = False,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="The answer as JSON.", rich_help_panel=OUTPUT),
    ] = False,
    **settings: Any,
) -> None:
    """Train a VAE, and say which latent is which factor.

    [bold]Examples[/bold]

    tinyvae train                          # circles, VAE, answer

    tinyvae train --images photos --labels labels.csv --key file

    tinyvae train --objective vae --seed 3 # a plain VAE

    tinyvae train --beta 4 --steps 2000    # a beta-VAE

    tinyvae train --world shapes --network convolutional --latents 6

    tinyvae train --layout diamond --set objective.tc_share=0.2

    tinyvae train --track tensorboard      # curves in TensorBoard
    """
    trackers = named_trackers(track, pictures=pictures)
    check_seconds(checkpoint_every)
    if deterministic:
        run_on_one_thread()

    run_config = stored_config(out, config, assignments, settings) if resume else None
    asked: Mapping[str, Any] = {}
    if run_config is None:
        asked = combined(config, assignments or [], settings)
        run_config = config_from_mapping(asked)
    opened = open_world(run_config)
    tell_what_was_opened(opened, quiet=quiet)
    if not quiet:
        tell_fewer_latents(asked.get("network"), opened)
    folder, run_config = run_folder(
        opened.config, out, resume=resume, overwrite=overwrite
    )
    if pictures and isinstance(opened.population, Reports):
        show_samples(opened, folder, quiet=quiet)
    run = train_into(run_config, folder, checkpoint_every, trackers, quiet=quiet)
    report(run, as_json=as_json, quiet=quiet)
    if pictures:
        draw_pictures(run, folder, quiet=quiet)
        write_page([folder], folder / PAGE, quiet=quiet)
    if not quiet:
        talk(f"run: {folder}")


def check_seconds(checkpoint_every: float) -> None:
    """Refuse an interval between checkpoints that is none."""
    if not (math.isfinite(checkpoint_every) and checkpoint_every >= 0):
        raise ConfigError(
            "--checkpoint-every: expected seconds of at least 0, "
            f"got {checkpoint_every}."
        )


def run_on_one_thread() -> None:
    """Ask XLA for one thread; must be set before JAX looks for devices."""
    os.environ["XLA_FLAGS"] = " ".join(
        [
            os.environ.get("XLA_FLAGS", ""),
            "--xla_cpu_multi_thread_eigen=false",
            "intra_op_parallelism_threads=1",
        ]
    ).strip()
    os.environ["NPROC"] = "1"


def stored_config(
    out: Path | None,
    config: Path | None,
    assignments: list[str] | None,
    settings: Mapping[str, Any],
) -> RunConfig | None:
    """The settings of the run in `out`, where none are given; None otherwise."""
    given = config or assignments or any(v is not None for v in settings.values())
    if given or out is None or not (out / "config.json").exists():
        return None
    return load_config(out)


def tell_what_was_opened(opened: Opened, *, quiet: bool) -> None:
    """Print which pictures were found, what was guessed, and what was decided."""
    tell_what_was_read(opened.population, quiet=quiet)
    if not quiet:
        talk(describe(opened.config))


def tell_fewer_latents(network: Any, opened: Opened) -> None:
    """Say so if own pictures get the latents of a network that was named without."""
    world, population, objective = (
        opened.config.world, opened.population, opened.config.objective
    )  # fmt: skip
    if not isinstance(world, KeepsPictures) or network is None:
        return
    if isinstance(network, Mapping) and "latents" in network:
        return
    usual = default_latents(world, population, objective)
    latents = opened.config.network.latents
    if latents != usual:
        talk(
            f"latents: {latents}, the default of the network that the options name; "
            f"without them there would be {usual}. --latents chooses."
        )


def show_samples(opened: Opened, folder: Path, *, quiet: bool) -> None:
    """Draw the sheet of samples before training begins, so that it can be stopped."""
    from tinyvae.plots import data_sheet, save_figure

    path = folder / "pictures" / "data.png"
    make_folder(path.parent)
    save_figure(data_sheet(opened.config.world, opened.population), path)
    if not quiet:
        talk(f"samples: {path}")


def train_into(
    config: RunConfig,
    folder: Path,
    checkpoint_every: float,
    trackers: Sequence[Tracker] = (),
    *,
    quiet: bool,
) -> Run:
    """Train with a progress display, and save; a finished run is read, and tracked."""
    if (folder / "answer.json").exists():
        if not quiet:
            talk(f"{folder} is already finished.")
        run = load_run(folder)
        remove_file(folder / CHECKPOINT)  # left if it was killed after the answer
        if trackers:
            track_run(run, trackers, talk)
        return run
    words = f"interrupted. Continue with the same command and --resume --out {folder}"
    try:
        with (
            interrupted_with(f"tinyvae: {words}"),
            progress_display(config, quiet=quiet) as watch,
        ):
            run = run_experiment(
                config,
                folder,
                watch,
                checkpoint_every=checkpoint_every,
                trackers=trackers,
                warn=talk,
            )
    except KeyboardInterrupt:
        stop(words, EXIT_INTERRUPTED)
    save_run(run, folder)
    return run


def draw_pictures(run: Run, folder: Path, *, quiet: bool) -> None:
    """Draw every figure into the run folder."""
    from tinyvae.plots import draw_all

    draw_all(run, folder / "pictures")
    if not quiet:
        talk(f"pictures: {folder / 'pictures'}")


def report(run: Run, *, as_json: bool, quiet: bool) -> None:
    """Print the answer, and the results of the other members."""
    if as_json:
        give_json(run.to_json())
    else:
        give(str(run))
    if run.test is not None and not quiet:
        talk(
            f"test: ELBO {run.test['elbo']:.2f} nats "
            f"on {run.test['samples']:.0f} held-out pictures"
        )
    if len(run.members) > 1 and not quiet:
        for result in run.members:
            verdict = "loss not finite"
            if result.answer is not None:
                verdict = f"answer: {result.answer.verdict}"
            kept = "; kept" if result.chosen else ""
            loss = (
                "" if result.selection_loss is None else f"{result.selection_loss:.2f}"
            )
            talk(f"member {result.member}: selection loss {loss} nats, {verdict}{kept}")
