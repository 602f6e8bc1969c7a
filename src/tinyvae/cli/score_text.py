"""Scores as lines of text, wrapped to the width of the terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from tinyvae import __version__
from tinyvae.cli.wrapping import wrapped
from tinyvae.files.result_tables import rounded
from tinyvae.representation import Representation
from tinyvae.scores.score import Score
from tinyvae.scores.tables import TO_REPORT, ScoresOfInputs, declared
from tinyvae.scores.value import is_least_p, part_texts
from tinyvae.wording import counted

NAME_WIDTH = 26  # longer titles of scores go on in the next line, where it is narrow
WIDE = 150  # columns from which the parts stand beside the values
Row = tuple[str, ...]


def subjects(inputs: Sequence[tuple[str, Representation]]) -> list[str]:
    """What was scored by what: rows, latents, factors; once for inputs that agree."""
    names: dict[str, list[str]] = {}
    for name, found in inputs:
        names.setdefault(_sizes(found), []).append(name)
    return [
        f"Scores of {', '.join(of)} (tinyvae {__version__}): {sizes}."
        for sizes, of in names.items()
    ]


def _sizes(found: Representation) -> str:
    still = int((~found.active).sum())
    latents = counted(found.num_latents, "latent")
    if still:
        latents += f" ({still} not active)"
    factors = counted(len(found.factors), "factor")
    if found.factors:
        factors += f" ({', '.join(found.table.names)})"
    rows = counted(len(found.codes), "row")
    if found.table.complete:
        rows += ", every combination of the factors"
    return f"{rows}; {latents}; {factors}"


def score_lines(scores: Sequence[Score], width: int) -> list[str]:
    """A table of one input's scores: the value, perfect and chance of each."""
    with_interval = any(score.interval for score in scores)
    with_p = any(score.p_value is not None for score in scores)
    head = ("", "score", "value")
    head += ("interval",) if with_interval else ()
    head += ("p",) if with_p else ()
    head += ("perfect", "chance")
    rows = [_cells(score, with_interval, with_p) for score in scores]
    widths = _widths([head, *rows], width)
    lines = [_line(head, widths)[0]]
    for score, row in zip(scores, rows, strict=True):
        lines += _with_parts(_line(row, widths), score, sum(widths) + 2, width)
    return lines


def side_by_side(results: ScoresOfInputs, width: int) -> list[str]:
    """A table of the scores of several inputs, one column for each."""
    (table,) = results.paper_tables()
    mark = [_mark(score) for score in results.scores[0]]
    rows = [
        (sign, *map(rounded, row)) for sign, row in zip(mark, table.rows, strict=True)
    ]
    fixed = [0, 1, len(table.columns) - 1, len(table.columns)]
    lines: list[str] = []
    for inputs in _columns_that_fit(("", *table.columns), rows, fixed, width):
        kept = [*fixed[:2], *inputs, *fixed[2:]]
        part = [tuple(row[i] for i in kept) for row in [("", *table.columns), *rows]]
        widths = _widths(part, width)
        lines += [*([""] if lines else []), *(_line(row, widths)[0] for row in part)]
    return lines


def legend(scores: Sequence[Score], *, sampled: bool, one_input: bool) -> list[str]:
    """What the marks and columns mean: only what occurs.

    Of one input, the four scores to report stand there with their values.

    Rows that are a sample have intervals, which are recommended where there are none.
    """
    lines = [""]
    reported = [score for score in scores if score.id in TO_REPORT]
    if reported:
        lines.append("* to report (the documentation of the scores says why these):")
        lines += (
            report_lines(reported)
            if one_input
            else [f"    {score.name}: {TO_REPORT[score.id]}" for score in reported]
        )
    lines.append(
        "perfect: the value of a perfect code. chance: that of codes independent of "
        "the factors; - where it depends on the codes. A value is the mean of its "
        "parts; DCI disentanglement and MED weigh latents by what they hold."
    )
    in_nats = [score.name for score in scores if score.best == 0]
    if in_nats:
        text = f"in nats, 0 for independent latents: {'; '.join(in_nats)}."
        if any(score.id == "total_correlation" for score in scores):
            text += " The total correlation of codes sees correlated ranks only."
        lines.append(text)
    confidences = [score.interval.confidence for score in scores if score.interval]
    if confidences:
        lines.append(
            f"interval: {100 * confidences[0]:g} %, for the draw of the rows, from "
            "half samples; it says nothing about other seeds of training."
        )
        lines += [
            f"no interval for {score.name}: {score.no_interval}."
            for score in scores
            if score.no_interval is not None
        ]
    elif sampled:
        lines.append("For a paper, add --intervals 100: the rows are a sample.")
    tested = [score for score in scores if score.p_value is not None]
    return [*lines, _p_legend(tested)] if tested else lines


