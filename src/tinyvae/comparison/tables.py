"""A comparison as tables: latents that recur, and scores over models."""

from __future__ import annotations

from collections.abc import Sequence

from tinyvae.comparison.models import Model
from tinyvae.comparison.paired import PairedTest
from tinyvae.comparison.parts import ComparisonParts
from tinyvae.comparison.recurring import Recurring
from tinyvae.comparison.spread import ScoreSpread
from tinyvae.files.result_tables import Cell, ResultTable, rounded
from tinyvae.scores.tables import printed_declared

COLUMNS = (
    "table", "id", "name", "models", "mean", "sd", "low", "high", "least", "most",
    "perfect", "chance", "other_mean", "other_sd", "difference", "p", "least_p",
    "pairs",
)  # fmt: skip


def comparison_data(comparison: ComparisonParts) -> ResultTable:
    """One row for each recurring latent (table: latent) and each score (score).

    For a latent, mean is its similarity, and low and high its interval over models;
    models counts those in which it recurs (1: it does not), or in which a score is
    defined.
    """
    models = comparison.first.models
    latents = [_latent_data(models, group) for group in comparison.recurring]
    udr = comparison.first.udr
    other_udr = None if comparison.against is None else comparison.against.other.udr
    agreement: tuple[Cell, ...] = (
        "score", "udr", udr.name, len(models), udr.value, None, None, None, None, None,
        udr.best, udr.chance, None if other_udr is None else other_udr.value,
        None, None, None, None, None,
    )  # fmt: skip
    tests = _tests(comparison)
    scores = [
        _score_data(spread, *tests.get(spread.id, (None, None)))
        for spread in comparison.first.scores
    ]
    return ResultTable(COLUMNS, (*latents, agreement, *scores))


def comparison_papers(comparison: ComparisonParts) -> tuple[ResultTable, ...]:
    """A table of the latents, and one of the scores if there are any."""
    tables = [_latents(comparison)]
    if comparison.first.scores:
        tables.append(_scores(comparison))
    return tuple(tables)


def _latents(comparison: ComparisonParts) -> ResultTable:
    models = comparison.first.models
    with_factors = bool(models[0].found.factors)
    rows = []
    for group in comparison.recurring:
        if len(group.members) == 1:
            continue
        named = (f"z{group.latent} of {models[group.reference].name}",)
        if with_factors:
            share = "" if group.factor is None else f" ({group.share:.2f})"
            named += (f"{group.factor or '-'}{share}",)
        interval = "-"
        if group.interval is not None:
            low, high, _ = group.interval
            interval = f"{rounded(low)} to {rounded(high)}"
        recurs = f"{len(group.members)} of {len(models)}"
        rows.append((*named, recurs, group.similarity, interval))
    factor = ("factor (mean share)",) if with_factors else ()
    columns = ("latent", *factor, "models", "similarity", "95 % interval")
    return ResultTable(columns, tuple(rows), "Latents that recur")


def _scores(comparison: ComparisonParts) -> ResultTable:
    if comparison.against is not None:
        return _tested_scores(comparison)
    rows = [
        (
            spread.name,
            _mean_and_spread(spread),
            spread.least,
            spread.most,
            printed_declared(spread.best),
            printed_declared(spread.chance),
        )
        for spread in comparison.first.scores
    ]
    columns = ("score", "mean ± sd", "min", "max", "perfect", "chance")
    number = len(comparison.first.models)
    return ResultTable(columns, tuple(rows), f"Scores over {number} models")


def _tested_scores(comparison: ComparisonParts) -> ResultTable:
    rows = []
    for name, (other, test) in _tests(comparison).items():
        spread = next(one for one in comparison.first.scores if one.id == name)
        rows.append(
            (
                spread.name,
                _mean_and_spread(spread),
                _mean_and_spread(other),
                None if test is None else test.mean,
                _p(test),
            )
        )
    number = len(comparison.first.models)
    columns = ("score", "mean ± sd", "other set", "difference", "p")
    caption = f"Scores over {number} models, and over {number} of the other set"
    return ResultTable(columns, tuple(rows), caption)


def _mean_and_spread(spread: ScoreSpread) -> str:
    """The mean and the standard deviation over models, as papers print them."""
    if not spread.num_defined:
        return "-"
    return f"{rounded(spread.mean)} ± {rounded(spread.deviation)}"


def _p(test: PairedTest | None) -> str | None:
    if test is None:
        return None
    sign = "<= " if test.is_least else ""
    return f"{sign}{test.p:.3g}"


def _tests(
    comparison: ComparisonParts,
) -> dict[str, tuple[ScoreSpread, PairedTest | None]]:
    """The other set's spread and the test of each score, by id."""
    if comparison.against is None:
        return {}
    tests = {spread.id: test for spread, test in comparison.against.tests}
    return {
        spread.id: (spread, tests.get(spread.id))
        for spread in comparison.against.other.scores
    }


def _latent_data(models: Sequence[Model], group: Recurring) -> tuple[Cell, ...]:
    low, high = (None, None) if group.interval is None else group.interval[:2]
    place = f"{models[group.reference].name}:z{group.latent}"
    nothing = (None,) * 10
    return (
        "latent", place, group.factor, len(group.members), group.similarity, None,
        low, high, *nothing,
    )  # fmt: skip


def _score_data(
    spread: ScoreSpread, other: ScoreSpread | None, test: PairedTest | None
) -> tuple[Cell, ...]:
    ends = (None, None)
    return (
        "score", spread.id, spread.name, spread.num_defined, spread.mean,
        spread.deviation, *ends, spread.least, spread.most, spread.best, spread.chance,
        None if other is None else other.mean,
        None if other is None else other.deviation,
        None if test is None else test.mean,
        None if test is None else test.p,
        None if test is None else test.least,
        None if test is None else test.pairs,
    )  # fmt: skip
