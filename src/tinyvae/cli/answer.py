"""`tinyvae answer`: which latent is which factor, of a run or of any codes."""

from __future__ import annotations

import shutil
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tinyvae.cli.app import app, ends_well, give, give_json
from tinyvae.errors import ConfigError, RunFolderError

if TYPE_CHECKING:
    from tinyvae.answer import Answer


@app.command()
@ends_well
def answer(
    path: Annotated[
        Path,
        typer.Argument(
            help="Run folder, or codes in a file .h5ad, .npz, .csv, .tsv or .parquet."
        ),
    ],
    codes: Annotated[
        str,
        typer.Option(
            help="Columns of codes in a table, such as 'z*'; of AnnData, the entry of "
            "obsm (by default the only one)."
        ),
    ] = "",
    factors: Annotated[
        str,
        typer.Option(
            help="Columns of labels, such as size,phase; by default all that can be "
            "factors."
        ),
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
        typer.Option(help="Labels in a separate table: .csv, .tsv or .parquet."),
    ] = None,
    key: Annotated[
        str | None,
        typer.Option(help="Column that names the rows of codes and of labels."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For a program.")] = False,
) -> None:
    """Say which latent is which factor, of a run or of any network's codes.

    Labels may be missing: each factor is judged on the rows that have it.

    [bold]Examples[/bold]

    tinyvae answer runs/circles-annealed-tc-seed0

    tinyvae answer adata.h5ad --codes X_scVI --factors size,phase,donor

    tinyvae answer codes.parquet --codes 'z*' --labels labels.csv --key id

    tinyvae answer codes.csv --codes 'z*' --factors radius,x,y

    tinyvae answer codes.npz --json
    """
    if path.is_dir():
        if codes or factors or kinds or labels or key:
            raise ConfigError(
                "expected --codes, --factors, --kinds, --labels and --key for a file: "
                "a run knows its factors."
            )
        of_run(path, as_json)
        return
    if key is not None and labels is None:
        raise ConfigError(f"--key: expected --labels with it, got only {key!r}.")
    found = of_file(path, codes, factors, kinds, labels, key)
    if as_json:
        give_json(found.to_json())
    else:
        give(wrapped(str(found).split("\n")))


def of_run(folder: Path, as_json: bool) -> None:
    """Print the stored answer of a run. Reads JSON only, so that it takes no time."""
    from tinyvae.files.whole import read_json

    stored = read_json(folder / "answer.json")
    text = stored.get("text")
    if as_json:
        give_json({key: value for key, value in stored.items() if key != "format"})
    elif isinstance(text, list) and all(isinstance(line, str) for line in text):
        give(wrapped(text))
    else:
        give(wrapped(_read(folder, stored)))


def _read(folder: Path, stored: dict[str, Any]) -> list[str]:
    """The answer of an older run, which holds no text."""
    from tinyvae.answer import Answer

    try:
        return str(Answer.from_json(stored)).split("\n")
    except ValueError as error:
        raise RunFolderError(f"{folder / 'answer.json'} is damaged: {error}") from None


def of_file(
    path: Path,
    codes: str,
    factors: str,
    kinds: str | None,
    labels: Path | None,
    key: str | None,
) -> Answer:
    """The answer for codes in a file."""
    from tinyvae.answer.asked import answer_of_held
    from tinyvae.cli.score import listed, parse_kinds
    from tinyvae.frames.files import representation_of_file

    return answer_of_held(
        representation_of_file(
            path,
            codes=listed(codes) or None,
            factors=listed(factors) or None,
            kinds=parse_kinds(kinds),
            labels=labels,
            key=key,
        )
    )


def wrapped(lines: list[str]) -> str:
    """Lines of text, wrapped to the width of a terminal; a table stays whole."""
    if not sys.stdout.isatty():
        return "\n".join(lines)
    width = shutil.get_terminal_size().columns
    return "\n".join(
        line
        if len(line) <= width or "  " in line
        else textwrap.fill(line, width, subsequent_indent="  ")
        for line in lines
    )
