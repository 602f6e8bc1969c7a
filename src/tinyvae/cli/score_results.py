"""What `tinyvae score` computes of its inputs, prints and writes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tinyvae.cli.app import give, talk
from tinyvae.cli.inputs import check_key, check_to
from tinyvae.cli.knowledge import short_knowledge_of
from tinyvae.errors import ConfigError

if TYPE_CHECKING:
    from tinyvae.answer import Answer
    from tinyvae.cli.waiting import Watch
    from tinyvae.evaluation.likelihood import LikelihoodBound
    from tinyvae.representation import Representation
    from tinyvae.scores import Score


class Scored(NamedTuple):
    """One input with its answer, if that is asked for, and its scores."""

    name: str
    found: Representation
    answer: Answer | None
    scores: tuple[Score, ...]


class Wishes(NamedTuple):
    """What to compute of each input."""

    only: str
    intervals: int
    p_values: int
    plot: Path | None


def check_wishes(
    paths: list[Path],
    wishes: Wishes,
    *,
    labels: Path | None,
    key: str | None,
    to: Path | None,
) -> None:
    """Refuse what cannot be done, before anything is read.

    Raises: ConfigError.
    """
    check_key(labels, key)
    if wishes.plot is not None and len(paths) > 1:
        raise ConfigError(
            f"--plot: expected one input to draw, got {len(paths)}. Draw each by "
            "itself."
        )
    check_to(to)
    chosen_scores(wishes.only)


def scored_inputs(
    names: list[str], read_in: list[Representation], wishes: Wishes
) -> list[Scored]:
    """The answer and the scores of each input, with progress on stderr."""
    from tinyvae.answer import build_answer
    from tinyvae.cli.waiting import waiting
    from tinyvae.scores.suite import scores_that_apply

    chosen = chosen_scores(wishes.only)
    check_counts(wishes)
    if not wishes.only:  # of codes without factors, only what can be scored
        applies = {name for found in read_in for name in scores_that_apply(found)}
        chosen = [name for name in chosen if name in applies]
    each = len(chosen) * (1 + bool(wishes.intervals) + bool(wishes.p_values)) + 1
    results = []
    with waiting(each * len(read_in)) as watch:
        for name, found in zip(names, read_in, strict=True):
            watch(f"{name}: answer")
            asked = not wishes.only or wishes.plot is not None
            answer = build_answer(found) if asked else None
            scores = scores_of(found, chosen, wishes, watch)
            results.append(Scored(name, found, answer, scores))
    return results


def names_of_inputs(paths: list[Path]) -> list[str]:
    """A short name of each input: its last part, or the whole path where that repeats.

    In brackets is what training saw of the factors or was told, if anything.

    >>> names_of_inputs([Path("runs/a"), Path("b.npz"), Path("other/a")])
    ['runs/a', 'b.npz', 'other/a']
    """
    last = [path.resolve().name or str(path) for path in paths]
    names = [
        str(path) if last.count(name) > 1 else name
        for path, name in zip(paths, last, strict=True)
    ]
    known = [short_knowledge_of(path) for path in paths]
    return [
        f"{name} ({said})" if said else name
        for name, said in zip(names, known, strict=True)
    ]


def show(results: list[Scored], *, answers: bool) -> None:
    """Print the answers and the scores, for a person."""
    from tinyvae.cli.score_text import legend, score_lines, side_by_side, subjects
    from tinyvae.cli.wrapping import terminal_width, wrapped
    from tinyvae.scores.tables import ScoresOfInputs

    width = terminal_width()
    for one in results:
        if answers and one.answer is not None:
            text = str(one.answer) if len(results) == 1 else one.answer.verdict
            name = "" if len(results) == 1 else f"{one.name}: "
            give(wrapped(f"{name}{text}", width) + "\n" * (len(results) == 1))
    for line in subjects([(one.name, one.found) for one in results]):
        give(wrapped(line, width))
    if len(results) == 1:
        lines = score_lines(results[0].scores, width)
    else:
        columns = tuple(one.name for one in results)
        together = ScoresOfInputs(columns, tuple(one.scores for one in results))
        lines = side_by_side(together, width)
    sampled = any(not one.found.table.complete for one in results)
    below = legend(results[0].scores, sampled=sampled, one_input=len(results) == 1)
    lines += [wrapped(line, width) for line in below]
    give("\n".join(lines))


def draw(one: Scored, plot: Path) -> None:
    """Draw the matrices of one input."""
    from tinyvae.plots import save_figure, score_matrices

    if one.answer is not None:
        save_figure(score_matrices(one.answer, one.scores), plot)
        talk(f"wrote {plot}")


def write_scores(results: list[Scored], to: Path) -> None:
    """Write the scores of all inputs as one table."""
    from tinyvae.files.result_tables import write_table
    from tinyvae.scores.tables import ScoresOfInputs

    columns = tuple(one.name for one in results)
    write_table(to, ScoresOfInputs(columns, tuple(one.scores for one in results)))
    talk(f"wrote {to}")


def as_mapping(results: list[Scored], bounds: list[LikelihoodBound]) -> dict[str, Any]:
    """Answers and scores for a program; those of several inputs in a list.

    And the bound of the log likelihood of each input, if that was asked for.
    """
    each = [
        {
            "input": one.name,
            "answer": None if one.answer is None else one.answer.to_json(),
            "scores": [score.to_json() for score in one.scores],
        }
        for one in results
    ]
    for one, bound in zip(each, bounds, strict=False):
        one["log_likelihood"] = bound._asdict()
    return each[0] if len(each) == 1 else {"inputs": each}


def named(text: str) -> list[str]:
    """The names of `a,b`."""
    return [name.strip() for name in text.split(",") if name.strip()]


def chosen_scores(only: str) -> list[str]:
    """Names of the scores to compute: all, or the listed ones.

    Raises: ConfigError on an unknown name.
    """
    from tinyvae.scores.suite import ORDER, function_name
    from tinyvae.wording import nearest

    if only.strip() and not named(only):
        raise ConfigError(f"--only: expected names of scores, got {only!r}.")
    names = [function_name(name) or name for name in named(only)] or list(ORDER)
    for name in names:
        if name == "udr":
            raise ConfigError(
                "--only: udr compares several models, and a score judges one. "
                "`tinyvae compare` gives it."
            )
        if name not in ORDER:
            raise ConfigError(
                f"--only: expected scores among {', '.join(ORDER)}, got {name!r}."
                f"{nearest(name, ORDER)}"
            )
    return list(dict.fromkeys(names))


def check_counts(wishes: Wishes) -> None:
    """Refuse intervals or p-values of less than two repetitions.

    Raises: ConfigError.
    """
    for name, count in (
        ("--intervals", wishes.intervals),
        ("--p-values", wishes.p_values),
    ):
        if count < 0 or count == 1:
            raise ConfigError(f"{name}: expected at least 2, got {count}.")


def scores_of(
    found: Representation, chosen: list[str], wishes: Wishes, watch: Watch
) -> tuple[Score, ...]:
    """The chosen scores, with intervals or p-values on request."""
    from dataclasses import replace

    from tinyvae.scores import SCORES
    from tinyvae.scores.uncertainty import with_intervals, with_p_values

    scores: list[Score] = []
    for name in chosen:
        watch(name)
        one = SCORES[name].scores(found)
        if wishes.intervals:
            watch(f"{name}: interval")
            one = with_intervals(name, found, num_halves=wishes.intervals)
        if wishes.p_values and SCORES[name].needs_factors:
            watch(f"{name}: p-value")
            tested = with_p_values(name, found, num_shuffles=wishes.p_values)
            one = tuple(
                replace(score, p_value=other.p_value, num_shuffles=other.num_shuffles)
                for score, other in zip(one, tested, strict=True)
            )
        scores.extend(one)
    return tuple(scores)