def _p_legend(tested: Sequence[Score]) -> str:
    shuffles = tested[0].num_shuffles or 0
    text = (
        f"p: how often codes score as high when their rows are shuffled, in {shuffles} "
        "shuffles"
    )
    if any(is_least_p(score) for score in tested):
        least = 1 / (1 + shuffles)
        text += (
            f"; <= {least:.3g} is the least that {shuffles} shuffles allow "
            "(a larger --p-values allows less)"
        )
    return f"{text}. Not corrected for the number of scores."


def report_lines(scores: Sequence[Score]) -> list[str]:
    """The four scores to report in words, each with its least part."""
    lines = []
    for score in scores:
        if score.id not in TO_REPORT:
            continue
        value = "undefined" if score.undefined else rounded(score.value)
        if score.interval is not None:
            low, high, _ = score.interval
            value += f" ({rounded(low)} to {rounded(high)})"
        lines.append(f"    {score.name} {value}: {TO_REPORT[score.id]}{_least(score)}")
    return lines


def _least(score: Score) -> str:
    """The part of least value, where parts differ."""
    parts = [] if score.parts is None else score.parts
    known = [
        (float(part), name)
        for part, name in zip(parts, score.part_names, strict=True)
        if part == part  # not NaN
    ]
    if len(known) < 2 or score.undefined:
        return ""
    value, name = min(known)
    return f" Least: {name}, {rounded(value)}."


def _mark(score: Score) -> str:
    return "*" if score.id in TO_REPORT else ""


def _cells(score: Score, with_interval: bool, with_p: bool) -> Row:
    value = "-" if score.undefined else rounded(score.value)
    interval, p = "-", "-"
    if score.interval is not None:
        low, high, _ = score.interval
        interval = f"{rounded(low)} to {rounded(high)}"
    if score.p_value is not None:
        p = f"{'<= ' if is_least_p(score) else ''}{score.p_value:.3g}"
    return (
        _mark(score),
        score.name,
        value,
        *((interval,) if with_interval else ()),
        *((p,) if with_p else ()),
        *declared(score),
    )


def _widths(rows: Sequence[Row], width: int) -> list[int]:
    """Widths of columns with the gap behind each; that of the names may be cut."""
    found = [max(map(len, column)) + 2 for column in zip(*rows, strict=True)]
    found[0] = 2
    if sum(found) - 2 > width:
        found[1] = max(NAME_WIDTH + 2, found[1] + width - sum(found))
    return found


def _line(row: Row, widths: Sequence[int]) -> list[str]:
    """The row in a line, and what does not fit of the name below it."""
    first, *more = textwrap.wrap(row[1], widths[1] - 2) or [""]
    cells = (row[0], first, *row[2:])
    line = "".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
    return [line.rstrip(), *(" " * widths[0] + text for text in more)]


def _with_parts(lines: list[str], score: Score, start: int, width: int) -> list[str]:
    """The lines of a score with its parts: beside them where it is wide, or below."""
    parts = ", ".join(part_texts(score))
    if score.undefined:
        parts = f"undefined: {score.undefined}"
    if not parts:
        return lines
    if width >= WIDE:
        beside = lines[0].ljust(start) + parts
        return [*wrapped(beside, width).splitlines(), *lines[1:]]
    return [
        *lines,
        *textwrap.wrap(parts, width, initial_indent=" " * 6, subsequent_indent=" " * 6),
    ]


def _columns_that_fit(
    head: Row, rows: Sequence[Row], fixed: Sequence[int], width: int
) -> list[list[int]]:
    """The numbers of the columns of inputs, in groups that fit into the width."""
    widths = [max(map(len, column)) + 2 for column in zip(head, *rows, strict=True)]
    room = width - sum(widths[i] for i in fixed)
    groups: list[list[int]] = [[]]
    used = 0
    for number in range(fixed[1] + 1, fixed[2]):
        if groups[-1] and used + widths[number] > room:
            groups.append([])
            used = 0
        groups[-1].append(number)
        used += widths[number]
    return groups
