"""`tinyvae.answer`: the answer for codes and labels in any holder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tinyvae.answer.answer import Answer, build_answer
from tinyvae.answer.moved import decoded_moves
from tinyvae.errors import DataError
from tinyvae.evaluation.results import Movement
from tinyvae.frames.annotated import is_anndata
from tinyvae.frames.codes import Codes, Columns, as_array, as_matrix
from tinyvae.frames.held import Held, joined_representation, representation_of_held
from tinyvae.frames.labels import labels_of
from tinyvae.frames.rows import joined_rows, row_names
from tinyvae.representation import Kinds

AT_ONCE = 256  # rows that are encoded at a time


def answer(
    held: Any,
    labels: Any = None,
    *,
    codes: Columns | None = None,
    factors: Columns | None = None,
    kinds: Kinds | None = None,
    names: Sequence[str] | None = None,
    encode: Any = None,
    decode: Callable[[np.ndarray], Any] | None = None,
) -> Answer:
    """Which latent of any network is which factor; `tinyvae.answer(codes, labels)`.

    Rows are joined by the index of two pandas frames, or by `obs_names`, otherwise
    taken in order; the notes say which. A factor is judged on the rows that have it.

    Args:
        held: codes (sample, latent): an array, tensor, pandas or polars frame, xarray
            or AnnData. With `encode`, the data instead.
        labels: a frame, a mapping of columns, or an array (sample, factor); by default
            the other columns of the frame, or `obs` of the AnnData.
        codes: columns of codes in a frame, such as "z*"; the entry of `obsm`.
        factors: the labels to use; by default all that can be factors.
        kinds: of factors: "ordered", "categorical", "circular", "circular:PERIOD".
            Texts, truth values and categories are categorical, numbers ordered.
        names: of the factors, where labels are an array.
        encode: a fitted scikit-learn transformer, or a function of an array of some
            rows of the data that returns their codes.
        decode: a function from an array of codes (code, latent) to vectors or images;
            by default the transformer's `inverse_transform`. Then the answer says what
            moves when a latent moves.

    >>> import numpy as np
    >>> z = np.random.default_rng(0).normal(size=(500, 3))
    >>> found = answer(z, {"size": z[:, 1], "warm": z[:, 0] > 0})
    >>> found.sentences[0]
    'z1 is size (share 0.97, readout 0.99; larger z1, larger size)'

    Raises: DataError if codes and labels cannot be read or joined.
    """
    if encode is None:
        found = representation_of_held(
            held, labels, codes=codes, factors=factors, kinds=kinds, names=names
        )
    else:
        found = _encoded(held, labels, encode, factors, kinds, names)
        decode = decode or getattr(encode, "inverse_transform", None)
    answered = build_answer(found.representation, names=found.latents)
    notes = (*found.notes, *answered.measurement.notes)
    answered = replace(answered, measurement=replace(answered.measurement, notes=notes))
    return answered if decode is None else with_moves(answered, found, decode, held)


def answer_of_held(found: Held) -> Answer:
    """The answer for codes of any holder, with the names of its latents."""
    answered = build_answer(found.representation, names=found.latents)
    notes = (*found.notes, *answered.measurement.notes)
    return replace(answered, measurement=replace(answered.measurement, notes=notes))


def with_moves(answered: Answer, found: Held, decode: Any, held: Any) -> Answer:
    """The answer with what moves in decoded data when a latent moves."""
    representation = found.representation
    moves = decoded_moves(
        representation.codes, representation.active, decode, _column_names(held)
    )
    if isinstance(moves, Movement):
        return replace(answered, movement=moves)
    return replace(answered, columns=moves)


def _column_names(held: Any) -> list[str]:
    """Names of the data's columns: of genes, of a frame; none for arrays."""
    names = held.var_names if is_anndata(held) else getattr(held, "columns", ())
    return [str(name) for name in names]


def _encoded(
    data: Any,
    labels: Any,
    encode: Any,
    factors: Columns | None,
    kinds: Kinds | None,
    names: Sequence[str] | None,
) -> Held:
    """The codes of data, with their labels."""
    if labels is None and is_anndata(data):
        labels = data.obs
    if labels is None:
        raise DataError(
            "expected labels beside the data to encode, got none. Give them as the "
            "second argument."
        )
    found = _codes(data, encode)
    known = labels_of(labels, factors, kinds=kinds, names=names)
    joined = joined_rows(len(found.values), found.rows, len(known.values), known.rows)
    return joined_representation(found, known, joined)


def _codes(data: Any, encode: Any) -> Codes:
    matrix = data.X if is_anndata(data) else data
    if hasattr(encode, "transform"):
        coded = encode.transform(matrix)
        names: tuple[str, ...] = ()
        if hasattr(encode, "get_feature_names_out"):
            names = tuple(str(name) for name in encode.get_feature_names_out())
        values = as_matrix(coded)
        names = names if len(names) == values.shape[1] else ()
        return Codes(values, names, row_names(data))
    if not callable(encode):
        raise DataError(
            "expected encode to be a fitted transformer or a function of an array, got "
            f"{type(encode).__name__}."
        )
    rows: Any = matrix if hasattr(matrix, "shape") else np.asarray(matrix)
    rows = rows.to_numpy() if hasattr(rows, "to_numpy") else rows
    parts = [
        as_matrix(encode(as_array(rows[start : start + AT_ONCE])))
        for start in range(0, rows.shape[0], AT_ONCE)
    ]
    return Codes(np.concatenate(parts), (), row_names(data))
