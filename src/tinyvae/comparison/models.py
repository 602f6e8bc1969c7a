"""Models to compare: the codes that each gives to the same rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Bool, Int

from tinyvae.errors import DataError
from tinyvae.factors import FactorTable
from tinyvae.from_arrays import representation_of
from tinyvae.measures.share import is_constant
from tinyvae.representation import FEWEST_ROWS, Representation


@dataclass(frozen=True, eq=False)
class Model:
    """Codes of one model, with what is known of their rows.

    `rows` names the rows, such as files of pictures; None where only their order is
    known. `seed` is that of the training, to pair models with those of another set.
    """

    name: str
    found: Representation
    rows: tuple[str, ...] | None = None
    seed: int | None = None

    @property
    def moving(self) -> Bool[np.ndarray, " latent"]:
        """Which latents are active and not constant: only these are matched."""
        return self.found.active & ~is_constant(self.found.codes)


@runtime_checkable
class GivesModel(Protocol):
    """Anything that knows its own codes, such as a run."""

    def as_model(self, name: str) -> Model:
        """The codes of its own pictures."""
        ...


def codes_alone(codes: Any, *, active: Any = None) -> Representation:
    """Codes (sample, latent) without factors.

    Raises: DataError if they are not finite numbers of that shape.
    """
    rows = len(codes) if hasattr(codes, "__len__") else 1
    found = representation_of(codes, np.zeros((rows, 1)), active=active)
    nothing = np.zeros((len(found.codes), 0))
    weight = found.table.probability
    table = FactorTable((), nothing, weight, independent=False, complete=False)
    return replace(found, table=table)


def models_of(given: Sequence[Any], names: Sequence[str] | None) -> tuple[Model, ...]:
    """Arrays, representations, runs or models, as models of the same rows.

    Raises: DataError if there are fewer than two, or their rows are not the same.
    """
    if len(given) < 2:
        raise DataError(f"expected at least 2 models to compare, got {len(given)}.")
    if names is None:
        names = [f"model {number}" for number in range(len(given))]
    if len(names) != len(given) or len(set(names)) != len(names):
        raise DataError(
            f"expected {len(given)} different names, one for each model, "
            f"got {list(names)}."
        )
    models = [_model(one, name) for one, name in zip(given, names, strict=True)]
    for model in models:
        if not model.moving.any():
            raise DataError(
                f"{model.name}: expected a latent that moves, got none. Leave this "
                "model out: it has collapsed."
            )
    return _with_same_factors(_in_same_order(_of_common_rows(models)))


def _model(given: Any, name: str) -> Model:
    if isinstance(given, Model):
        return given
    if isinstance(given, Representation):
        return Model(name, given)
    if isinstance(given, GivesModel):
        return given.as_model(name)
    return Model(name, codes_alone(given))


def _of_common_rows(models: list[Model]) -> list[Model]:
    """The models with the rows that all have, where one left rows out."""
    if all(model.found.kept is None for model in models):
        return models
    named = all(model.rows is not None for model in models)
    rows = [_row_ids(model, named) for model in models]
    common = set(rows[0]).intersection(*rows[1:])
    return [
        _restricted(model, np.array([i for i, row in enumerate(own) if row in common]))
        for model, own in zip(models, rows, strict=True)
    ]


def _row_ids(model: Model, named: bool) -> list[Any]:
    """The names of a model's rows, or their numbers among those that were given."""
    if named:
        return list(model.rows or ())
    kept = model.found.kept
    return list(range(len(model.found.codes))) if kept is None else kept.tolist()


def _restricted(model: Model, rows: Int[np.ndarray, " row"]) -> Model:
    if len(rows) < FEWEST_ROWS:
        raise DataError(
            f"expected at least {FEWEST_ROWS} rows that every model has, got "
            f"{len(rows)}. Leave out the model that lacks most."
        )
    found = model.found
    weight = found.table.probability[rows]
    table = replace(
        found.table,
        values=found.table.values[rows],
        probability=weight / weight.sum(),
        group=found.table.group_of(rows),
    )
    names = None if model.rows is None else tuple(model.rows[row] for row in rows)
    found = replace(found, codes=found.codes[rows], table=table, kept=None)
    return replace(model, found=found, rows=names)


def _in_same_order(models: list[Model]) -> list[Model]:
    """The models with the rows of each in the order of the first, by name."""
    first = models[0]
    if any(model.rows is None for model in models):
        return [_of_as_many_rows(model, first) for model in models]
    place = {name: number for number, name in enumerate(first.rows or ())}
    return [_reordered(model, first, place) for model in models]


def _of_as_many_rows(model: Model, first: Model) -> Model:
    mine, others = len(model.found.codes), len(first.found.codes)
    if mine != others:
        raise DataError(
            f"expected codes of the same rows, got {others} rows in {first.name} and "
            f"{mine} in {model.name}. Encode the same pictures with each model."
        )
    return model


def _reordered(model: Model, first: Model, place: dict[str, int]) -> Model:
    rows, expected = model.rows or (), first.rows or ()
    if rows == expected:
        return model
    for of, names in ((first, expected), (model, rows)):
        if len(set(names)) != len(names):
            raise DataError(
                f"{of.name}: expected rows of different names, got "
                f"{len(names) - len(set(names))} names twice or more."
            )
    if set(rows) != set(place):
        unknown = sorted(set(rows) ^ set(place))
        raise DataError(
            f"expected codes of the same rows, got {len(unknown)} names that are not "
            f"in both {first.name} and {model.name}, such as {unknown[0]!r}. Encode "
            "the same pictures with each model."
        )
    order = np.argsort([place[name] for name in rows])
    table = model.found.table
    moved = replace(
        table,
        values=table.values[order],
        probability=table.probability[order],
        group=table.group_of(order),
    )
    found = replace(model.found, codes=model.found.codes[order], table=moved)
    return replace(model, found=found, rows=expected)


def _with_same_factors(models: list[Model]) -> tuple[Model, ...]:
    """The models, each with the factors of the first that has any.

    Raises: DataError where models say different things about the same row.
    """
    known = [model for model in models if model.found.factors]
    if not known:
        return tuple(models)
    table = known[0].found.table
    for model in known[1:]:
        _check_same_factors(known[0], model)
    return tuple(
        replace(model, found=replace(model.found, table=table)) for model in models
    )


def _check_same_factors(first: Model, other: Model) -> None:
    one, two = first.found.table, other.found.table
    if one.names != two.names:
        raise DataError(
            f"expected the same factors, got {', '.join(one.names)} in {first.name} "
            f"and {', '.join(two.names)} in {other.name}."
        )
    differs = ~np.isclose(one.values, two.values, rtol=1e-5, atol=1e-8)
    if differs.any():
        row, factor = np.argwhere(differs)[0]
        raise DataError(
            f"expected codes of the same rows, got {one.names[factor]} "
            f"{one.values[row, factor]:g} in row {row} of {first.name} and "
            f"{two.values[row, factor]:g} in row {row} of {other.name}. Encode the "
            "same pictures with each model, in the same order."
        )
