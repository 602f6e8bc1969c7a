"""Codes of a run's own pictures, or of other pictures in the same form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from tinyvae.errors import ConfigError
from tinyvae.evaluation.encode import Posteriors, encode_images, encode_rows
from tinyvae.evaluation.fit import ACTIVE_KL, MOST_ROWS, answer_rows
from tinyvae.factors import FactorTable
from tinyvae.files.codes_writing import EncodedTable
from tinyvae.files.npz import checked_images, read_array
from tinyvae.models.told import told_to
from tinyvae.objectives.naming import supervision_of
from tinyvae.runs.run import Run
from tinyvae.worlds import Pictures


def encode_own(run: Run, *, held_out: bool = False) -> EncodedTable:
    """Codes of all pictures of a run (of 10 000, if a drawn world has more).

    Or of those alone that were held out of training.

    Raises: ConfigError if none were held out.
    """
    return _with_knowledge(run, _encode_own(run, held_out))


def _encode_own(run: Run, held_out: bool) -> EncodedTable:
    if isinstance(run.world, Pictures):
        return _encode_pictures(run, run.world, held_out=held_out)
    table, rows = answer_rows(run.population)
    if held_out:
        found = run.population.held_out(MOST_ROWS)
        if found is None:
            raise _none_held_out()
        table, rows = found
    posteriors = encode_rows(run.vae, run.population, rows)
    kl = posteriors.mean_kl(table.probability)
    return EncodedTable(*posteriors, table=table, active=kl >= ACTIVE_KL)


def encode_other(run: Run, images: Path) -> EncodedTable:
    """Codes of pictures in a folder or a file, brought to the form of the run.

    Raises: ConfigError or DataError if they cannot be read, or do not fit.
    """
    return _with_knowledge(run, _encode_other(run, images))


def _encode_other(run: Run, images: Path) -> EncodedTable:
    if isinstance(run.world, Pictures):
        return _encode_pictures(run, run.world.like(str(images)))
    if images.suffix.lower() == ".npz":
        pictures = checked_images(
            read_array(images, "images"), run.world.image_shape, str(images)
        )
        return EncodedTable(*encode_images(run.vae, pictures))
    height, width, channels = run.world.image_shape
    colour = "rgb" if channels == 3 else "grey"
    return _encode_pictures(
        run, Pictures(str(images), size=(height, width), channels=colour, held_out=0.0)
    )


def _with_knowledge(run: Run, encoded: EncodedTable) -> EncodedTable:
    """The codes with what training saw of the factors, and what the network is told."""
    return replace(
        encoded,
        seen=supervision_of(run.config.objective),
        told=told_to(run.config.network),
        notes=(*encoded.notes, *run.answer.known),
    )


def _encode_pictures(
    run: Run, world: Pictures, *, held_out: bool = False
) -> EncodedTable:
    population = world.population()
    rows = np.arange(len(population.names))
    if held_out:
        rows = np.flatnonzero(population.reading.held)
        if len(rows) == 0:
            raise _none_held_out()
    names: Sequence[str] = [population.names[int(row)] for row in rows]
    posteriors: Posteriors = encode_rows(run.vae, population, rows)
    values = population.reading.values[rows]
    probability = np.full(len(names), 1 / len(names))
    table = FactorTable(
        population.factors, values, probability, independent=False, complete=False
    )
    height, width, channels = population.image_shape
    form = f"encoded as {height}x{width}, {'colour' if channels == 3 else 'grey'}"
    # which pictures are held out matters where these alone are encoded
    notes = population.report.notes
    read = [note for note in notes if held_out or note.topic != "split"]
    lines = [note.line() for note in read]
    notes = (*lines, f"size: {form}, as the run was trained.")
    return EncodedTable(*posteriors, names=names, table=table, notes=notes)


def _none_held_out() -> ConfigError:
    return ConfigError(
        "--held-out: expected a run that held pictures out of training, got one that "
        "did not. Run it without --held-out."
    )
