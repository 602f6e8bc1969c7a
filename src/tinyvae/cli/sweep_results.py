"""`tinyvae sweep status`, `export` and `table`: what a sweep has found so far."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tinyvae.cli.app import ends_well, give, give_json, talk
from tinyvae.cli.inputs import JsonOption
from tinyvae.cli.wrapping import terminal_width
from tinyvae.errors import ConfigError
from tinyvae.sweeps.ledger import STATES, open_ledger
from tinyvae.sweeps.ledger_file import has_ledger
from tinyvae.sweeps.live import read_live
from tinyvae.sweeps.lock import has_writer
from tinyvae.sweeps.search.place import has_record
from tinyvae.wording import counted, duration

if TYPE_CHECKING:
    from tinyvae.sweeps.table import SweepTable

MOST_GROUPS = 10  # that `status` lists
MOST_FAILURES = 10  # that `status` lists

FolderArgument = Annotated[
    Path, typer.Argument(help="Folder of the sweep.", metavar="DIR")
]


@ends_well
def status(folder: FolderArgument, as_json: JsonOption = False) -> None:
    """Show how far a sweep is, also while it runs in another terminal."""
    found = status_json(folder)
    if as_json:
        give_json(found)
        return
    states = ", ".join(
        f"{number} {state}" for state, number in found["members"].items() if number
    )
    running = "a process works on it" if found["running"] else "no process works on it"
    none = "no member is planned yet" if found["running"] else "no members"
    give(f"{folder}: {states or none}; {running}")
    for failure in found["failed"][:MOST_FAILURES]:
        give(
            f"failed: {failure['objective']} seed {failure['seed']} "
            f"({failure['identity']}), step {failure['step']}: {failure['reason']}"
        )
    more = len(found["failed"]) - MOST_FAILURES
    if more > 0:
        give(f"and {counted(more, 'failure')} more")
    live = found["progress"]
    for group in [] if live is None else live["groups"][:MOST_GROUPS]:
        give(group_text(group))
    if found["members"]["running"] and not (live and live["groups"]):
        give("a group is being prepared")
    if live is not None and len(live["groups"]) > MOST_GROUPS:
        give(f"and {counted(len(live['groups']) - MOST_GROUPS, 'group')} more")
    members = found["members"]
    left = members["planned"] + members["running"] + members["interrupted"]
    if live is not None and live["seconds_left"] is not None:
        give(f"about {duration(live['seconds_left'])} left, at the speed so far")
    elif left and found["seconds_left"] is not None:
        give(f"about {duration(found['seconds_left'])} of work left, by those done")
    if left and not found["running"]:
        search = "search " if has_record(folder) else ""
        give(f"Continue with: tinyvae sweep {search}--resume --out {folder}")


def status_json(folder: Path) -> dict[str, Any]:
    """Numbers of members in each state, failures, and whether a process works on it."""
    running = has_writer(folder)
    if running and not has_ledger(folder):  # it measures before it plans
        counts, failed = dict.fromkeys(STATES, 0), []
        groups, seconds = 0, None
    else:
        with open_ledger(folder) as ledger:
            counts, failed = ledger.counts(), ledger.entries("failed")
            groups, seconds = len(ledger.measured()), ledger.mean_seconds()
    left = counts["planned"] + counts["running"]
    interrupted = 0 if running else counts["running"]
    counts |= {"running": counts["running"] - interrupted, "interrupted": interrupted}
    return {
        "folder": str(folder),
        "running": running,
        "members": counts,
        "progress": read_live(folder) if running else None,
        "groups": groups,
        "seconds_left": None if seconds is None else seconds * left,
        "failed": [
            {
                "identity": entry.identity,
                "objective": entry.objective,
                "seed": entry.seed,
                "step": entry.step,
                "reason": entry.reason,
            }
            for entry in failed
        ],
    }


def group_text(group: dict[str, Any]) -> str:
    """How far a group is, on one line.

    >>> group_text({"group": 0, "step": 50000, "steps": 60000, "doing": "",
    ...             "pictures_per_second": 8000.0, "seconds_left": 42.0})
    'group 1: step 50000 of 60000; 8,000 pictures/s; 42 s of training left'
    """
    doing = group["doing"] or f"step {group['step']} of {group['steps']}"
    parts = [f"group {group['group'] + 1}: {doing}"]
    if not group["doing"] and group["pictures_per_second"] is not None:
        parts.append(f"{group['pictures_per_second']:,.0f} pictures/s")
    if not group["doing"] and group["seconds_left"] is not None:
        parts.append(f"{duration(group['seconds_left'])} of training left")
    return "; ".join(parts)


@ends_well
def export(
    folder: FolderArgument,
    to: Annotated[Path, typer.Option(help="A file .csv, .json or .parquet.")],
) -> None:
    """Write a row for each member: settings, state, answer, scores, times."""
    from tinyvae.sweeps.table import check_export_path, export_table, load_sweep

    check_export_path(to)
    export_table(load_sweep(folder), to)
    talk(f"wrote {to}")


@ends_well
def table(
    folder: FolderArgument,
    to: Annotated[
        Path | None, typer.Option(help="A file .md, .tex, .csv or .json.")
    ] = None,
    target: Annotated[
        str | None,
        typer.Option(
            help="Count the seeds that have at least these values, such as "
            "smallest_share=0.99,smallest_readout=0.97; at most those of columns that "
            "are better when lower, such as loss=20."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show a row for each setting: how often the answer is clear, scores, cost."""
    from tinyvae.files.result_tables import check_table_path, write_table
    from tinyvae.sweeps.table import load_sweep

    if to is not None:
        check_table_path(to)
    wanted = None if target is None else parse_target(target)
    found = load_sweep(folder)
    over_seeds = found.over_seeds(wanted)
    if to is not None:
        write_table(to, over_seeds)
        talk(f"wrote {to}")
    if as_json:
        give_json(result_json(found, wanted))
    elif to is None:
        give(over_seeds.text(terminal_width()))


def parse_target(text: str) -> dict[str, float]:
    """Values of columns to be reached, from `column=number,column=number`.

    >>> parse_target("smallest_share=0.99, elbo=-22")
    {'smallest_share': 0.99, 'elbo': -22.0}

    Raises: ConfigError if a part has another form.
    """
    found: dict[str, float] = {}
    for part in text.split(","):
        name, equals, value = (piece.strip() for piece in part.partition("="))
        try:
            found[name] = float(value)
        except ValueError:
            equals = ""
        if not (name and equals):
            raise ConfigError(
                "--target: expected column=number, or several between commas, got "
                f"{part.strip()!r}."
            )
    return found


def result_text(found: SweepTable) -> str:
    """The summary, for a terminal."""
    return found.over_seeds().text(terminal_width())


def result_json(
    found: SweepTable, target: dict[str, float] | None = None
) -> dict[str, Any]:
    """The summary as JSON values, one object for each setting."""
    summary = found.over_seeds(target).data_table()
    return {
        "folder": str(found.folder),
        "settings": [
            dict(zip(summary.columns, row, strict=True)) for row in summary.rows
        ],
    }
