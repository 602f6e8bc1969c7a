"""How a score is made public, and the properties that it declares.

Every score is written as a function of a `Representation` and made public by
`@scored(...)`, which lets it take plain arrays too and puts it into `SCORES`.
"""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float

from tinyvae.errors import DataError
from tinyvae.frames.held import is_frame, representation_of_held
from tinyvae.from_arrays import representation_of
from tinyvae.measures.share import is_constant
from tinyvae.representation import Kinds, Representation
from tinyvae.scores.value import Interval as Interval
from tinyvae.scores.value import Score


@dataclass(frozen=True)
class Properties:
    """The properties that a score declares; the tests of the laws check each.

    Args:
        title: the name in tables.
        best: the value of a perfect code.
        chance: the value of codes that are independent of the factors; None where it is
            undefined, and a function of the number of factors where it depends on that.
        monotone: whether an increasing map of a single latent leaves the value as it
            is.
        rotation: the value of a perfect code with two latents turned by an angle in
            radians, where there is a closed form.
        samples: whether rows are drawn or split at random, so that the order of the
            rows changes the value a little.
    """

    title: str
    best: float = 1.0
    chance: float | Callable[[int], float] | None = 0.0
    monotone: bool = False
    rotation: Callable[[float], float] | None = None
    samples: bool = False


class Scored(NamedTuple):
    """A public score and the properties of each value that it returns."""

    function: Callable[..., Any]
    facts: tuple[Properties, ...]
    needs_factors: bool
    ids: tuple[str, ...]  # stable name of each value, in files and programs

    def scores(self, *args: Any, **kwargs: Any) -> tuple[Score, ...]:
        """What the function returns, as a tuple of scores."""
        found = self.function(*args, **kwargs)
        return (found,) if isinstance(found, Score) else tuple(found)


NUM_DRAWN = 10_000
NOTHING_MOVES = "no latent moves, or none is active"
SCORES: dict[str, Scored] = {}  # every public score, by the name of its function


