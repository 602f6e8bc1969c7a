"""`tinyvae train`: the main job."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tinyvae.cli.app import (
    EXIT_INTERRUPTED,
    app,
    ends_well,
    give,
    give_json,
    stop,
    talk,
)
from tinyvae.cli.report import PAGE, write_page
from tinyvae.cli.run_folder import run_folder
from tinyvae.cli.settings import (
    combined,
    nested,
    objective_settings,
    parse_range,
    parse_widths,
)
from tinyvae.errors import ConfigError

if TYPE_CHECKING:
    from tinyvae.runs.config import RunConfig
    from tinyvae.runs.run import Run

WORLD, NETWORK, TRAINING, OUTPUT = "World", "Network", "Training", "Run and output"


@app.command()
@ends_well
def train(
    objective: Annotated[
        str | None,
        typer.Option(
            help="vae, beta-vae or annealed-tc (default).", rich_help_panel=TRAINING
        ),
    ] = None,
    beta: Annotated[
        float | None,
        typer.Option(help="Weight of the KL in a beta-VAE.", rich_help_panel=TRAINING),
    ] = None,
    steps: Annotated[
        int | None, typer.Option(help="Minibatches (2000).", rich_help_panel=TRAINING)
    ] = None,
    batch_size: Annotated[
        int | None,
        typer.Option(help="Pictures in a minibatch (256).", rich_help_panel=TRAINING),
    ] = None,
    learning_rate: Annotated[
        float | None,
        typer.Option(
            help="Adam's rate at the start (0.004).", rich_help_panel=TRAINING
        ),
    ] = None,
    members: Annotated[
        int | None,
        typer.Option(
            help="VAEs that start together (4); the best by its loss is kept, "
            "without labels.",
            rich_help_panel=TRAINING,
        ),
    ] = None,
    samples: Annotated[
        int | None,
        typer.Option(
            help="Train on so many fixed pictures, at least 10 (4/5 train, 1/5 test).",
            rich_help_panel=TRAINING,
        ),
    ] = None,
    layout: Annotated[
        str | None,
        typer.Option(
            help="margin (default), inside, clipped, diamond, disc or gaussian.",
            rich_help_panel=WORLD,
        ),
    ] = None,
    size: Annotated[
        int | None,
        typer.Option(help="Pixels a side, 8 to 256 (32).", rich_help_panel=WORLD),
    ] = None,
    radius: Annotated[
        str | None,
        typer.Option(
            help="Radii in pixels, such as 3:8 (the default for size 32).",
            rich_help_panel=WORLD,
        ),
    ] = None,
    hidden: Annotated[
        str | None,
        typer.Option(
            help="Widths of the encoder's hidden layers (256,128).",
            rich_help_panel=NETWORK,
        ),
    ] = None,
    activation: Annotated[
        str | None,
        typer.Option(
            help="relu, silu (default), gelu, tanh or elu.", rich_help_panel=NETWORK
        ),
    ] = None,
    latents: Annotated[
        int | None, typer.Option(help="Latent dimensions (3).", rich_help_panel=NETWORK)
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            help="All random numbers come from it (0).", rich_help_panel=OUTPUT
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Run folder (runs/LAYOUT-OBJECTIVE-seedN).", rich_help_panel=OUTPUT
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
            help="Any setting, such as objective.tc_weight=50.",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume", help="Go on where a run ended.", rich_help_panel=OUTPUT
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
    deterministic: Annotated[
        bool,
        typer.Option(
            "--deterministic",
            help="One thread: the same bits every time.",
            rich_help_panel=OUTPUT,
        ),
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="No progress.", rich_help_panel=OUTPUT)
    ] = False,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="The answer as JSON.", rich_help_panel=OUTPUT),
    ] = False,
) -> None:
    """Draw circles, train a VAE, and say which latent is which factor.

    [bold]Examples[/bold]

    tinyvae train                          # the recipe: circles, VAE, answer

    tinyvae train --objective vae --seed 3 # a plain VAE

    tinyvae train --beta 4 --steps 2000    # a beta-VAE

    tinyvae train --members 4              # the best of four, without labels

    tinyvae train --layout diamond --set objective.tc_weight=50
    """
    options = nested(
        world={
            "layout": layout,
            "size": size,
            "radius": parse_range(radius) if radius is not None else None,
        },
        objective=objective_settings(objective, beta),
        network={
            "hidden": parse_widths(hidden) if hidden is not None else None,
            "activation": activation,
            "latents": latents,
        },
        training={
            "steps": steps,
            "batch_size": batch_size,
            "learning_rate": learning_rate,
        },
        seed=seed,
        members=members,
        samples=samples,
    )
    if not (math.isfinite(checkpoint_every) and checkpoint_every >= 0):
        raise ConfigError(
            "--checkpoint-every: expected seconds of at least 0, "
            f"got {checkpoint_every}."
        )
    if deterministic:
        run_on_one_thread()
    from tinyvae.runs.config import config_from_mapping

    run_config = config_from_mapping(combined(config, assignments or [], options))
    folder = run_folder(run_config, out, resume=resume, overwrite=overwrite)
    run = train_into(run_config, folder, checkpoint_every, quiet=quiet)
    report(run, as_json=as_json, quiet=quiet)
    if pictures:
        draw_pictures(run, folder, quiet=quiet)
        write_page([folder], folder / PAGE, quiet=quiet)
    if not quiet:
        talk(f"run: {folder}")


def run_on_one_thread() -> None:
    """Ask XLA for one thread; must come before JAX is imported."""
    os.environ["XLA_FLAGS"] = " ".join(
        [
            os.environ.get("XLA_FLAGS", ""),
            "--xla_cpu_multi_thread_eigen=false",
            "intra_op_parallelism_threads=1",
        ]
    ).strip()
    os.environ["NPROC"] = "1"


def train_into(
    config: RunConfig, folder: Path, checkpoint_every: float, *, quiet: bool
) -> Run:
    """Train, showing progress, and save; a finished run is only read again."""
    from tinyvae.cli.progress import describe, progress_display
    from tinyvae.experiment import run_experiment
    from tinyvae.runs.folder import load_run, save_run

    if (folder / "answer.json").exists():
        if not quiet:
            talk(f"{folder} is finished already.")
        return load_run(folder)
    if not quiet:
        talk(describe(config))
    try:
        with progress_display(config, quiet=quiet) as watch:
            run = run_experiment(
                config, folder, watch, checkpoint_every=checkpoint_every
            )
    except KeyboardInterrupt:
        stop(
            f"interrupted. Go on with the same command and --resume --out {folder}",
            EXIT_INTERRUPTED,
        )
    save_run(run, folder)
    return run


def draw_pictures(run: Run, folder: Path, *, quiet: bool) -> None:
    """Draw every figure into the run folder."""
    from tinyvae.plots import draw_all

    draw_all(run, folder / "pictures")
    if not quiet:
        talk(f"pictures: {folder / 'pictures'}")


def report(run: Run, *, as_json: bool, quiet: bool) -> None:
    """Print the answer, and how the other members did."""
    if as_json:
        give_json(run.to_json())
    else:
        give(str(run.answer))
    if run.test is not None and not quiet:
        talk(
            f"test: ELBO {run.test['elbo']:.2f} nats "
            f"on {run.test['samples']:.0f} held-out pictures"
        )
    if len(run.members) > 1 and not quiet:
        for result in run.members:
            verdict = result.answer.verdict if result.answer else "loss not finite"
            kept = " (kept)" if result.chosen else ""
            loss = (
                "" if result.selection_loss is None else f"{result.selection_loss:.2f}"
            )
            talk(f"member {result.member}: selection loss {loss} nats, {verdict}{kept}")
