"""Every score at once."""

from __future__ import annotations

import html
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tinyvae.files.result_tables import ResultTable
from tinyvae.representation import Kinds, Representation
from tinyvae.scores.score import SCORES, Score, as_representation
from tinyvae.scores.tables import ScoresOfInputs, scores_html
from tinyvae.scores.value import part_texts, value_text

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
    """The function of a score, found by its own name, an id or a title, in any case."""
    for function, scored in SCORES.items():
        titles = [facts.title for facts in scored.facts]
        known = (function, *scored.ids, *(title.lower() for title in titles))
        if name.lower() in known:
            return function
    return None


@dataclass(frozen=True, eq=False)
class Suite(Mapping[str, Score]):
    """Every score of one representation, in the order of the docs.

    A mapping from the id of each score (`mig_nearest`) to the score; `[]` and `in` take
    titles (`MIG, nearest neighbours`) too, in any case.
    """

    scores: tuple[Score, ...]
    seconds: tuple[float, ...]  # of each function that was called, in `ORDER`
    known: tuple[str, ...] = ()  # what training saw of the factors, or was told

    def __getitem__(self, name: str) -> Score:
        """A score by its id, or by its title in any case.

        Raises: KeyError that lists the ids, where there is no such score.
        """
        for score in self.scores:
            if name == score.id or str(name).lower() == score.name.lower():
                return score
        raise KeyError(f"expected a score among {', '.join(self)}, got {name!r}.")

    def __iter__(self) -> Iterator[str]:
        return (score.id for score in self.scores)

    def __len__(self) -> int:
        return len(self.scores)

    def __str__(self) -> str:
        width = max((len(score.name) for score in self.scores), default=0)
        lines = []
        for score in self.scores:
            parts = ", ".join(part_texts(score))
            line = f"{score.name.ljust(width)}  {value_text(score)}"
            lines.append(f"{line}  ({parts})" if parts else line)
        return "\n".join([*lines, *self.known])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        known = "<br>".join(html.escape(line) for line in self.known)
        return scores_html(self.scores) + (f"<p>{known}</p>" if known else "")

    def to_json(self) -> list[dict[str, Any]]:
        """The scores as JSON values; undefined values are null."""
        return [score.to_json() for score in self.scores]

    def to_rows(self) -> ResultTable:
        """One row for each score: id, score, value, low, high, p, perfect, chance."""
        return ScoresOfInputs(("codes",), (self.scores,)).data_table()

    def to_frame(self) -> Any:
        """The rows as a pandas DataFrame, by id.

        Raises: DataError if pandas is not installed.
        """
        frame = self.to_rows().to_frame()
        return frame.drop(columns="input").set_index("id")


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
