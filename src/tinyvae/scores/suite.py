"""Every score at once."""

from __future__ import annotations

import html
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tinyvae.representation import Kinds, Representation
from tinyvae.scores.score import SCORES, Score, as_representation

# order of tables and documents: matching, information gaps, probes, interventions,
# codes alone
ORDER = (
    "share",
    "readout",
    "spearman",
    "mean_correlation_coefficient",
    "mig",
    "mig_nearest",
    "sap",
    "dci",
    "modularity",
    "med",
    "infomec",
    "explicitness",
    "irs",
    "beta_vae_score",
    "factor_vae_score",
    "total_correlation",
    "pairwise_information",
)


def function_name(name: str) -> str | None:
    """The function of a score, found by function name or title, in any case."""
    for function, scored in SCORES.items():
        titles = [facts.title for facts in scored.facts]
        if name.lower() in (function, *(title.lower() for title in titles)):
            return function
    return None


@dataclass(frozen=True, eq=False)
class Suite:
    """Every score of one representation, in the order of the docs."""

    scores: tuple[Score, ...]
    seconds: tuple[float, ...]  # of each function that was called, in `ORDER`

    def __getitem__(self, name: str) -> Score:
        """A score by its title, in any case, or by the name of its function."""
        function = SCORES.get(name)
        if function is not None and len(function.facts) == 1:
            name = function.facts[0].title
        for score in self.scores:
            if score.name.lower() == name.lower():
                return score
        known = ", ".join(score.name for score in self.scores)
        raise KeyError(f"expected a score among {known}, got {name!r}.")

    def __str__(self) -> str:
        width = max(len(score.name) for score in self.scores)
        return "\n".join(
            f"{score.name.ljust(width)}  {cell}"
            for score, cell in zip(self.scores, map(_cell, self.scores), strict=True)
        )

    __repr__ = __str__

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{html.escape(score.name)}</td>"
            f"<td>{html.escape(_cell(score))}</td></tr>"
            for score in self.scores
        )
        return f"<table><tbody>{rows}</tbody></table>"

    def to_json(self) -> list[dict[str, Any]]:
        """The scores as JSON values; undefined values are null."""
        return [score.to_json() for score in self.scores]


def all_scores(
    codes: Any,
    factors: Any = None,
    *,
    names: Sequence[str] | None = None,
    kinds: Kinds | None = None,
) -> Suite:
    """Every score of codes against factors; `tinyvae.scores.all`.

    Arrays (sample, latent) and (sample, factor), or a Representation. Without factors,
    only the scores of codes alone.

    Raises: DataError if the arrays cannot be scored.
    """
    found: Representation = as_representation(codes, factors, names=names, kinds=kinds)
    scores, seconds = [], []
    for name in scores_that_apply(found):
        started = time.perf_counter()
        scores.extend(SCORES[name].scores(found))
        seconds.append(time.perf_counter() - started)
    return Suite(tuple(scores), tuple(seconds))


def scores_that_apply(representation: Representation) -> tuple[str, ...]:
    """Names of the scores, in order; without factors, only those that need none."""
    return tuple(
        name
        for name in ORDER
        if representation.factors or not SCORES[name].needs_factors
    )


def _cell(score: Score) -> str:
    return str(score).removeprefix(f"{score.name}: ")
