"""Weights of chosen members, as ordinary run folders; the ledger names each."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, get_args

from tinyvae.errors import ConfigError
from tinyvae.sweeps.ledger import Entry, Ledger
from tinyvae.sweeps.ledger_writing import LedgerWriter
from tinyvae.sweeps.results import Done
from tinyvae.sweeps.weights import RUNS, left_behind, remove_kept, save_in_folder
from tinyvae.wording import counted

Keep = Literal["all", "best", "none"]


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

    The folder is written first, here or by the engine, so that the ledger never names
    one that is missing.
    """
    rival = None
    if keep == "best":
        rival = kept_rival(ledger.read, result.identity)
        better = rival is None or quality_of(result) > _quality(rival)
    else:
        better = keep == "all"
    if not better:
        ledger.record(result)
        if result.kept is not None:
            remove_kept(ledger.folder, result.kept)
        return
    kept = result.kept or save_in_folder(result.run, result.identity, ledger.folder)
    ledger.record(result, kept)
    if rival is not None and rival.identity != result.identity:
        drop(ledger, rival)


def quality_of(result: Done) -> float:
    """The ELBO in nats, on held-out pictures if there are any: it needs no label."""
    run = result.run
    if run.test is not None:
        return run.test["elbo"]
    return float("-inf") if run.answer.fit is None else run.answer.fit.elbo


def _quality(entry: Entry) -> float:
    elbo = entry.elbo if entry.test_elbo is None else entry.test_elbo
    return float("-inf") if elbo is None else elbo


def line_on_unkept(ledger: Ledger, keep: str) -> str | None:
    """How many members that are done have no weights although some are to be kept.

    None where there are none. Where the best are kept, those of settings without any.
    """
    kept = ledger.kept()
    done = [entry for entry in ledger.entries("done") if entry.kept is None]
    if keep == "best":
        settings = {without_seed(entry.settings) for entry in kept}
        done = [one for one in done if without_seed(one.settings) not in settings]
    if keep == "none" or not done:
        return None
    members = counted(len(done), "finished member")
    return (
        f"--keep {keep}: {members} without weights, which are kept only when a member "
        f"ends. To get them, sweep into another folder with --keep {keep}."
    )


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
    remove_kept(ledger.folder, entry.kept)


def tidy(ledger: LedgerWriter, keep: str, weights: str | None = None) -> None:
    """Remove run folders that a killed process left, and that the ledger does not name.

    Those in the folder of the sweep, and below `weights`, its own URL. Where the
    best are kept, of two kept runs of one setting only the better stays.
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
    if weights is not None:
        for url in left_behind(weights, {str(name) for name in named}):
            remove_kept(ledger.folder, url)
