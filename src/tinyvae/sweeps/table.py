"""A sweep as a table: a row for each member, read from its ledger."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, overload

from tinyvae.answer import Answer
from tinyvae.errors import ConfigError, DataError
from tinyvae.files.html_page import Page
from tinyvae.files.result_tables import Cell, ResultTable, check_table_path, write_table
from tinyvae.files.whole import make_folder, write_whole
from tinyvae.runs.config import config_from_mapping
from tinyvae.runs.run import Run
from tinyvae.scores.score import SCORES
from tinyvae.scores.suite import ORDER
from tinyvae.sweeps.agreement import udr_of_kept
from tinyvae.sweeps.knowledge import KNOWN, known_by
from tinyvae.sweeps.ledger import Entry, open_ledger
from tinyvae.sweeps.report import sweep_page
from tinyvae.sweeps.report.compared import Compared
from tinyvae.sweeps.summary import (
    SMALLEST_READOUT,
    SMALLEST_SHARE,
    OverSeeds,
    is_setting,
    over_seeds,
)
from tinyvae.sweeps.weights import kept_run
from tinyvae.training.history import HistoryRow, row_from_json

FIRST = ("identity", "group", "state", "step", "reason")
RESULTS = ("verdict", "factors", "clear", "elbo", "test_elbo", "loss")
PARTS = ("latent", "share", "readout", "verdict")  # of a factor
NO_RESULTS = ("seed", "group", "step", "factors", "ended")  # nothing is measured
LAST = ("training_seconds", "measuring_seconds", "ended", "kept")
SCORE_IDS = tuple(score for name in ORDER for score in SCORES[name].ids)
PARQUET = ".parquet"
TABLE_ENDINGS = (".csv", ".json", PARQUET)

Row = Mapping[str, Cell]


@dataclass(frozen=True, eq=False)
class SweepTable(Sequence[Row]):
    """The members of a sweep, in the order of its spec: a sequence of rows.

    A row is a mapping from the name of a column to a cell: identity, state, settings
    (`objective.beta`), supervision, what the network is told, results (`elbo`,
    `radius.share`, `mig_nearest`), times. A name in brackets gives the whole column.
    None: not measured, or undefined.
    """

    folder: Path
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, key: int) -> Row: ...
    @overload
    def __getitem__(self, key: slice) -> SweepTable: ...  # type: ignore[overload-overlap]
    @overload
    def __getitem__(self, key: str) -> list[Cell]: ...
    def __getitem__(self, key: int | slice | str) -> Any:
        """The row at a position, or the column of a name."""
        if isinstance(key, str):
            if key not in self.columns:
                raise KeyError(
                    f"expected a column among {', '.join(self.columns)}, got {key!r}."
                )
            place = self.columns.index(key)
            return [row[place] for row in self.rows]
        if isinstance(key, slice):
            return SweepTable(self.folder, self.columns, self.rows[key])
        return dict(zip(self.columns, self.rows[key], strict=True))

    def __iter__(self) -> Iterator[Row]:
        return (self[place] for place in range(len(self)))

    def answer(self, position: int) -> Answer:
        """The whole answer of the member at a position.

        Raises: DataError if it has none.
        """
        with open_ledger(self.folder) as ledger:
            found = ledger.answer(self._identity(position))
        if found is None:
            raise DataError(self._without(position, "answer"))
        return Answer.from_json(found)

    def history(self, position: int) -> list[HistoryRow]:
        """The history of the member at a position: one row per record of training."""
        with open_ledger(self.folder) as ledger:
            rows = ledger.history(self._identity(position))
        return [row_from_json(row) for row in rows]

    def run(self, position: int) -> Run:
        """The whole run of the member at a position, if its weights were kept.

        Raises: DataError if they were not; RunFolderError or ConfigError if they cannot
        be read from where they are.
        """
        kept = self["kept"][position]
        if kept is None:
            raise DataError(
                f"{self._without(position, 'weights')} Sweep with keep='all' or 'best'."
            )
        return kept_run(self.folder, str(kept))

    def over_seeds(self, target: Mapping[str, float] | None = None) -> OverSeeds:
        """A row for each setting: how often the answer is clear, scores, cost.

        Args:
            target: values of columns, such as `{"smallest_share": 0.99, "loss": 20}`;
                it is then counted how many seeds reach all of them: at least, or at
                most where lower is better.

        Raises: ConfigError if a column of the target holds no measured numbers.
        """
        for name in target or ():
            check_numbers(self, name)
        ids = [name for name in self.columns if name in SCORE_IDS]
        return over_seeds(list(self), ids, target)

    def report(
        self,
        out: str | Path | None = None,
        *,
        note: Callable[[str], None] | None = None,
    ) -> Page:
        """One HTML page that compares objectives and settings over their seeds.

        It needs nothing else and makes no request. A notebook shows it. Links to the
        pages of members are relative to `out`, or else to the folder of the sweep. UDR
        is measured where weights of two or more seeds of a setting are kept.

        Args:
            out: HTML file to write, whole or not at all.
            note: is told of what takes long.

        Raises: RunFolderError if the sweep cannot be read, or the file not written.
        """
        summary = self.over_seeds()
        with open_ledger(self.folder) as ledger:
            configs = [
                config_from_mapping(ledger.entry(str(one.rows[0]["identity"])).settings)
                for one in summary.settings
            ]
        agreement = udr_of_kept(summary.settings, self.folder, note)
        beside = self.folder if out is None else Path(out).parent
        page = sweep_page(
            Compared(summary, tuple(configs), agreement, self.folder, beside)
        )
        if out is not None:
            make_folder(beside)
            write_whole(Path(out), page.encode())
        return page

    def data_table(self) -> ResultTable:
        """All rows, for a program."""
        return ResultTable(self.columns, self.rows)

    def paper_tables(self) -> tuple[ResultTable, ...]:
        """The summary, as it is to be read."""
        return self.over_seeds().paper_tables()

    def to_frame(self) -> Any:
        """The rows as a pandas DataFrame.

        Raises: DataError if pandas is not installed.
        """
        return self.data_table().to_frame()

    def __str__(self) -> str:
        return str(self.over_seeds())

    def __repr__(self) -> str:
        return f"SweepTable({str(self.folder)!r}, {len(self)} members)\n{self}"

    def _identity(self, position: int) -> str:
        return str(self["identity"][position])

    def _without(self, position: int, what: str) -> str:
        state = self["state"][position]
        return (
            f"expected a member with {what}, got member {position} "
            f"({self._identity(position)}), which is {state} and has none."
        )


def load_sweep(folder: str | Path) -> SweepTable:
    """The table of a sweep, finished or not; also while it runs.

    Raises: RunFolderError if the folder holds no sweep, or if it is damaged.
    """
    with open_ledger(folder) as ledger:
        entries = ledger.entries()
        answers, scores = ledger.answers(), ledger.scores()
    settings = [flat(entry.settings) for entry in entries]
    names = tuple(dict.fromkeys(name for each in settings for name in each))
    judged = [row for entry in entries for row in answers.get(entry.identity, ())]
    factors = tuple(dict.fromkeys(row[0] for row in judged))
    of_factors = tuple(f"{factor}.{part}" for factor in factors for part in PARTS)
    ids = _in_order({name for each in scores.values() for name in each})
    smallest = (SMALLEST_SHARE, SMALLEST_READOUT)
    columns = (*FIRST, *names, *KNOWN, *RESULTS, *smallest, *of_factors, *ids, *LAST)
    rows = []
    for entry, mine in zip(entries, settings, strict=True):
        found: dict[str, Cell] = {}
        answer = answers.get(entry.identity, ())
        for factor, *cells in answer:
            named = zip(PARTS, cells, strict=True)
            found |= {f"{factor}.{part}": cell for part, cell in named}
        found |= {
            SMALLEST_SHARE: _smallest(answer, PARTS.index("share")),
            SMALLEST_READOUT: _smallest(answer, PARTS.index("readout")),
        }
        found |= scores.get(entry.identity, {})
        found |= zip(KNOWN, known_by(mine), strict=True)
        found |= mine | _own(entry)
        rows.append(tuple(found.get(name) for name in columns))
    return SweepTable(Path(folder), columns, tuple(rows))


def _smallest(answer: Sequence[Sequence[Any]], part: int) -> float | None:
    """The smallest value among the factors that have a verdict.

    A factor without a latent has 0. None where no factor has a verdict.
    """
    values = [
        0.0 if cells[part] is None else float(cells[part])
        for _, *cells in answer
        if cells[PARTS.index("verdict")] not in (None, "undefined")
    ]
    return min(values, default=None)


def _own(entry: Entry) -> dict[str, Cell]:
    return {name: getattr(entry, name) for name in (*FIRST, *RESULTS, *LAST)}


def _in_order(ids: set[str]) -> tuple[str, ...]:
    """The ids of scores, in the order of the docs."""
    return (*(i for i in SCORE_IDS if i in ids), *sorted(ids - set(SCORE_IDS)))


def flat(settings: Mapping[str, Any], before: str = "") -> dict[str, Cell]:
    """Nested settings as one level: `objective.beta`. Lists are JSON texts.

    >>> flat({"seed": 1, "network": {"kind": "mlp", "hidden": [8, 4]}})
    {'seed': 1, 'network': 'mlp', 'network.hidden': '[8, 4]'}
    """
    found: dict[str, Cell] = {}
    for name, value in settings.items():
        whole = before if name == "kind" and before else f"{before}.{name}".lstrip(".")
        if isinstance(value, Mapping):
            kind = {"kind": value["kind"]} if "kind" in value else {}
            found |= flat({**kind, **value}, whole)
        elif isinstance(value, list | tuple):
            found[whole] = json.dumps(value)
        else:
            found[whole] = value
    return found


def check_numbers(table: SweepTable, name: str) -> None:
    """Refuse a column that is not there, or that no member can be better by.

    Settings, seeds, groups, steps, numbers of factors and of latents are none.

    Raises: ConfigError.
    """
    good = [
        column
        for column in table.columns
        if column not in NO_RESULTS
        and not is_setting(column)
        and not column.endswith(".latent")
        and _has_numbers(table[column])
    ] + ["seconds"]
    if name not in good:
        raise ConfigError(
            f"expected a column of numbers that were measured, one of "
            f"{', '.join(good)}, got {name!r}."
        )


def _has_numbers(cells: Sequence[Cell]) -> bool:
    known = [cell for cell in cells if cell is not None]
    return bool(known) and all(
        isinstance(cell, int | float) and not isinstance(cell, bool) for cell in known
    )


def check_export_path(path: Path) -> None:
    """Refuse a file that the table cannot be written to.

    Raises: ConfigError on another ending, or where the folder does not exist.
    """
    if path.suffix.lower() not in TABLE_ENDINGS:
        raise ConfigError(
            f"--to: expected a file that ends in {', '.join(TABLE_ENDINGS)}, got "
            f"{path}."
        )
    if path.suffix.lower() != PARQUET:
        check_table_path(path)
    elif not path.parent.is_dir():
        raise ConfigError(
            f"--to: expected a folder that exists, got {path.parent}. Make it first."
        )


def export_table(table: SweepTable, path: str | Path) -> None:
    """Write all rows to .csv, .json or .parquet; the file is whole or absent.

    Raises: ConfigError on another ending, RunFolderError if it cannot be written.
    """
    path = Path(path)
    check_export_path(path)
    if path.suffix.lower() != PARQUET:
        write_table(path, table)
        return
    import pyarrow
    import pyarrow.parquet

    content = io.BytesIO()
    columns = {name: _one_type(table[name]) for name in table.columns}
    pyarrow.parquet.write_table(pyarrow.table(columns), content)
    write_whole(path, content.getvalue())


def _one_type(cells: Sequence[Cell]) -> list[Cell]:
    """Cells of one type, as Parquet needs them: floats, or texts, where they differ."""
    kinds = {type(cell) for cell in cells if cell is not None}
    if len(kinds) <= 1:
        return list(cells)
    if kinds <= {int, float}:
        return [None if cell is None else float(cell) for cell in cells]
    return [None if cell is None else str(cell) for cell in cells]
