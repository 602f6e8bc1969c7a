"""Scores as tables: of one input or of several, for a program, a paper, a notebook."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

from tinyvae.files.result_tables import Cell, ResultTable, rounded
from tinyvae.scores.value import Score, part_texts, value_text

COLUMNS = (
    "input", "id", "score", "value", "low", "high", "confidence", "p", "shuffles",
    "perfect", "chance", "undefined",
)  # fmt: skip

# the four scores to report, each with the question that it answers
TO_REPORT = {
    "share": "does the latent of each factor hold that factor and nothing else?",
    "mig_nearest": "is each factor held by one latent, and by no other? (Other "
    "papers may print MIG by bins, which has other values.)",
    "dci_disentanglement": "does every latent depend on one factor only? (Also 1 where "
    "several latents hold one factor, or a factor is missing: read it with DCI "
    "completeness and InfoE.)",
    "infoe": "InfoMEC's explicitness: can a linear model read each factor from all "
    "latents together?",
}


@dataclass(frozen=True, eq=False)
class ScoresOfInputs:
    """The scores of one or several inputs, to be written side by side.

    Raises: ValueError if inputs and scores do not fit together.
    """

    inputs: tuple[str, ...]
    scores: tuple[tuple[Score, ...], ...]  # of each input, the same in each

    def __post_init__(self):
        ids = {tuple(score.id for score in scores) for scores in self.scores}
        if len(self.inputs) != len(self.scores) or len(ids) != 1:
            raise ValueError(
                "expected the same scores of each input, got "
                f"{[len(scores) for scores in self.scores]} scores of "
                f"{len(self.inputs)} inputs."
            )

    def data_table(self) -> ResultTable:
        """One row for each input and score; undefined values are None."""
        rows = [
            (name, *_data_row(score))
            for name, scores in zip(self.inputs, self.scores, strict=True)
            for score in scores
        ]
        return ResultTable(COLUMNS, tuple(rows))

    def paper_tables(self) -> tuple[ResultTable, ...]:
        """One row for each score, and one column for each input."""
        return (self._wide() if len(self.inputs) > 1 else self._one(),)

    def _one(self) -> ResultTable:
        (scores,) = self.scores
        with_interval = any(score.interval for score in scores)
        with_p = any(score.p_value is not None for score in scores)
        columns = ["score", "value"]
        columns += ["low", "high"] if with_interval else []
        columns += ["p"] if with_p else []
        rows = [
            (
                score.name,
                score.value,
                *(_ends(score) if with_interval else ()),
                *((_p_cell(score),) if with_p else ()),
                *declared(score),
            )
            for score in scores
        ]
        caption = f"scores of {self.inputs[0]}"
        return ResultTable((*columns, "perfect", "chance"), tuple(rows), caption)

    def _wide(self) -> ResultTable:
        rows = [
            (of_each[0].name, *map(_value_cell, of_each), *declared(of_each[0]))
            for of_each in zip(*self.scores, strict=True)
        ]
        return ResultTable(("score", *self.inputs, "perfect", "chance"), tuple(rows))


def declared(score: Score) -> tuple[str, str]:
    """The value of a perfect code and that of chance, as they are printed."""
    return (printed_declared(score.best), printed_declared(score.chance))


def scores_html(scores: Sequence[Score]) -> str:
    """An HTML table of scores with the perfect value and chance of each."""
    names = ("score", "value", "perfect", "chance", "parts")
    head = "".join(f"<th>{name}</th>" for name in names)
    rows = "".join(_html_row(score) for score in scores)
    marked = any(score.id in TO_REPORT for score in scores)
    below = "<p>bold: the scores to report</p>" if marked else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{below}"


def _html_row(score: Score) -> str:
    tag = "th" if score.id in TO_REPORT else "td"
    cells = (value_text(score), *declared(score), ", ".join(part_texts(score)))
    return (
        f"<tr><{tag}>{html.escape(score.name)}</{tag}>"
        + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells)
        + "</tr>"
    )


def _data_row(score: Score) -> tuple[Cell, ...]:
    low, high = _ends(score)
    return (
        score.id,
        score.name,
        None if score.undefined else score.value,
        low,
        high,
        None if score.interval is None else score.interval.confidence,
        score.p_value,
        score.num_shuffles,
        score.best,
        score.chance,
        score.undefined,
    )


def _ends(score: Score) -> tuple[float | None, float | None]:
    return (None, None) if score.interval is None else score.interval[:2]


def _p_cell(score: Score) -> str | None:
    return None if score.p_value is None else f"{score.p_value:.3g}"


def _value_cell(score: Score) -> str:
    if score.undefined:
        return "-"
    low, high = _ends(score)
    text = rounded(score.value)
    return text if low is None else f"{text} [{rounded(low)}, {rounded(high)}]"


def printed_declared(value: float | None) -> str:
    """A value that is the same for all codes; `-` where it is undefined."""
    return "-" if value is None else f"{value:.2g}"
