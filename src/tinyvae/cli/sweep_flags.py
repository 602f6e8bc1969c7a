"""Options that a sweep and a search share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

OUTPUT = "Sweep and output"  # their panel in the help

SpecArgument = Annotated[
    Path | None, typer.Argument(help="A spec (TOML); --example prints one.")
]
KeepOption = Annotated[
    str | None,
    typer.Option(
        help="Weights to keep as run folders: all, best (of each setting the seed "
        "of highest ELBO), none (none, or as before).",
        rich_help_panel=OUTPUT,
    ),
]
RetryOption = Annotated[
    bool,
    typer.Option(
        "--retry",
        help="With --resume: train failed members again.",
        rich_help_panel=OUTPUT,
    ),
]
TogetherOption = Annotated[
    int | None,
    typer.Option(
        help="Most runs that train together (measured).", rich_help_panel=OUTPUT
    ),
]
MemoryOption = Annotated[
    float | None,
    typer.Option(
        help="GB that a group may take (half of what is free).",
        rich_help_panel=OUTPUT,
    ),
]
CheckpointOption = Annotated[
    float,
    typer.Option(help="Seconds between checkpoints.", rich_help_panel=OUTPUT),
]
DeterministicOption = Annotated[
    bool,
    typer.Option(
        "--deterministic",
        help="One thread: the same bits every time, for the same --together.",
        rich_help_panel=OUTPUT,
    ),
]
ExampleOption = Annotated[
    bool,
    typer.Option(
        "--example", help="Print a commented spec, and end.", rich_help_panel=OUTPUT
    ),
]
QuietOption = Annotated[
    bool,
    typer.Option("--quiet", help="No progress, only failures.", rich_help_panel=OUTPUT),
]
TrackOption = Annotated[
    list[str] | None,
    typer.Option(
        help="Show each member in tensorboard:FOLDER (logs) or mlflow:URI "
        "(MLFLOW_TRACKING_URI); may be repeated.",
        metavar="TRACKER",
        rich_help_panel=OUTPUT,
    ),
]
