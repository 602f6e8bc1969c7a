"""`tinyvae sweep report`: the page that compares the settings of a sweep."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tinyvae.cli.app import ends_well, give, talk
from tinyvae.cli.report import write_page
from tinyvae.cli.sweep_results import FolderArgument
from tinyvae.errors import ConfigError, DataError, RunFolderError
from tinyvae.wording import counted

if TYPE_CHECKING:
    from tinyvae.sweeps.table import SweepTable


@ends_well
def report(
    folder: FolderArgument,
    out: Annotated[
        Path | None, typer.Option(help="HTML file to write (DIR/report.html).")
    ] = None,
    pages: Annotated[
        bool,
        typer.Option(
            "--pages",
            help="Write the page of each member whose weights are kept, where it has "
            "none.",
        ),
    ] = False,
) -> None:
    """Write one HTML file that compares the settings of a sweep over their seeds.

    It says which objective gives every factor a latent of its own, and how often. It
    needs no server and no network; also while the sweep runs.

    [bold]Examples[/bold]

    tinyvae sweep report sweeps/study

    tinyvae sweep report sweeps/study --pages --out study.html
    """
    from tinyvae.sweeps.table import load_sweep

    found = load_sweep(folder)
    if pages:
        write_member_pages(found)
    out = folder / "report.html" if out is None else out
    page = found.report(out, note=talk)
    talk(f"report: {out}: {len(page.encode()) / 1e6:.1f} MB")
    give(str(out))


def write_member_pages(found: SweepTable) -> None:
    """Write the page of each member that has weights and no page, into its folder.

    Those of members whose weights are at a URL go into a folder of the sweep. A page
    that cannot be made, as where own pictures have moved, is left out and told.
    """
    from tinyvae.sweeps.weights import page_of, run_folder_of

    kept = [str(name) for name in found["kept"] if name is not None]
    missing = [name for name in kept if not page_of(found.folder, name).is_file()]
    reasons: Counter[str] = Counter()
    for place, name in enumerate(missing, start=1):
        try:
            with run_folder_of(found.folder, name) as run:
                write_page([run], page_of(found.folder, name), quiet=True)
        except (ConfigError, DataError, RunFolderError) as error:
            reasons[str(error)] += 1
        if place % 10 == 0 or place == len(missing):
            written = place - reasons.total()
            talk(f"{written} of {counted(len(missing), 'page')} written")
    for reason, number in reasons.items():
        talk(f"{counted(number, 'page')} left out: {reason}")
    if not kept:
        talk(
            "no weights are kept, so no member has a page. Sweep into another folder "
            "with --keep all."
        )
