"""`tinyvae answer`: which latent is which factor, of a run or of any codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from tinyvae.cli.app import app, ends_well, give, give_json, talk
from tinyvae.cli.inputs import (
    JsonOption,
    KeyOption,
    KindsOption,
    MissingOption,
    ToOption,
    check_key,
    check_to,
    listed,
    parse_kinds,
)
from tinyvae.cli.knowledge import knowledge_of, seen_and_told
from tinyvae.cli.score_results import names_of_inputs
from tinyvae.cli.wrapping import terminal_width, wrapped
from tinyvae.errors import ConfigError, RunFolderError
from tinyvae.knowledge import knowledge_lines

if TYPE_CHECKING:
    from tinyvae.answer import Answer


@app.command()
@ends_well
def answer(
    paths: Annotated[
        list[Path],
        typer.Argument(
            help="Run folders, or codes in files .h5ad, .npz, .csv, .tsv or .parquet."
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
    kinds: KindsOption = None,
    labels: Annotated[
        Path | None,
        typer.Option(help="Labels in a separate table: .csv, .tsv or .parquet."),
    ] = None,
    key: KeyOption = None,
    missing: MissingOption = "fail",
    to: ToOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say which latent is which factor, of a run or of any network's codes.

    Labels may be missing: each factor is judged on the rows that have it. Rows whose
    codes are missing or infinite are refused, or left out by --missing drop. --to
    writes one row for each input and factor (.csv, .json), or the matches and the
    readout of each factor by each latent (.md, .tex).

    [bold]Examples[/bold]

    tinyvae answer runs/circles-coarse-to-fine-seed0

    tinyvae answer adata.h5ad --codes X_scVI --factors size,phase,donor

    tinyvae answer codes.parquet --codes 'z*' --labels labels.csv --key id

    tinyvae answer codes.csv --codes 'z*' --factors radius,x,y

    tinyvae answer codes.npz --json

    tinyvae answer runs/circles-vae-seed0 codes.npz --to table.tex
    """
    check_key(labels, key)
    check_to(to)
    written = [
        of_run(path, codes, factors, kinds, labels)
        if path.is_dir()
        else of_file(path, codes, factors, kinds, labels, key, missing)
        for path in paths
    ]
    names = names_of_inputs(paths)
    if to is not None:
        write_answers(names, written, to)
    if as_json:
        found = [one.as_json() for one in written]
        named = [{"input": n, **one} for n, one in zip(names, found, strict=True)]
        give_json(found[0] if len(found) == 1 else {"inputs": named})
        return
    width = terminal_width()
    for name, one in zip(names, written, strict=True):
        give(wrapped(one.text if len(paths) == 1 else f"{name}\n{one.text}\n", width))


class Written(NamedTuple):
    """An answer as text, and as what it can be made from: JSON values, or itself.

    `known` are JSON values on what training saw or was told, if codes say it.
    """

    text: str
    stored: dict[str, Any] | None = None
    found: Answer | None = None
    known: Mapping[str, str | None] = MappingProxyType({})

    def as_json(self) -> dict[str, Any]:
        """The answer as JSON values."""
        if self.found is not None:
            return {**self.found.to_json(), **self.known}
        stored = self.stored or {}
        return {key: value for key, value in stored.items() if key != "format"}

    def as_answer(self) -> Answer:
        """The answer itself, read from JSON if it was stored."""
        from tinyvae.answer import Answer

        return self.found or Answer.from_json(self.stored)


def of_run(
    folder: Path, codes: str, factors: str, kinds: str | None, labels: Path | None
) -> Written:
    """The stored answer of a run. Reads JSON only, so that it takes no time."""
    from tinyvae.files.whole import read_json

    if codes or factors or kinds or labels:
        raise ConfigError(
            "expected --codes, --factors, --kinds and --labels for a file: a run knows "
            f"its factors ({folder})."
        )
    stored = read_json(folder / "answer.json")
    text = stored.get("text")
    if not (isinstance(text, list) and all(isinstance(line, str) for line in text)):
        text = text_of(folder, stored)
    # the text of an older run does not hold what training knew
    known = [line for line in knowledge_of(folder) if line not in text]
    return Written("\n".join([*text, *known]), stored)


def text_of(folder: Path, stored: Any) -> list[str]:
    """The lines of the answer of an older run, which holds no text.

    Raises: RunFolderError if it is damaged.
    """
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
    missing: str,
) -> Written:
    """The answer for codes in a file."""
    from tinyvae.answer.asked import answer_of_held
    from tinyvae.frames.files import representation_of_file

    held = representation_of_file(
        path,
        codes=listed(codes) or None,
        factors=listed(factors) or None,
        kinds=parse_kinds(kinds),
        labels=labels,
        key=key,
        missing=missing,
    )
    for note in held.read:
        talk(note.line())
    seen, told = seen_and_told(path)
    lines = tuple(knowledge_lines(seen, told))
    found = replace(answer_of_held(held), known=lines)
    known = {"supervision": seen, "told": told or None} if lines else {}
    return Written(str(found), found=found, known=known)


def write_answers(names: list[str], written: list[Written], to: Path) -> None:
    """Write the answers of all inputs as tables."""
    from tinyvae.answer.tables import AnswersOfInputs
    from tinyvae.files.result_tables import write_table

    answers = tuple(one.as_answer() for one in written)
    write_table(to, AnswersOfInputs(tuple(names), answers))
    talk(f"wrote {to}")
