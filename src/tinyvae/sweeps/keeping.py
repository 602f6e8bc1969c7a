"""Weights of chosen members, as ordinary run folders within the folder of a sweep."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, get_args

from tinyvae.errors import ConfigError
from tinyvae.files.whole import make_folder
from tinyvae.runs.folder import save_run
from tinyvae.sweeps.ledger import Entry, Ledger
from tinyvae.sweeps.ledger_writing import LedgerWriter
from tinyvae.sweeps.results import Done

Keep = Literal["all", "best", "none"]
RUNS = "runs"


def check_keep(keep: str) -> None:
    """Refuse a word that says nothing about what to keep.

    Raises: ConfigError.
    """
    if keep not in get_args(Keep):
        raise ConfigError(
            f"--keep: expected {', '.join(get_args(Keep))}, got {keep!r}. best keeps "
            "the seed of highest ELBO of each setting."
        )


def record(ledger: LedgerWriter, result: Done, keep: str) -> None:
    """Write a result to the ledger, and its run folder if its weights are to be kept.

    The folder is written first, so that the ledger never names one that is missing.
    """
    rival = None
    if keep == "best":
        rival = kept_rival(ledger.read, result.identity)
        better = rival is None or quality_of(result) > _quality(rival)
    else:
        better = keep == "all"
    if not better:
        ledger.record(result)
        return
    folder = Path(RUNS) / folder_name(result)
    make_folder(ledger.folder / RUNS)
    save_run(result.run, ledger.folder / folder)
    ledger.record(result, str(folder))
    if rival is not None and rival.identity != result.identity:
        drop(ledger, rival)


def folder_name(result: Done) -> str:
    """`WORLD-OBJECTIVE-seedN-IDENTITY`."""
    config = result.run.config
    return (
        f"{config.world.kind}-{config.objective.kind}-seed{config.seed}-"
        f"{result.identity[:8]}"
    )


def quality_of(result: Done) -> float:
    """The ELBO in nats, on held-out pictures if there are any: it needs no label."""
    run = result.run
    if run.test is not None:
        return run.test["elbo"]
    return float("-inf") if run.answer.fit is None else run.answer.fit.elbo


def _quality(entry: Entry) -> float:
    elbo = entry.elbo if entry.test_elbo is None else entry.test_elbo
    return float("-inf") if elbo is None else elbo


def kept_rival(ledger: Ledger, identity: str) -> Entry | None:
    """The member with the same settings but for the seed whose weights are kept."""
    setting = without_seed(ledger.entry(identity).settings)
    for entry in ledger.kept():
        if without_seed(entry.settings) == setting:
            return entry
    return None


def without_seed(settings: Mapping[str, Any]) -> str:
    """The settings but for the seed, as a text that is the same for the same ones."""
    rest = {name: value for name, value in settings.items() if name != "seed"}
    return json.dumps(rest, sort_keys=True)


def drop(ledger: LedgerWriter, entry: Entry) -> None:
    """Keep the weights of a member no longer."""
    assert entry.kept is not None
    ledger.set_kept(entry.identity, None)
    shutil.rmtree(ledger.folder / entry.kept, ignore_errors=True)


def tidy(ledger: LedgerWriter, keep: str) -> None:
    """Remove run folders that a killed process left, and that the ledger does not name.

    Where the best are kept, of two kept runs of one setting only the better stays.
    """
    best: dict[str, Entry] = {}
    for entry in ledger.read.kept() if keep == "best" else []:
        setting = without_seed(entry.settings)
        rival = best.get(setting)
        if rival is None:
            best[setting] = entry
            continue
        worse, better = sorted((rival, entry), key=_quality)
        best[setting] = better
        drop(ledger, worse)
    named = {entry.kept for entry in ledger.read.kept()}
    for folder in (ledger.folder / RUNS).glob("*-seed*-*"):
        if str(Path(RUNS) / folder.name) not in named:
            shutil.rmtree(folder, ignore_errors=True)
