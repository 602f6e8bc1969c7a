"""What is measured of each member: scores, criteria that need no factor, and cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from tinyvae.scores.score import SCORES, Properties
from tinyvae.scores.tables import TO_REPORT
from tinyvae.scores.udr import UDR
from tinyvae.sweeps.reaching import LOWER_IS_BETTER
from tinyvae.sweeps.summary import SMALLEST_READOUT, SMALLEST_SHARE

Kind = Literal["answer", "score", "criterion", "cost"]
KINDS = get_args(Kind)  # in the order of the page

FACTS: Mapping[str, tuple[Properties, bool]] = {
    name: (facts, one.needs_factors)
    for one in SCORES.values()
    for name, facts in zip(one.ids, one.facts, strict=True)
} | {"udr": (UDR, False)}


@dataclass(frozen=True)
class Measure:
    """A number of each member.

    `kind`: the answer itself, a score against factors, a criterion that needs none, or
    cost. `best` is the value of a perfect code, and `chances` those of codes that are
    independent of the factors (several where members have several numbers of factors).
    `higher` says whether more is better. `question` is what a score to report answers.
    """

    id: str
    title: str
    kind: Kind
    unit: str = ""
    best: float | None = None
    chances: tuple[float, ...] = ()
    higher: bool = True
    question: str = ""

    @property
    def least(self) -> float | None:
        """The lower end of its range; None where it has none."""
        if self.kind == "cost":
            return 0.0
        return None if self.best is None else min(0.0, self.best)

    @property
    def most(self) -> float | None:
        """The upper end of its range; None where it has none."""
        return self.best if self.best is not None and self.best > 0 else None


OWN = (
    Measure(
        SMALLEST_SHARE,
        "smallest share",
        "answer",
        best=1.0,
        chances=(0.0,),
        question="does even the worst of the factors have a latent of its own?",
    ),
    Measure(
        SMALLEST_READOUT,
        "smallest readout",
        "answer",
        best=1.0,
        chances=(0.0,),
        question="does even the worst of the factors show in its latent?",
    ),
    Measure("elbo", "ELBO", "criterion", "nats"),
    Measure("test_elbo", "ELBO of held-out pictures", "criterion", "nats"),
    Measure("loss", "loss at the end of training", "criterion", "nats", higher=False),
)
COST = (
    Measure("seconds", "seconds a member", "cost", higher=False),
    Measure("speed", "pictures a second in training", "cost"),
)


def measures_of(
    scores: Sequence[str], factor_counts: Sequence[int]
) -> tuple[Measure, ...]:
    """The measures of a sweep: its answer, these scores, criteria, and cost."""
    found = [*OWN, *(score_measure(name, factor_counts) for name in scores), *COST]
    return tuple(sorted(found, key=lambda measure: KINDS.index(measure.kind)))


def score_measure(name: str, factor_counts: Sequence[int]) -> Measure:
    """A score with what it declares; one that is not registered declares nothing."""
    if name not in FACTS:
        return Measure(name, name.replace("_", " "), "score")
    facts, needs_factors = FACTS[name]
    return Measure(
        name,
        facts.title,
        "score" if needs_factors else "criterion",
        unit="nats" if facts.best == 0 else "",
        best=facts.best,
        chances=_chances(facts, factor_counts),
        higher=name not in LOWER_IS_BETTER,
        question=TO_REPORT.get(name, ""),
    )


def _chances(facts: Properties, factor_counts: Sequence[int]) -> tuple[float, ...]:
    if facts.chance is None:
        return ()
    if callable(facts.chance):
        return tuple(sorted({facts.chance(count) for count in factor_counts}))
    return (facts.chance,)