def scored(
    *facts: Properties, needs_factors: bool = True
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make a function of a Representation public, for plain arrays as well."""

    def publish(compute: Callable[..., Any]) -> Callable[..., Any]:
        ids = score_ids(compute.__name__, facts)

        @functools.wraps(compute)
        def public(
            codes: Any,
            factors: Any = None,
            *,
            names: Sequence[str] | None = None,
            kinds: Kinds | None = None,
            **options: Any,
        ) -> Any:
            if factors is None and not needs_factors and _is_array(codes):
                factors = np.zeros((len(codes), 1))
            found = as_representation(codes, factors, names=names, kinds=kinds)
            if needs_factors and not found.factors:
                raise DataError(
                    f"{compute.__name__}: expected at least one factor, got none. "
                    "Give labels, or a score that needs none, such as "
                    "total_correlation."
                )
            scores = compute(resampled_by_probability(found), **options)
            scores = _declared(scores, facts, ids, len(found.factors))
            if not (found.active & ~is_constant(found.codes)).any():
                scores = _nothing_moves(scores)
            return scores

        public.__signature__ = _signature(compute)  # type: ignore[attr-defined]
        SCORES[compute.__name__] = Scored(public, facts, needs_factors, ids)
        return public

    return publish


def as_representation(
    codes: Any,
    factors: Any = None,
    *,
    names: Sequence[str] | None = None,
    kinds: Kinds | None = None,
) -> Representation:
    """The representation itself; or arrays, frames or an AnnData as one.

    Raises: DataError if they cannot be scored, or a label is missing.
    TypeError if factors are left out, or given twice.
    """
    if isinstance(codes, Representation):
        if factors is not None or names is not None or kinds is not None:
            raise TypeError("expected a Representation alone: it holds its factors.")
        return codes
    if any(is_frame(held) for held in (codes, factors)):
        found = representation_of_held(codes, factors, kinds=kinds, names=names)
        return _with_every_label(found.representation)
    if factors is None:
        raise TypeError(
            "expected codes and factors, got codes only. Give arrays (sample, latent) "
            "and (sample, factor), or a Representation."
        )
    return representation_of(codes, factors, names=names, kinds=kinds)


def _with_every_label(found: Representation) -> Representation:
    """The representation, unless a label is missing.

    Raises: DataError.
    """
    gaps = np.isnan(found.table.values).any(axis=1)
    if gaps.any():
        raise DataError(
            f"expected a label of every factor in each row, got {gaps.sum()} rows that "
            "lack one. Drop these rows; tinyvae.answer can do without."
        )
    return found


def resampled_by_probability(representation: Representation) -> Representation:
    """The representation, or rows drawn from it where some are more probable.

    Bins could weight rows, but probes, neighbours and batches cannot. So that all
    scores judge the same codes, each gets 10 000 rows drawn by their probability.
    """
    table = representation.table
    if table.uniform:
        return representation
    rng = np.random.default_rng(0)
    rows = rng.choice(len(table), size=NUM_DRAWN, p=table.probability)
    drawn = replace(
        table,
        values=table.values[rows],
        probability=np.full(NUM_DRAWN, 1 / NUM_DRAWN),
        complete=False,
        group=table.group_of(rows),
    )
    return Representation(representation.codes[rows], drawn, representation.active)


def factor_reasons(representation: Representation) -> list[str | None]:
    """Why each factor cannot be scored, None where it can."""
    constant = is_constant(representation.table.values)
    return ["constant: it has one value only" if c else None for c in constant]


def latent_reasons(representation: Representation) -> list[str | None]:
    """Why each latent cannot be scored, None where it can."""
    dead = is_constant(representation.codes) | ~representation.active
    return ["dead: it does not move" if d else None for d in dead]


def score_of_parts(
    facts: Properties,
    names: Sequence[str],
    parts: Float[np.ndarray, " part"],
    reasons: Sequence[str | None],
    *,
    matrix: Float[np.ndarray, "latent factor"] | None = None,
    matrix_name: str = "",
    weights: Float[np.ndarray, " part"] | None = None,
) -> Score:
    """A score that is the (weighted) mean of its defined parts."""
    # a part without a reason must be a number: NaN without a reason is a bug
    parts = np.where([reason is None for reason in reasons], parts, np.nan)
    known = ~np.isnan(parts)
    weights = np.ones(len(parts)) if weights is None else weights
    total = weights[known].sum()
    undefined = None
    if not known.any() or total <= 0:
        given = [reason for reason in reasons if reason is not None]
        undefined = f"no part is defined; {given[0]}" if given else "nothing to score"
    value = np.nan if undefined else float(parts[known] @ weights[known] / total)
    return Score(
        facts.title,
        value,
        tuple(names),
        parts,
        tuple(reasons),
        matrix,
        matrix_name,
        undefined,
    )


def score_ids(function: str, facts: Sequence[Properties]) -> tuple[str, ...]:
    """The stable name of each value of a function: its own name, or the titles'.

    >>> score_ids("dci", [Properties("DCI disentanglement"), Properties("DCI c.")])
    ('dci_disentanglement', 'dci_c')
    """
    if len(facts) == 1:
        return (function,)
    words = (re.findall(r"[a-z0-9]+", one.title.lower()) for one in facts)
    return tuple("_".join(found) for found in words)


def _declared(
    scores: Any, facts: Sequence[Properties], ids: Sequence[str], num_factors: int
) -> Any:
    """The scores with what is declared of each: its id, its best value, its chance."""
    several = (scores,) if isinstance(scores, Score) else tuple(scores)
    found = [
        replace(
            score,
            id=name,
            best=one.best,
            chance=one.chance(num_factors) if callable(one.chance) else one.chance,
        )
        for score, one, name in zip(several, facts, ids, strict=True)
    ]
    return found[0] if isinstance(scores, Score) else type(scores)(*found)


def _nothing_moves(scores: Any) -> Any:
    """The scores as undefined where no latent moves, since a 0 would look measured."""
    if not isinstance(scores, Score):
        return type(scores)(*map(_nothing_moves, scores))
    parts = None if scores.parts is None else np.full(len(scores.parts), np.nan)
    reasons = tuple(reason or NOTHING_MOVES for reason in scores.reasons)
    return replace(
        scores, value=np.nan, parts=parts, reasons=reasons, undefined=NOTHING_MOVES
    )


def _is_array(codes: Any) -> bool:
    return not isinstance(codes, Representation) and hasattr(codes, "__len__")


def _signature(compute) -> inspect.Signature:
    """What `as_representation` takes, and the options of the score."""
    taken = inspect.signature(as_representation).parameters.values()
    options = list(inspect.signature(compute).parameters.values())[1:]
    return inspect.Signature([*taken, *options])
