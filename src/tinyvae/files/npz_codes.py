"""Codes with factors in an npz file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
from jaxtyping import Bool

from tinyvae.errors import DataError
from tinyvae.files.npz import array_names, read_array
from tinyvae.from_arrays import representation_of
from tinyvae.notes import Note
from tinyvae.representation import Kinds, Representation, with_kept
from tinyvae.tables.arrays import array_of
from tinyvae.tables.code_columns import code_gaps
from tinyvae.tables.missing import complete_rows
from tinyvae.tables.table import column, is_missing, row_of_array


def read_npz_codes(
    path: Path, kinds: Kinds | None = None, missing: str = "fail"
) -> Representation:
    """The arrays `codes` and `factors` of an npz file, with names and kinds.

    `kinds` replace those in the file. A row that lacks a value is refused, or left out
    if `missing` is "drop".

    Raises: DataError if they are not there or cannot be scored.
    """
    there = array_names(path)
    probability = read_array(path, "probability") if "probability" in there else None
    active = read_array(path, "active") if "active" in there else None
    try:
        codes = array_of(read_array(path, "codes"), "codes")
        factors = array_of(read_array(path, "factors"), "factors")
        names, kinds = declared_factors(path, kinds, factors.shape[1])
        full, notes = _complete(path, codes, factors, names, missing)
        if notes:
            codes, factors, probability = codes[full], factors[full], None
        found = representation_of(
            codes,
            factors,
            names=names,
            kinds=kinds,
            probability=probability,
            active=active,
        )
    except DataError as error:
        raise DataError(f"{path}: {str(error).removeprefix(f'{path}: ')}") from None
    notes = (*_on_texts(found, factors), *notes)
    return with_kept(replace(found, notes=notes), full)


def declared_factors(
    path: Path, asked: Kinds | None, num_factors: int
) -> tuple[list[str] | None, Kinds | None]:
    """Names and kinds of the factors in an npz file, None where it has none.

    The kinds that are asked for replace those in the file.
    """
    there = array_names(path)
    names = _texts(path, "factor_names") if "factor_names" in there else None
    known = _kinds(path) if "factor_kinds" in there else None
    return names, _joined_kinds(known, asked, names, num_factors)


def full_codes(
    codes: np.ndarray, path: Path, missing: str
) -> tuple[np.ndarray, Bool[np.ndarray, " row"], tuple[Note, ...]]:
    """Codes of an array, which of their rows are full, and a note on the others.

    Raises: DataError naming a row that lacks a code, unless `missing` is "drop".
    """
    codes = array_of(codes, "codes")
    gaps = _gaps_of(codes, missing)
    return codes, *complete_rows(gaps, missing, str(path), row_of_array)


def codes_named(codes: np.ndarray) -> list[str]:
    """The columns of an array of codes in words."""
    return [f"codes[:, {latent}]" for latent in range(codes.shape[1])]


def _gaps_of(codes: np.ndarray, missing: str) -> dict[str, Bool[np.ndarray, " row"]]:
    columns = zip(codes_named(codes), codes.T, strict=True)
    return {name: code_gaps(column(one), missing) for name, one in columns}


def _complete(
    path: Path,
    codes: np.ndarray,
    factors: np.ndarray,
    names: list[str] | None,
    missing: str,
) -> tuple[np.ndarray, tuple[Note, ...]]:
    """Which rows have a full code and every factor, and a note on the others."""
    if len(codes) != len(factors):  # refused later
        return np.ones(len(codes), bool), ()
    names = names or [f"f{factor}" for factor in range(factors.shape[1])]
    gaps = _gaps_of(codes, missing)
    gaps |= {
        name: is_missing(column(one))
        for name, one in zip(names, factors.T, strict=False)
    }
    return complete_rows(gaps, missing, str(path), row_of_array)


def _on_texts(found: Representation, factors: np.ndarray) -> tuple[Note, ...]:
    """Notes on factors whose texts became labels."""
    if factors.dtype.kind not in "OUS":
        return ()
    return tuple(
        Note("labels", f"{one.name}: texts, so categorical; its levels", one.levels)
        for one in found.factors
        if one.levels
    )


def _texts(path: Path, name: str) -> list[str]:
    values = np.ravel(read_array(path, name))
    if values.dtype.kind == "S":
        values = np.char.decode(values, "utf-8")
    return [str(value) for value in values]


def _kinds(path: Path) -> str | list[str]:
    """The kind of each factor, or the one kind of all if it is a single text."""
    texts = _texts(path, "factor_kinds")
    return texts if read_array(path, "factor_kinds").ndim else texts[0]


def _joined_kinds(
    known: str | list[str] | None,
    asked: Kinds | None,
    names: list[str] | None,
    num_factors: int,
) -> Kinds | None:
    """The kinds in the file, replaced where other kinds are given."""
    if known is None or not isinstance(asked, Mapping):
        return known if asked is None else asked
    names = names or [f"f{factor}" for factor in range(num_factors)]
    known = [known] * len(names) if isinstance(known, str) else known
    return {**dict(zip(names, known, strict=False)), **asked}
