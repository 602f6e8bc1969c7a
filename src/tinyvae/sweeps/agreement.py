"""UDR of the members whose weights are kept: whether seeds found the same latents."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from tinyvae.errors import ConfigError, DataError, RunFolderError
from tinyvae.evaluation.encode import encode_rows
from tinyvae.evaluation.fit import answer_rows
from tinyvae.files.result_tables import Cell
from tinyvae.measures.share import is_constant
from tinyvae.runs.run import Run
from tinyvae.scores.udr import udr
from tinyvae.sweeps.summary import Setting
from tinyvae.sweeps.weights import kept_run

MOST_ROWS = 1000  # pictures on which seeds are compared

Note = Callable[[str], None]


def udr_of_kept(
    settings: Sequence[Setting], folder: Path, note: Note | None = None
) -> dict[Cell, float]:
    """UDR of each member by its identity, 0 to 1, among the kept seeds of its setting.

    Settings of which fewer than two seeds are kept, whose seeds have no latent that
    carries information, or whose world has fewer than ten pictures have none. All seeds
    see the pictures of the first.
    """
    found: dict[Cell, float] = {}
    for setting in settings:
        kept = [row for row in setting.done if row["kept"] is not None]
        if len(kept) < 2:
            continue
        if note is not None:
            note(f"UDR of {len(kept)} seeds with weights ...")
        runs = [(row["identity"], _run(folder, str(row["kept"]), note)) for row in kept]
        there = [(identity, run) for identity, run in runs if run is not None]
        try:
            found |= _udr([name for name, _ in there], [run for _, run in there])
        except DataError as error:
            if note is not None:
                note(f"UDR of these {len(there)} seeds is undefined: {error}")
    return found


def _udr(names: Sequence[Cell], runs: Sequence[Run]) -> dict[Cell, float]:
    if len(runs) < 2:
        return {}
    population = runs[0].population
    rows = answer_rows(population).rows
    rows = np.random.default_rng(0).permutation(rows)[:MOST_ROWS]
    codes = [encode_rows(run.vae, population, rows).mean for run in runs]
    active = [
        run.answer.measurement.axes.active & ~is_constant(found)
        for run, found in zip(runs, codes, strict=True)
    ]
    alive = [place for place, flags in enumerate(active) if flags.any()]
    if len(alive) < 2:
        return {}
    score = udr([codes[k] for k in alive], active=[active[k] for k in alive])
    assert score.parts is not None
    return {names[k]: float(part) for k, part in zip(alive, score.parts, strict=True)}


def _run(folder: Path, kept: str, note: Note | None) -> Run | None:
    """A kept run; None, with a note, where it was removed or cannot be reached."""
    try:
        return kept_run(folder, kept)
    except (RunFolderError, DataError, ConfigError) as error:
        if note is not None:
            note(f"UDR leaves out a member: {error}")
        return None
