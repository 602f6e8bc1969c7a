"""From a user's files or arrays to pictures by row, labels, a split and a report."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int

from tinyvae.errors import DataError
from tinyvae.factors import Factor
from tinyvae.notes import Note
from tinyvae.pictures.cache import Progress, cache_folder, cached, in_memory
from tinyvae.pictures.duplicates import duplicates
from tinyvae.pictures.finding import find_source
from tinyvae.pictures.fitting import Form
from tinyvae.pictures.forming import form_of_blocks, form_of_files
from tinyvae.pictures.pixels import (
    Pixels,
    blocks_in_form,
    blocks_of_files,
    check_range,
    pixels_of,
)
from tinyvae.pictures.report import Report
from tinyvae.pictures.rules import DEFAULT, FormRule, Rules
from tinyvae.pictures.source import Blocks, Files, Source
from tinyvae.pictures.splitting import group_numbers, held_out_rows
from tinyvae.pictures.store import Store
from tinyvae.tables.joining import joined
from tinyvae.tables.kinds import Label
from tinyvae.tables.labels import check_column, labels_of
from tinyvae.tables.reading import read_table
from tinyvae.tables.rules import LabelRule
from tinyvae.tables.table import Table

FEWEST = 10  # pictures, to train on some and hold out others


@dataclass(frozen=True, eq=False)
class Reading:
    """Pictures by row, their labels, which are held out, and a report.

    `fingerprint` changes when a picture, a name or a label does. `table` holds the
    labels as they were read, one row per picture; None if there are none. `group`
    numbers the pictures that were held out together, None where each stands by itself.
    """

    store: Store
    form: Form
    names: Sequence[str]
    labels: tuple[Label, ...]
    held: Bool[np.ndarray, " sample"]
    pixels: Pixels
    fingerprint: str
    report: Report
    table: Table | None
    group: Int[np.ndarray, " sample"] | None = None

    def __hash__(self) -> int:
        return hash(self._identity)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Reading) and self._identity == other._identity

    @property
    def _identity(self) -> tuple[str, Form, int]:
        return self.fingerprint, self.form, hash(self.held.tobytes())

    @property
    def factors(self) -> tuple[Factor, ...]:
        """The factors of the labels."""
        return tuple(label.factor for label in self.labels)

    @cached_property
    def values(self) -> Float[np.ndarray, "sample factor"]:
        """The value of each factor in each picture, NaN if unknown."""
        columns = [label.values for label in self.labels]
        return np.column_stack(columns) if columns else np.empty((len(self.names), 0))


def read_pictures(
    images: Any,
    labels: Any = None,
    *,
    rules: Rules = DEFAULT,
    progress: Progress | None = None,
) -> Reading:
    """Read, check, join and split a user's pictures and labels.

    Args:
        images: a path of a folder or file, an array, a data frame, a list of paths.
        labels: a path of a table, a data frame, a dict of columns, an array; None for
            those that come with the pictures.
        rules: size and channels; key, kinds and columns; share held out.
        progress: called with the number of decoded pictures, and of all pictures.

    Raises: ConfigError or DataError, naming file and row, if something does not fit.
    """
    source = _source(images, labels, rules)
    table, key, label_notes = _labels_beside(source, labels, rules.labels)
    found, groups, kind_notes = _typed(source, table, key, rules.labels)
    held, split_notes = held_out_rows(len(source), found, groups, rules.split)
    store, form, form_notes = _decoded(source, rules.form, progress)
    pixels, reason = pixels_of(store.tally, form)
    notes = (
        *source.notes,
        *form_notes,
        Note("pixels", reason),
        *_warnings(store, form),
        *label_notes,
        *kind_notes,
        *split_notes,
        *_complete(found, held),
        *duplicates(store, held, source.names, rules.split.seed),
    )
    return Reading(
        store,
        form,
        source.names,
        found,
        held,
        pixels,
        _fingerprint(store, source.names, found),
        Report(notes),
        table,
        None if groups is None else group_numbers(groups),
    )


def _source(images: Any, labels: Any, rules: Rules) -> Source:
    """The pictures, not decoded yet; enough of them to hold some out if requested."""
    rule = rules.labels
    named = (*rule.factors, *(name for name, _ in rule.kinds), rule.key, rule.group)
    aside = [name for name in named if name is not None and labels is None]
    file = Path(labels).expanduser() if isinstance(labels, str | Path) else None
    source = find_source(images, aside, file)
    fewest = FEWEST if rules.split.held_out else 1
    if len(source) < fewest:
        raise DataError(
            f"{source.what}: expected at least {fewest} pictures, got {len(source)}."
        )
    return source


def _labels_beside(
    source: Source, labels: Any, rule: LabelRule
) -> tuple[Table | None, str | None, tuple[Note, ...]]:
    """All labels, one row per picture: from a table and from the source itself."""
    own = source.known.columns
    if labels is None:
        if not own:
            if rule.key or rule.kinds or rule.factors or rule.group:
                raise DataError(
                    f"{source.what}: expected labels for the settings key, kinds, "
                    "factors or group, got none. Give them with --labels (in Python: "
                    "labels=...)."
                )
            return None, None, (Note("labels", "none"),)
        return read_table(dict(own)), None, ()
    table = read_table(labels)
    notes = table.notes
    in_order = isinstance(source, Files) and source.in_order
    table, key, join_notes = joined(source.names, table, rule.key, in_order=in_order)
    added = {name: cells for name, cells in own.items() if name not in table.columns}
    merged = {**table.columns, **read_table(added).columns} if added else table.columns
    return replace(table, columns=merged), key, (*notes, *join_notes)


def _typed(
    source: Source, table: Table | None, key: str | None, rule: LabelRule
) -> tuple[tuple[Label, ...], np.ndarray | None, tuple[Note, ...]]:
    if table is None:
        return (), None, ()
    groups = None
    if rule.group is not None:
        check_column(rule.group, table, "group")
        groups = table.columns[rule.group]
    aside = [name for name in (key or rule.key, rule.group) if name is not None]
    labels, notes = labels_of(table, rule, source.known.factors, aside=aside)
    return labels, groups, notes


def _decoded(
    source: Source, rule: FormRule, progress: Progress | None
) -> tuple[Store, Form, tuple[Note, ...]]:
    """The pictures by row: arrays in memory stay there, others go to the cache."""
    if isinstance(source, Blocks):
        form, notes = form_of_blocks(source, rule)
        blocks = partial(blocks_in_form, source, form)
    else:
        form, notes = form_of_files(source, rule)
        blocks = partial(blocks_of_files, source, form)
    if isinstance(source, Blocks) and source.resident is not None:
        store = in_memory(blocks(), source.resident, form, progress)
    else:
        store = cached(_key(source, form), len(source), form, blocks, progress)
        size = len(source) * form.bytes_each / 1e6
        kept = f"{size:.0f} MB" if size >= 1 else "less than 1 MB"
        text = f"kept decoded in {cache_folder()}, {kept}"
        notes = (*notes, Note("pictures", text))
    check_range(source, form, store.tally)
    return store, form, notes


def _key(source: Source, form: Form) -> str:
    digest = hashlib.sha256(repr(form).encode())
    for entry in source.identity:
        digest.update(entry.encode() + b"\n")
    return digest.hexdigest()[:32]


def _fingerprint(store: Store, names: Sequence[str], labels: tuple[Label, ...]) -> str:
    digest = hashlib.sha256(store.digests.tobytes())
    digest.update("\n".join(names).encode())
    for label in labels:
        digest.update(repr((label.factor.name, label.factor.levels)).encode())
        digest.update(np.ascontiguousarray(label.values).tobytes())
    return digest.hexdigest()[:32]


def _warnings(store: Store, form: Form) -> list[Note]:
    tally = store.tally
    if form.vectors:
        return []
    if tally.low == tally.high and store.shape[0] > 1:
        raise DataError(
            f"expected pictures that differ, got the value {tally.low:g} in every "
            "pixel of every picture."
        )
    notes = []
    if tally.high < 0.25:
        text = (
            f"the brightest pixel is {tally.high:.2g} of white: the pictures are dark"
        )
        notes.append(Note("warning", text))
    if tally.colourless:
        text = "the three colours are equal everywhere: channels=grey is enough"
        notes.append(Note("warning", text))
    return notes


def _complete(labels: tuple[Label, ...], held: Bool[np.ndarray, " n"]) -> list[Note]:
    if not labels:
        return []
    known = ~np.isnan(np.column_stack([label.values for label in labels])).any(1)
    rows = held if held.any() else np.ones(len(held), bool)
    what = "held-out pictures" if held.any() else "pictures"
    count = int((known & rows).sum())
    if count == 0:
        raise DataError(
            f"expected {what} that have every label, got none of {rows.sum()}. Select "
            "fewer labels with factors."
        )
    text = f"{count} of {rows.sum()} {what} have every label"
    if count == rows.sum():
        return [Note("labels", text)]
    return [Note("labels", f"{text}; the answer is measured on those")]
