"""Codes and labels of any holder as one representation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float, Shaped

from tinyvae.errors import DataError
from tinyvae.factors import Factor, FactorTable
from tinyvae.frames.annotated import codes_of_anndata, is_anndata
from tinyvae.frames.codes import Codes, Columns, codes_of
from tinyvae.frames.labels import Labels, labels_of
from tinyvae.frames.rows import Joined, joined_rows
from tinyvae.from_arrays import representation_of
from tinyvae.notes import Note
from tinyvae.representation import Kinds, Representation
from tinyvae.tables.doubtful_values import doubts
from tinyvae.tables.missing import rows_left_out


class Held(NamedTuple):
    """A representation, the names of its latents, and what a reader must know.

    A label that is missing is NaN in the representation's table. `read` says how files
    were read and joined. `rows` are the names of the rows of codes, where they have
    any.
    """

    representation: Representation
    latents: tuple[str, ...]  # () where they have no names
    notes: tuple[str, ...]
    read: tuple[Note, ...] = ()
    rows: tuple[str, ...] | None = None


def is_frame(held: Any) -> bool:
    """Whether an object names its columns or rows: frame, xarray, AnnData, mapping."""
    named = hasattr(held, "columns") or hasattr(held, "coords") or is_anndata(held)
    return isinstance(held, Mapping) or named


def representation_of_held(
    held: Any,
    labels: Any = None,
    *,
    codes: Columns | None = None,
    factors: Columns | None = None,
    kinds: Kinds | None = None,
    names: Sequence[str] | None = None,
    missing: str = "fail",
) -> Held:
    """Codes and labels as a representation, with rows joined by name or in order.

    Args:
        held: codes: an array, tensor, frame, xarray or AnnData.
        labels: a frame, a mapping of columns, or an array; by default the other
            columns of the frame, or `obs` of the AnnData.
        codes: the columns of codes in the frame, or the entry of `obsm`.
        factors: the columns of labels to use; by default all that can be.
        kinds: of the factors: "ordered", "circular:PERIOD", "categorical".
        names: of the factors, if the labels are an array.
        missing: "fail" refuses codes that are not finite, "drop" leaves out their rows.

    Raises: DataError if they cannot be read or joined.
    """
    if is_anndata(held):
        found = codes_of_anndata(held, codes)
        labels = held.obs if labels is None else labels
    else:
        found = codes_of(held, codes)
        labels = _other_columns(held, found) if labels is None else labels
    known = labels_of(labels, factors, kinds=kinds, names=names)
    joined = joined_rows(len(found.values), found.rows, len(known.values), known.rows)
    return joined_representation(found, known, joined, missing)


def joined_representation(
    codes: Codes, labels: Labels, joined: Joined, missing: str = "fail"
) -> Held:
    """The rows of codes and labels that belong together, as a representation.

    Rows of codes that are not finite are left out if `missing` is "drop".
    """
    read: tuple[Note, ...] = ()
    if missing == "drop":
        joined, read = _with_finite_codes(codes, joined)
    values = labels.values[joined.labels]
    notes = list(labels.notes)
    if joined.note != "in order":
        notes.insert(0, f"rows of codes and labels are joined {joined.note}")
    elif codes.rows is not None or labels.rows is not None:
        notes.insert(0, "rows of codes and labels are taken in order")
    rows = codes.values[joined.codes]
    found = represented(rows, labels.factors, values)
    notes += doubts(found.table)
    names = None
    if len(found.codes) == len(joined.codes):  # else copies were left out
        if read:
            found = replace(found, kept=joined.codes)
        if codes.rows is not None and not codes.rows.counted:
            names = tuple(str(name) for name in codes.rows.names[joined.codes])
    return Held(found, codes.names, tuple(notes), read, names)


def _with_finite_codes(codes: Codes, joined: Joined) -> tuple[Joined, tuple[Note, ...]]:
    """The rows whose codes are finite, and a note that counts the others."""
    rows = codes.values[joined.codes]
    if rows.dtype.kind != "f" or np.isfinite(rows).all():
        return joined, ()
    gaps = np.asarray(~np.isfinite(rows))
    names = codes.names or [f"z{latent}" for latent in range(rows.shape[1])]
    lacking = [names[latent] for latent in np.flatnonzero(gaps.any(axis=0)).tolist()]
    lack = np.asarray(gaps.any(axis=1))
    kept = joined._replace(codes=joined.codes[~lack], labels=joined.labels[~lack])
    return kept, (rows_left_out(lack, lacking),)


def represented(
    codes: Shaped[np.ndarray, "sample latent"],
    factors: tuple[Factor, ...],
    values: Float[np.ndarray, "sample factor"],
) -> Representation:
    """A representation whose table may lack labels (NaN)."""
    kinds = [
        factor.kind if factor.period is None else f"circular:{factor.period!r}"
        for factor in factors
    ]
    names = [factor.name for factor in factors]
    if not np.isnan(values).any():
        found = representation_of(codes, values, names=names, kinds=kinds)
        table = replace(found.table, factors=_named(found.factors, factors))
        return replace(found, table=table)
    # the codes are checked as all codes are; the labels have been
    found = representation_of(codes, np.arange(len(codes), dtype=float)[:, None])
    probability = np.full(len(values), 1 / len(values))
    table = FactorTable(factors, values, probability, False, complete=False)
    return Representation(found.codes, table, found.active)


def _named(found: tuple[Factor, ...], known: tuple[Factor, ...]) -> tuple[Factor, ...]:
    """The factors with the names of their levels, where all of these occur."""
    return tuple(
        other if len(one.values) == len(other.values) and other.levels else one
        for one, other in zip(found, known, strict=True)
    )


def _other_columns(held: Any, codes: Codes) -> Any:
    columns = getattr(held, "columns", None)
    if columns is None or len(codes.names) == len(columns):
        raise DataError(
            "expected labels beside the codes, got none. Give them as the second "
            "argument, or a frame that holds both with codes='z*'."
        )
    return held[[name for name in columns if str(name) not in codes.names]]
