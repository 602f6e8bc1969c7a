"""A comparison as text: tables, and sentences for a paper."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tinyvae.comparison.models import Model
from tinyvae.comparison.paired import PairedTest
from tinyvae.comparison.parts import Against, ComparisonParts
from tinyvae.comparison.recurring import Recurring
from tinyvae.comparison.spread import ScoreSpread
from tinyvae.comparison.tables import comparison_papers
from tinyvae.files.result_tables import ResultTable, rounded
from tinyvae.scores.tables import TO_REPORT
from tinyvae.wording import counted

FEWEST_MODELS = 3  # that have an interval
FEW_MODELS = 10  # of which a bootstrap interval is rough
NO_DIFFERENCE = 0.0005  # is 0.000 as it is printed


class Lines(NamedTuple):
    """The whole text, and the sentences in it."""

    text: str
    sentences: tuple[str, ...]


def comparison_lines(comparison: ComparisonParts) -> Lines:
    """The tables of a comparison as text, with sentences and what columns mean."""
    latents, *scores = comparison_papers(comparison)
    sentences = _sentences(comparison)
    lines = [_subject(comparison.first.models), ""]
    if latents.rows:
        lines += [f"{latents.caption}:", *text_rows(latents), ""]
    for table in scores:
        lines += [f"{table.caption} (* to report):", *_marked(comparison, table), ""]
    lines += sentences
    return Lines("\n".join(lines), tuple(sentences))


def text_rows(table: ResultTable) -> list[str]:
    """A table as lines of text with aligned columns."""
    rows = [table.columns, *(tuple(map(_shown, row)) for row in table.rows)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in rows
    ]


def _marked(comparison: ComparisonParts, table: ResultTable) -> list[str]:
    """The lines of a table of scores, with a mark at the four to report."""
    head, *lines = text_rows(table)
    marks = ["* " if one.id in TO_REPORT else "  " for one in comparison.first.scores]
    return [f"  {head}"] + [
        f"{mark}{line}" for mark, line in zip(marks, lines, strict=True)
    ]


def _shown(cell: str | float | int | None) -> str:
    return rounded(cell)


def _subject(models: Sequence[Model]) -> str:
    found = models[0].found
    counts = sorted({int(model.moving.sum()) for model in models})
    latents = str(counts[0]) if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    factors = f"; factors: {', '.join(found.table.names)}" if found.factors else ""
    names = ", ".join(model.name for model in models)
    return (
        f"{counted(len(models), 'model')} ({names}) of the same {len(found.codes)} "
        f"rows; {latents} active latents each{factors}"
    )


def latent_name(models: Sequence[Model], group: Recurring) -> str:
    """A recurring latent by its factor, or by its number in the reference."""
    place = f"z{group.latent} of {models[group.reference].name}"
    return place if group.factor is None else f"{group.factor} ({place})"


def _sentences(comparison: ComparisonParts) -> list[str]:
    """What recurs and what does not, the UDR, and the tests of scores to report."""
    models = comparison.first.models
    lines = [
        _recurs(models, group)
        for group in comparison.recurring
        if len(group.members) > 1
    ]
    alone = [group for group in comparison.recurring if len(group.members) == 1]
    if alone:
        names = ", ".join(latent_name(models, group) for group in alone)
        lines.append(f"In one model only: {names}.")
    lines.append(
        f"Latents count as the same from |Spearman| {comparison.same:g} on. "
        f"Similarity: mean |Spearman| over all pairs of models{_interval(len(models))}."
    )
    lines.append(
        f"UDR {comparison.first.udr.value:.3f} (perfect 1, chance near 0): whether "
        "the models found the same latents, whatever these are."
    )
    if comparison.against is not None:
        lines += _tested(comparison.against)
    return lines


def _interval(num_models: int) -> str:
    """How the interval of a similarity is made, and how far to trust it."""
    if num_models < FEWEST_MODELS:
        return "; an interval needs three models"
    rough = ", rough for so few" if num_models < FEW_MODELS else ""
    return f", with a 95 % interval from a bootstrap over models{rough}"


def _recurs(models: Sequence[Model], group: Recurring) -> str:
    others = ", ".join(
        f"{'-' if one.similarity < 0 else '+'}z{one.latent} of {models[one.model].name}"
        for one in group.members[1:]
    )
    number = len(group.members)
    how_many = f"{number} of {len(models)}"
    if number == len(models):
        how_many = "both" if number == 2 else f"all {number}"
    between = f"{group.similarity:.3f}"
    if group.interval is not None:
        low, high, _ = group.interval
        between += f" ({low:.3f} to {high:.3f})"
    return (
        f"{latent_name(models, group)} recurs in {how_many} models, with similarity "
        f"{between}: {others}."
    )


def _tested(against: Against) -> list[str]:
    """The paired tests of the scores to report, and what they cannot show."""
    lines = [
        f"UDR of the other set: {against.other.udr.value:.3f}.",
    ]
    tests = [(spread, test) for spread, test in against.tests if test is not None]
    for spread, test in tests:
        if spread.id in TO_REPORT:
            lines.append(_difference(spread, test))
    if tests:
        lines.append(_what_p_is(tests[0][1], against.paired_by, len(tests)))
    return lines


def _difference(spread: ScoreSpread, test: PairedTest) -> str:
    p = f"p {'<=' if test.is_least else '='} {test.p:.3g}"
    pairs = counted(test.pairs, "pair")
    if abs(test.mean) < NO_DIFFERENCE:
        return f"{spread.name} is the same in both sets: mean of {pairs} 0.000 ({p})."
    direction = "higher" if test.mean > 0 else "lower"
    return (
        f"{spread.name} is {abs(test.mean):.3f} {direction} in the first set: mean of "
        f"{pairs} ({p})."
    )


def _what_p_is(test: PairedTest, paired_by: str, num_scores: int) -> str:
    flips = (
        f"all {2**test.pairs} flips of signs" if test.exact else "random flips of signs"
    )
    return (
        f"p: two-sided, from {flips} of the differences of {test.pairs} pairs by "
        f"{paired_by}; {test.least:.3g} is the least that so many allow. Not corrected "
        f"for {counted(num_scores, 'score')}."
    )
