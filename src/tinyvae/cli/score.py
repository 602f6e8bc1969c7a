"""`tinyvae score`: every score of runs, or of codes from any network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tinyvae.cli.app import app, ends_well, give_json, talk
from tinyvae.cli.score_results import (
    Wishes,
    as_mapping,
    check_wishes,
    draw,
    names_of_inputs,
    scored_inputs,
    show,
    write_scores,
)
from tinyvae.errors import ConfigError

if TYPE_CHECKING:
    from tinyvae.representation import Representation
    from tinyvae.tables.rules import LabelRule


@app.command()
@ends_well
def score(
    paths: Annotated[
        list[Path],
        typer.Argument(
            help="Run folders, or files .npz, .csv, .tsv, .txt (also .gz) or .parquet; "
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
    to: Annotated[
        Path | None,
        typer.Option(help="Write the scores as a table: .csv, .json, .md or .tex."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For a program.")] = False,
) -> None:
    """Score codes against factors: which latent is which, and every known score.

    An npz file holds arrays codes (sample, latent) and factors (sample, factor), and
    may hold factor_names and factor_kinds (ordered, circular, circular:PERIOD,
    categorical). `tinyvae encode` writes such a file; so does any framework.

    Beside each value stand that of a perfect code and that of codes independent of the
    factors; * marks the four scores to report. --to writes one row for each input and
    score (.csv, .json), or one row for each score and a column for each input (.md,
    .tex).

    [bold]Examples[/bold]

    tinyvae score runs/circles-annealed-tc-seed0

    tinyvae score codes.npz --plot matrices.png

    tinyvae score codes.csv --codes 'z*' --factors radius,x,y

    tinyvae score codes.csv --codes 'z*' --factors '"size, um",phase' --missing drop

    tinyvae score codes.csv --labels labels.csv --key file

    tinyvae score codes.npz --kinds shape=categorical --only mig,dci --intervals 100

    tinyvae score ours.npz theirs.npz runs/circles-vae-seed0 --to table.tex
    """
    wishes = Wishes(only, intervals, p_values, plot)
    check_wishes(paths, wishes, labels=labels, key=key, to=to)
    given = parse_kinds(kinds)
    read_in = [
        read(path, codes, factors, given, missing)
        if labels is None
        else read_beside(path, labels, label_rule(key, kinds, factors), codes, missing)
        for path in paths
    ]
    for found in read_in:
        for note in found.notes:
            talk(note.line())
        if only and found.copies_note is not None:  # else a note of the answer
            talk(found.copies_note)
    results = scored_inputs(names_of_inputs(paths), read_in, wishes)
    if plot is not None:
        draw(results[0], plot)
    if to is not None:
        write_scores(results, to)
    if as_json:
        give_json(as_mapping(results))
    else:
        show(results, answers=not only)


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
