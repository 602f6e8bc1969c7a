"""`tinyvae compare`: which latents recur among models, and how scores spread."""

from __future__ import annotations

import glob
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer
from typer.core import TyperCommand

from tinyvae.cli.app import app, ends_well, give, give_json, talk
from tinyvae.cli.inputs import (
    JsonOption,
    MissingOption,
    ToOption,
    check_to,
    is_held,
    parse_kinds,
    read,
    read_held,
)
from tinyvae.cli.score_results import chosen_scores, names_of_inputs
from tinyvae.errors import ConfigError

if TYPE_CHECKING:
    from tinyvae.comparison import Comparison, Model

SECOND_SET = "--against"


class TwoSets(TyperCommand):
    """A command whose option --against takes every path up to the next option."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """The arguments, with --against before each path of the second set."""
        return super().parse_args(ctx, spread_out(args))


def spread_out(args: list[str]) -> list[str]:
    """The arguments, with --against before each path that follows it.

    >>> spread_out(["a", "--against", "b", "c", "--json"])
    ['a', '--against', 'b', '--against', 'c', '--json']
    """
    found: list[str] = []
    second = False
    for place, argument in enumerate(args):
        if argument.startswith("-"):
            second = argument == SECOND_SET
        elif second and args[place - 1] != SECOND_SET:
            found.append(SECOND_SET)
        found.append(argument)
    return found


@app.command(cls=TwoSets)
@ends_well
def compare(
    paths: Annotated[
        list[Path],
        typer.Argument(help="Run folders, or files of codes of the same rows."),
    ],
    against: Annotated[
        list[str] | None,
        typer.Option(
            SECOND_SET,
            help="A second set of as many: paths up to the next option, or patterns.",
        ),
    ] = None,
    codes: Annotated[
        str,
        typer.Option(
            help="Columns of codes in tables, such as 'z*'; of AnnData, the entry of "
            "obsm."
        ),
    ] = "",
    factors: Annotated[
        str, typer.Option(help="Columns of factors in tables, such as radius,x,y.")
    ] = "",
    kinds: Annotated[
        str | None, typer.Option(help="Kinds of factors, as for `tinyvae score`.")
    ] = None,
    missing: MissingOption = "fail",
    only: Annotated[
        str, typer.Option(help="Only these scores, such as mig_nearest,dci.")
    ] = "",
    same: Annotated[
        float, typer.Option(help="|Spearman| from which latents count as the same.")
    ] = 0.9,
    to: ToOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compare models that encoded the same rows: seeds of one setting, or two settings.

    Latents are matched one to one between models by the ranks of their codes; those
    that recur are named, with an interval over models. UDR says whether the models
    agree. Where factors are known, each score has its mean and spread over models, and
    --against adds a paired test (by seed for runs, else by order).

    Runs encode their own pictures, which must be the same. Files hold codes of the same
    rows, in the same order or with an array `names`; factors may be left out of an npz
    file. With --missing drop, a row that any of them lacks is left out of all.

    [bold]Examples[/bold]

    tinyvae compare runs/circles-coarse-to-fine-seed*

    tinyvae compare ours*.npz --against theirs*.npz --to table.tex

    tinyvae compare a.csv b.csv --codes 'z*' --factors size,x --only mig,dci
    """
    from tinyvae.files.result_tables import write_table

    check_to(to)
    chosen = chosen_scores(only) if only else None
    columns = Columns(codes, factors, parse_kinds(kinds), missing)
    second = expanded(against) if against else []
    warn_of_repeats([*paths, *second])
    first = models_in(paths, columns)
    other = models_in(second, columns) if against else None
    found = compared(first, other, chosen, same)
    if to is not None:
        write_table(to, found)
        talk(f"wrote {to}")
    if as_json:
        give_json(found.to_json())
    else:
        from tinyvae.cli.wrapping import terminal_width, wrapped

        give(wrapped(str(found), terminal_width()))


def compared(
    first: list[Model], other: list[Model] | None, only: list[str] | None, same: float
) -> Comparison:
    """The comparison, with progress on stderr."""
    from tinyvae.cli.waiting import waiting
    from tinyvae.comparison import compare as compare_models
    from tinyvae.scores.suite import scores_that_apply

    models = [*first, *(other or [])]
    each = only or scores_that_apply(models[0].found)
    with waiting(len(models) * len(each) + (2 if other is None else 3)) as watch:
        return compare_models(first, against=other, same=same, only=only, watch=watch)


def expanded(texts: list[str]) -> list[Path]:
    """The paths, and those that match each pattern, in alphabetical order.

    Raises: ConfigError if a pattern matches nothing.
    """
    found: list[Path] = []
    for text in texts:
        matching = sorted(glob.glob(text)) if glob.has_magic(text) else [text]
        if not matching:
            raise ConfigError(
                f"{SECOND_SET}: expected paths, got no match of {text!r}."
            )
        found += map(Path, matching)
    return found


def warn_of_repeats(paths: list[Path]) -> None:
    """Say which inputs are given more than once: a model always agrees with itself."""
    times = Counter(path.resolve() for path in paths)
    for path in dict.fromkeys(paths):
        if times.pop(path.resolve(), 1) > 1:
            talk(
                f"warning: {path} is given more than once; a model agrees with itself, "
                "so latents recur and scores spread less than among different models."
            )


class Columns(NamedTuple):
    """Which columns of files are codes and factors of which kinds; rows with gaps."""

    codes: str
    factors: str
    kinds: dict[str, str] | None
    missing: str


def models_in(paths: list[Path], columns: Columns) -> list[Model]:
    """A model for each path."""
    names = names_of_inputs(paths)
    found = [
        model_in(path, name, columns) for path, name in zip(paths, names, strict=True)
    ]
    for model in found:
        for note in model.found.notes:
            if note.topic in ("left out", "warning"):
                talk(f"{model.name}: {note.line()}")
    return found


def model_in(path: Path, name: str, columns: Columns) -> Model:
    """The codes of a run or a file, with the names of rows if there are any."""
    from tinyvae.comparison import Model

    if path.is_dir():
        from tinyvae.runs.folder import load_run

        return load_run(path).as_model(name)
    if is_held(path, columns.codes):
        held = read_held(path, *columns)
        return Model(name, held.representation, held.rows)
    if path.suffix.lower() != ".npz":
        return Model(name, read(path, *columns))
    return model_in_npz(path, name, columns)


def model_in_npz(path: Path, name: str, columns: Columns) -> Model:
    """The codes in an npz file, with or without factors and names of rows."""
    from tinyvae.comparison import Model, codes_alone
    from tinyvae.files.npz import array_names, read_array
    from tinyvae.files.npz_codes import full_codes
    from tinyvae.representation import with_kept

    there = array_names(path)
    rows = None
    if "names" in there:
        rows = tuple(str(one) for one in read_array(path, "names"))
    if "factors" in there:
        found = read(path, *columns)
    else:
        active = read_array(path, "active") if "active" in there else None
        codes, full, notes = full_codes(
            read_array(path, "codes"), path, columns.missing
        )
        alone = codes_alone(codes[full], active=active)
        found = with_kept(replace(alone, notes=notes), full)
    if rows is not None and found.kept is not None:
        rows = tuple(rows[row] for row in found.kept)
    return Model(name, found, rows)
