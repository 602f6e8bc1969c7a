"""Latents that recur: matched one to one between models by the ranks of their codes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from tinyvae.comparison.models import Model
from tinyvae.measures.spearman import spearman_matrix
from tinyvae.measures.tables import share_of_table
from tinyvae.scores.score import Interval

SAME = 0.9  # |Spearman| from which two latents count as the same
CONFIDENCE = 0.95
NUM_DRAWS = 2000  # of models, for the interval
SEED = 0
HALF = 0.5  # least share of a latent's variance by which a factor names it


class Member(NamedTuple):
    """The latent of one model that is matched with the reference's."""

    model: int
    latent: int
    similarity: float  # Spearman with the latent of the reference, -1 to 1


class Recurring(NamedTuple):
    """A latent of the reference model, and the same latent of other models.

    `members` hold the latents that count as the same, that of the reference first.
    `similarity` is the mean |Spearman| over all pairs of models, each with the latent
    that is matched, whether or not it counts as the same; 0 for a model without one. It
    is NaN for a latent that is in one model only.
    """

    reference: int
    latent: int
    members: tuple[Member, ...]
    similarity: float
    interval: Interval | None  # over models; None for fewer than three
    factor: str | None  # that explains most of the members, if at least half
    share: float  # of the members' variance, mean; NaN without factors


class Likeness:
    """Spearman of every latent of every model with every other, signed."""

    def __init__(self, models: Sequence[Model]):
        found = [model.found for model in models]
        self.moving = [set(np.flatnonzero(model.moving).tolist()) for model in models]
        ends = np.cumsum([0, *(one.num_latents for one in found)])
        self._starts = ends[:-1]
        codes = np.hstack([one.codes for one in found])
        self._all = np.nan_to_num(
            spearman_matrix(codes, codes, found[0].table.probability)
        )

    def of(self, one: int, latent: int, other: int, partner: int) -> float:
        """Spearman of a latent of one model with a latent of another."""
        starts = self._starts
        return float(self._all[starts[one] + latent, starts[other] + partner])

    def between(
        self, one: int, latents: Sequence[int], other: int, partners: Sequence[int]
    ) -> Float[np.ndarray, "latent partner"]:
        """Spearman of some latents of one model with some of another."""
        rows = self._starts[one] + np.array(latents, int)
        columns = self._starts[other] + np.array(partners, int)
        return self._all[np.ix_(rows, columns)]


def matched(
    likeness: Likeness, one: int, latents: Sequence[int], other: int, partners
) -> dict[int, int]:
    """Partner of each latent: the one-to-one matching of largest sum of |Spearman|.

    Source: the Hungarian method, Kuhn (1955), as in scipy.
    """
    from scipy.optimize import linear_sum_assignment

    size = np.abs(likeness.between(one, latents, other, partners))
    rows, columns = linear_sum_assignment(size, maximize=True)
    return {
        latents[row]: partners[column]
        for row, column in zip(rows, columns, strict=True)
    }


def recurring_latents(models: Sequence[Model], same: float) -> tuple[Recurring, ...]:
    """The latents of all models in groups, those of most models first.

    The reference is the medoid: the model whose latents, matched one to one, are most
    like those of the others. Latents that no latent of the reference is like are
    grouped in turn, around the medoid of what is left.
    """
    likeness = Likeness(models)
    left = {number: sorted(latents) for number, latents in enumerate(likeness.moving)}
    shares = [_shares(model) for model in models]
    groups: list[Recurring] = []
    while left:
        reference = medoid(likeness, left)
        partners = {
            other: matched(likeness, reference, left[reference], other, latents)
            for other, latents in left.items()
            if other != reference
        }
        for latent in left[reference]:
            chosen = {reference: latent} | {
                other: found[latent]
                for other, found in partners.items()
                if latent in found
            }
            groups.append(_group(likeness, reference, chosen, same, models, shares))
        left = _without(left, groups)
    return tuple(
        sorted(
            groups,
            key=lambda one: (-len(one.members), -np.nan_to_num(one.similarity)),
        )
    )


def medoid(likeness: Likeness, left: dict[int, list[int]]) -> int:
    """The model whose latents are most like those of the others."""
    agreement = {
        one: sum(
            _agreement(likeness, one, latents, other, partners)
            for other, partners in left.items()
            if other != one
        )
        for one, latents in left.items()
    }
    return max(agreement, key=lambda one: (agreement[one], -one))


def _agreement(likeness, one: int, latents: list[int], other: int, partners) -> float:
    """Sum of the matched |Spearman| over the number of latents of the larger model."""
    pairs = matched(likeness, one, latents, other, partners)
    total = sum(abs(likeness.of(one, a, other, b)) for a, b in pairs.items())
    return total / max(len(latents), len(partners))


def _group(
    likeness: Likeness,
    reference: int,
    chosen: dict[int, int],
    same: float,
    models: Sequence[Model],
    shares: Sequence[Float[np.ndarray, "latent factor"]],
) -> Recurring:
    """One latent of the reference with those of the other models that are the same."""
    latent = chosen[reference]
    members = [Member(reference, latent, 1.0)]
    for other, partner in chosen.items():
        value = likeness.of(reference, latent, other, partner)
        if other != reference and abs(value) >= same:
            members.append(Member(other, partner, value))
    similarity, interval = np.nan, None
    if len(members) > 1:
        similarity, interval = _over_models(likeness, chosen, len(models))
    factor, share = None, np.nan
    if models[0].found.factors:
        mean = np.mean([shares[one.model][one.latent] for one in members], axis=0)
        share = float(mean.max())
        if share >= HALF:
            factor = models[0].found.table.names[int(mean.argmax())]
    return Recurring(
        reference, latent, tuple(members), similarity, interval, factor, share
    )


def _over_models(
    likeness: Likeness, chosen: dict[int, int], num_models: int
) -> tuple[float, Interval | None]:
    """Mean |Spearman| over all pairs of models, with a bootstrap over models.

    Pairs of a model with itself, which a draw may hold, are left out.
    """
    pairs = np.zeros((num_models, num_models))
    for one, latent in chosen.items():
        for other, partner in chosen.items():
            pairs[one, other] = abs(likeness.of(one, latent, other, partner))
    apart = ~np.eye(num_models, dtype=bool)
    mean = float(pairs[apart].mean())
    if num_models < 3:
        return mean, None
    rng = np.random.default_rng(SEED)
    draws = rng.integers(0, num_models, size=(NUM_DRAWS, num_models))
    means = []
    for drawn in draws:
        different = drawn[:, None] != drawn[None, :]
        if different.any():
            means.append(pairs[np.ix_(drawn, drawn)][different].mean())
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(means, [tail, 1 - tail])
    return mean, Interval(float(low), float(high), CONFIDENCE)


def _shares(model: Model) -> Float[np.ndarray, "latent factor"]:
    if not model.found.factors:
        return np.zeros((model.found.num_latents, 0))
    return np.nan_to_num(share_of_table(model.found.codes, model.found.table))


def _without(
    left: dict[int, list[int]], groups: Sequence[Recurring]
) -> dict[int, list[int]]:
    """The latents that are in no group yet, of the models that have any."""
    used = {(one.model, one.latent) for group in groups for one in group.members}
    rest = {
        model: [latent for latent in latents if (model, latent) not in used]
        for model, latents in left.items()
    }
    return {model: latents for model, latents in rest.items() if latents}
