"""`tinyvae score`: every score of runs, or of codes from any network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tinyvae.cli.app import app, ends_well, give, give_json, talk
from tinyvae.cli.inputs import (
    JsonOption,
    KeyOption,
    KindsOption,
    MissingOption,
    ToOption,
    label_rule,
    parse_kinds,
    read,
    read_beside,
)
from tinyvae.cli.likelihood import bounds_of, check_likelihood
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

if TYPE_CHECKING:
    pass


@app.command()
@ends_well
def score(
    paths: Annotated[
        list[Path],
        typer.Argument(
            help="Run folders, or files .h5ad, .npz, .csv, .tsv, .txt (also .gz) or "
            ".parquet; .npy with --labels."
        ),
    ],
    codes: Annotated[
        str,
        typer.Option(
            help="Columns of codes in a table, such as z0,z1 or 'z*'; of AnnData, the "
            "entry of obsm."
        ),
    ] = "",
    factors: Annotated[
        str, typer.Option(help="Columns of factors in a table, such as radius,x,y.")
    ] = "",
    kinds: KindsOption = None,
    labels: Annotated[
        Path | None,
        typer.Option(help="Factors in a separate table: .csv, .tsv, .parquet or .npy."),
    ] = None,
    key: KeyOption = None,
    missing: MissingOption = "fail",
    only: Annotated[
        str, typer.Option(help="Only these scores, such as mig,dci; no answer.")
    ] = "",
    intervals: Annotated[
        int, typer.Option(help="Add 95 % intervals, from this many half samples.")
    ] = 0,
    p_values: Annotated[
        int, typer.Option(help="Add p-values, from this many shuffles.")
    ] = 0,
    likelihood: Annotated[
        int,
        typer.Option(
            help="Bound the log likelihood of the pictures of runs, by this many draws "
            "of each; 100 is usual."
        ),
    ] = 0,
    plot: Annotated[
        Path | None,
        typer.Option(help="Draw the matrices as heat maps: .png, .pdf or .svg."),
    ] = None,
    to: ToOption = None,
    as_json: JsonOption = False,
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

    tinyvae score runs/circles-coarse-to-fine-seed0

    tinyvae score runs/a runs/b --only mig --likelihood 100

    tinyvae score codes.npz --plot matrices.png

    tinyvae score codes.csv --codes 'z*' --factors radius,x,y

    tinyvae score codes.csv --factors '"size, um",phase' --missing drop

    tinyvae score codes.csv --labels labels.csv --key file

    tinyvae score adata.h5ad --codes X_scVI --factors size,phase

    tinyvae score codes.npz --kinds shape=categorical --only mig,dci

    tinyvae score ours.npz theirs.npz runs/circles-vae-seed0 --to table.tex
    """
    wishes = Wishes(only, intervals, p_values, plot)
    check_wishes(paths, wishes, labels=labels, key=key, to=to)
    check_likelihood(paths, likelihood)
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
    bounds = bounds_of(paths, likelihood)  # first, as it may be refused
    results = scored_inputs(names_of_inputs(paths), read_in, wishes)
    if plot is not None:
        draw(results[0], plot)
    if to is not None:
        write_scores(results, to)
    if as_json:
        give_json(as_mapping(results, bounds))
    else:
        show(results, answers=not only)
        for one, bound in zip(results, bounds, strict=False):
            give(f"{one.name}: {bound}")
