"""Codes with factors, as the commands `score`, `compare` and `answer` take them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tinyvae.errors import ConfigError

if TYPE_CHECKING:
    from tinyvae.frames.held import Held
    from tinyvae.representation import Representation
    from tinyvae.tables.rules import LabelRule

KindsOption = Annotated[
    str | None,
    typer.Option(
        help="Kinds of factors that are not plain numbers, such as "
        "shape=categorical,angle=circular:360."
    ),
]
KeyOption = Annotated[
    str | None,
    typer.Option(help="Column of the labels that names each row of codes."),
]
MissingOption = Annotated[
    str,
    typer.Option(
        help="Rows without a code or value: fail, or drop them and count them."
    ),
]
ToOption = Annotated[
    Path | None,
    typer.Option(help="Write the results as a table: .csv, .json, .md or .tex."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="For a program.")]


def check_key(labels: Path | None, key: str | None) -> None:
    """Refuse a key without a table of labels.

    Raises: ConfigError.
    """
    if labels is None and key is not None:
        raise ConfigError(f"--key: expected --labels with it, got only {key!r}.")


def check_to(to: Path | None) -> None:
    """Refuse a file that no table can be written to, before anything is read.

    Raises: ConfigError.
    """
    if to is not None:
        from tinyvae.files.result_tables import check_table_path

        check_table_path(to)


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

    if is_held(path, codes):
        return read_held(path, codes, factors, kinds, missing).representation
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
    if is_held(path, codes):
        held = read_held(
            path,
            codes,
            ",".join(f'"{name}"' for name in rule.factors),
            dict(rule.kinds) or None,
            missing,
            labels=labels,
            key=rule.key,
        )
        return held.representation
    from tinyvae.files.labelled_codes import read_labelled_codes

    return read_labelled_codes(path, labels, rule, codes=listed(codes), missing=missing)


def is_held(path: Path, codes: str) -> bool:
    """Whether --codes names one of several arrays in the file: AnnData, or npz."""
    ending = path.suffix.lower()
    return ending == ".h5ad" or (ending == ".npz" and codes not in ("", "codes"))


def read_held(
    path: Path,
    codes: str,
    factors: str,
    kinds: dict[str, str] | None,
    missing: str,
    *,
    labels: Path | None = None,
    key: str | None = None,
) -> Held:
    """What `tinyvae answer` reads, with a label in each row, to be scored."""
    from tinyvae.files.codes import names_of_latents, with_hints
    from tinyvae.frames.complete import complete
    from tinyvae.frames.files import representation_of_file

    held = representation_of_file(
        path,
        codes=listed(codes) or None,
        factors=listed(factors) or None,
        kinds=kinds,
        labels=labels,
        key=key,
        missing=missing,
    )
    held = complete(held, missing, str(path))
    found = held.representation
    notes = (*found.notes, *names_of_latents(held.latents))
    return held._replace(representation=with_hints(replace(found, notes=notes)))


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
