"""Progress of training: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tinyvae.cli.app import talk
from tinyvae.models import Translated
from tinyvae.models.told import told_to
from tinyvae.objectives import BetaVAE, CoarseToFine
from tinyvae.objectives.naming import supervision_of
from tinyvae.objectives.semi_supervised import BASES, SemiSupervised
from tinyvae.runs.config import RunConfig
from tinyvae.runs.members import Progress
from tinyvae.worlds.world import Population, Reports

NUM_PLAIN_LINES = 10
MOST_KLS = 10  # that a line of progress lists


def describe(config: RunConfig) -> str:
    """The run to come, in a few lines; its settings are decided."""
    training, objective = config.training, config.objective
    lines = [
        f"pictures: {config.world.describe()}",
        f"network: {config.network.describe()}; likelihood: {config.likelihood}",
        f"objective: {objective.kind}, {training.steps} steps of "
        f"{training.batch_size} pictures, seed {config.seed}",
    ]
    if objective.needs.supervision != "none":
        lines.append(f"supervision: {supervision_of(objective)}")
    if told := told_to(config.network):
        lines.append(f"the network is told: {told}")
    has_base = isinstance(objective, SemiSupervised)
    recipe = BASES[objective.base] if has_base else objective
    if isinstance(recipe, CoarseToFine) and recipe.blur:
        until = math.ceil(recipe.fine_at * training.steps)
        lines.append(
            "no picture is blurred, since this network moves what it draws"
            if isinstance(config.network, Translated)
            else f"terms until step {until} are those of blurred pictures"
        )
    if isinstance(objective, BetaVAE):
        pixels = math.prod(config.world.image_shape)
        latents = config.network.latents or 1
        lines.append(
            f"beta {objective.beta:g} on sums over pixels and latents in nats; "
            f"{objective.per_pixel_beta(pixels, latents):.4g} where "
            "reconstruction is averaged over pixels and KL over latents"
        )
    return "\n".join(lines)


def tell_what_was_read(population: Population, *, quiet: bool = False) -> None:
    """Print which pictures were read, and what was guessed and left out.

    What was left out, and warnings, are printed even where nothing else is.
    """
    if isinstance(population, Reports):
        for line in population.report.lines():
            if not quiet or line.startswith(("left out", "warning")):
                talk(line)


@contextmanager
def progress_display(
    config: RunConfig, *, quiet: bool
) -> Iterator[Callable[[Progress], None] | None]:
    """Something that shows each Progress: a bar, lines, or nothing."""
    if quiet:
        yield None
    elif sys.stderr.isatty():
        with bar() as watch:
            yield watch
    else:
        yield lines(config.training.steps)


@contextmanager
def bar() -> Iterator[Callable[[Progress], None]]:
    """A bar that is redrawn in place, with the terms below."""
    from rich.console import Console, Group
    from rich.live import Live
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as Bar
    from rich.text import Text

    bar = Bar(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:.0f} %"),
    )
    task = bar.add_task("compiling", total=None)
    line = Text("")
    console = Console(stderr=True)
    with Live(Group(bar, line), console=console, transient=True) as live:

        def watch(progress) -> None:
            description = f"step {progress.step}/{progress.steps}"
            bar.update(
                task,
                total=progress.steps,
                completed=progress.step,
                description=description,
            )
            live.update(Group(bar, Text(terms_text(progress))))

        yield watch


def lines(num_steps: int) -> Callable[[Progress], None]:
    """A line for each tenth of training."""
    every = max(1, num_steps // NUM_PLAIN_LINES)
    printed = 0

    def watch(progress: Progress) -> None:
        nonlocal printed
        tenth = progress.step // every
        if tenth > printed or progress.step == progress.steps:
            printed = tenth
            talk(f"step {progress.step}/{progress.steps}: {terms_text(progress)}")

    return watch


def terms_text(progress: Progress) -> str:
    """Terms of the first member, speed and time left, on one line."""
    terms = progress.terms[0]
    largest = sorted(terms.kl, reverse=True)
    shown = terms.kl if len(terms.kl) <= MOST_KLS else largest[:MOST_KLS]
    kl = " ".join(f"{value:.2f}" for value in shown)
    if len(terms.kl) > MOST_KLS:
        kl = f"largest of {len(terms.kl)} latents: {kl}"
    rate = progress.pictures / max(progress.seconds, 1e-9)
    left = progress.pictures_left / max(rate, 1e-9)
    return (
        f"ELBO {terms.elbo:.1f} = reconstruction {terms.reconstruction:.1f} - "
        f"KL {sum(terms.kl):.2f} ({kl}) nats; {rate:,.0f} pictures/s; {left:.0f} s left"
    )
