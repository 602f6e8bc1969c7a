"""`tinyvae score`: every score of a run, or of codes from any network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tinyvae.cli.app import app, ends_well, give, give_json, talk
from tinyvae.errors import ConfigError

if TYPE_CHECKING:
    from tinyvae.representation import Representation
    from tinyvae.scores import Score
    from tinyvae.tables.rules import LabelRule


@app.command()
@ends_well
def score(
    path: Annotated[
        Path,
        typer.Argument(
            help="Run folder, or a file .npz, .csv, .tsv, .txt (also .gz) or .parquet; "
            ".npy with --labels."
        ),
    ],
    codes: Annotated[
        str, typer.Option(help="Columns of codes in a table, such as z0,z1 or 'z*'.")
    ] = "",
    factors: Annotated[
        str, typer.Option(help="Columns of factors in a table, such as radius,x,y.")
    ] = "",
    kinds: Annotated[
        str | None,
        typer.Option(
            help="Kinds of factors that are not plain numbers, such as "
            "shape=categorical,angle=circular:360."
        ),
    ] = None,
    labels: Annotated[
        Path | None,
        typer.Option(help="Factors in a separate table: .csv, .tsv, .parquet or .npy."),
    ] = None,
    key: Annotated[
        str | None,
        typer.Option(help="Column of the labels that names each row of codes."),
    ] = None,
    missing: Annotated[
        str,
        typer.Option(help="Rows that lack a value: fail, or drop them and count them."),
    ] = "fail",
    only: Annotated[
        str, typer.Option(help="Only these scores, such as mig,dci; no answer.")
    ] = "",
    intervals: Annotated[
        int, typer.Option(help="Add 95 % intervals, from this many half samples.")
    ] = 0,
    p_values: Annotated[
        int, typer.Option(help="Add p-values, from this many shuffles.")
    ] = 0,
    plot: Annotated[
        Path | None,
        typer.Option(help="Draw the matrices as heat maps: .png, .pdf or .svg."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For a program.")] = False,
) -> None:
    """Score codes against factors: which latent is which, and every known score.

    An npz file holds arrays codes (sample, latent) and factors (sample, factor), and
    may hold factor_names and factor_kinds (ordered, circular, circular:PERIOD,
    categorical). `tinyvae encode` writes such a file; so does any framework.

    [bold]Examples[/bold]

    tinyvae score runs/circles-annealed-tc-seed0

    tinyvae score codes.npz --plot matrices.png

    tinyvae score codes.csv --codes 'z*' --factors radius,x,y

    tinyvae score codes.csv --codes 'z*' --factors '"size, um",phase' --missing drop

    tinyvae score codes.csv --labels labels.csv --key file

    tinyvae score codes.npz --kinds shape=categorical --only mig,dci --intervals 100
    """
    from tinyvae.answer import build_answer

    chosen = chosen_scores(only)
    if labels is None and key is not None:
        raise ConfigError(f"--key: expected --labels with it, got only {key!r}.")
    if labels is None:
        found = read(path, codes, factors, parse_kinds(kinds), missing)
    else:
        rule = label_rule(key, kinds, factors)
        found = read_beside(path, labels, rule, codes, missing)
    for note in found.notes:
        talk(note.line())
    scores = scores_of(found, chosen, intervals, p_values)
    answer = None if only and plot is None else build_answer(found)
    if plot is not None and answer is not None:
        from tinyvae.plots import save_figure, score_matrices

        save_figure(score_matrices(answer, scores), plot)
        talk(f"wrote {plot}")
    if as_json:
        give_json(
            {
                "answer": None if answer is None else answer.to_json(),
                "scores": [score.to_json() for score in scores],
            }
        )
    else:
        width = max(len(score.name) for score in scores)
        if not only:
            give(f"{answer}\n")
        for one in scores:
            give(f"{one.name.ljust(width)}  {str(one).removeprefix(one.name + ': ')}")


def read(
    path: Path,
    codes: str,
    factors: str,
    kinds: dict[str, str] | None,
    missing: str = "fail",
) -> Representation:
    """The representation of a run folder or of a file."""
    if path.is_dir():
        from tinyvae.runs.folder import load_run
        from tinyvae.runs.scoring import run_representation

        if codes or factors or kinds:
            raise ConfigError(
                "expected --codes, --factors and --kinds for a file: a run knows its "
                "factors."
            )
        return run_representation(load_run(path))
    from tinyvae.files.codes import read_codes

    return read_codes(
        path,
        codes=listed(codes),
        factors=listed(factors),
        kinds=kinds,
        missing=missing,
    )


def read_beside(
    path: Path,
    labels: Path,
    rule: LabelRule,
    codes: str,
    missing: str = "fail",
) -> Representation:
    """Codes of one file with the labels of another."""
    from tinyvae.files.labelled_codes import read_labelled_codes

    return read_labelled_codes(path, labels, rule, codes=listed(codes), missing=missing)


def label_rule(key: str | None, kinds: str | None, factors: str) -> LabelRule:
    """The rule for labels that options describe."""
    from tinyvae.tables.rules import LabelRule

    declared = tuple((parse_kinds(kinds) or {}).items())
    return LabelRule(key, declared, tuple(listed(factors)))


def listed(text: str) -> list[str]:
    """The names of `a,b`; a name in double quotes may hold commas."""
    from tinyvae.tables.choosing import listed

    return listed(text)


def parse_kinds(text: str | None) -> dict[str, str] | None:
    """The mapping of `shape=categorical,angle=circular:360`.

    Raises: ConfigError if the text is anything else.
    """
    from tinyvae.tables.choosing import kinds_listed

    found = None if text is None else kinds_listed(text)
    if text is not None and found is None:
        raise ConfigError(
            "--kinds: expected name=kind, separated by commas, such as "
            f"shape=categorical, got {text!r}."
        )
    return found


def chosen_scores(only: str) -> list[str]:
    """Names of the scores to compute: all, or the listed ones.

    Raises: ConfigError on an unknown name.
    """
    from tinyvae.scores.suite import ORDER, function_name

    if only.strip() and not listed(only):
        raise ConfigError(f"--only: expected names of scores, got {only!r}.")
    names = [function_name(name) or name for name in listed(only)] or list(ORDER)
    for name in names:
        if name == "udr":
            raise ConfigError(
                "--only: udr compares the codes of several runs, and this is one. In "
                "Python: tinyvae.scores.udr([codes, other_codes, ...])."
            )
        if name not in ORDER:
            raise ConfigError(
                f"--only: expected scores among {', '.join(ORDER)}, got {name!r}."
            )
    return list(dict.fromkeys(names))


def scores_of(
    found: Representation, chosen: list[str], intervals: int, p_values: int
) -> tuple[Score, ...]:
    """The chosen scores, with intervals or p-values on request."""
    from dataclasses import replace

    from tinyvae.scores import SCORES
    from tinyvae.scores.uncertainty import with_intervals, with_p_values

    for name, count in (("--intervals", intervals), ("--p-values", p_values)):
        if count < 0 or count == 1:
            raise ConfigError(f"{name}: expected at least 2, got {count}.")
    scores: list[Score] = []
    for name in chosen:
        one = SCORES[name].scores(found)
        if intervals:
            one = with_intervals(name, found, num_halves=intervals)
        if p_values and SCORES[name].needs_factors:
            tested = with_p_values(name, found, num_shuffles=p_values)
            one = tuple(
                replace(score, p_value=other.p_value)
                for score, other in zip(one, tested, strict=True)
            )
        scores.extend(one)
    return tuple(scores)
