"""Labels beside pictures: against a join by a dictionary."""

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from tinyvae.errors import DataError
from tinyvae.pictures import LabelRule, Rules, read_pictures
from tinyvae.tables.joining import joined
from tinyvae.tables.reading import read_table


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    "cell_of",
    [
        lambda name: name,
        lambda name: name.split("/")[1],
        lambda name: name.split("/")[1].removesuffix(".png"),
        lambda name: "C:\\data\\" + name.split("/")[1],
        lambda name: "./" + name,
    ],
)
def test_a_join_is_what_a_dictionary_finds(seed, cell_of):
    rng = np.random.default_rng(seed)
    names = [f"{'ab'[row % 2]}/p{row}.png" for row in range(40)]
    listed = [names[row] for row in rng.permutation(40)[:30]]
    cells = [cell_of(name) for name in listed] + ["absent"] * 3
    values = rng.normal(size=33)
    rows = rng.permutation(33)
    table = read_table({"k": [cells[r] for r in rows], "x": values[rows]})
    found, key, _ = joined(names, table, None)
    expected = dict(zip(listed, values, strict=False))
    assert key == "k"
    np.testing.assert_array_equal(
        found.columns["x"], [expected.get(name, np.nan) for name in names]
    )


def test_numbers_that_equal_names_by_chance_are_no_key():
    names = [f"{row}.png" for row in range(40)]
    rank = np.random.default_rng(0).permutation(40)
    columns = {"rank": rank, "file": names, "size": np.arange(40.0)}
    found, key, _ = joined(names, read_table(columns), None)
    assert key == "file"
    np.testing.assert_array_equal(found.columns["size"], np.arange(40.0))
    absent = {"filename": [f"pic_{row}.jpg" for row in range(40)], "rank": rank}
    with pytest.raises(DataError, match="none of which does as texts"):
        joined(names, read_table(absent), None)


def test_a_file_name_in_full_goes_before_a_name_without_its_ending():
    names = [f"p{row}.png" for row in range(20)]
    partner = [f"p{row}" for row in np.random.default_rng(0).permutation(20)]
    table = read_table({"partner": partner, "file": names[:15] + ["absent"] * 5})
    assert joined(names, table, None)[1] == "file"


def test_numbers_beside_a_list_of_paths_are_labels_in_order():
    names = [f"{row}.png" for row in range(20)]
    ages = np.random.default_rng(0).permutation(20)
    found, key, _ = joined(names, read_table({"age": ages}), None, in_order=True)
    assert key is None
    np.testing.assert_array_equal(found.columns["age"], ages)


def test_an_array_of_another_length_is_named_and_left_out(tmp_path):
    images = np.random.default_rng(0).random((12, 8, 8))
    np.savez(tmp_path / "a.npz", images=images, digit=np.arange(11))
    reading = read_pictures(tmp_path / "a.npz")
    lines = reading.report.lines()
    text = "left out: array 'digit': it has 11 entries, and there are 12 pictures."
    assert text in lines


def test_row_numbers_may_be_the_key():
    images = np.random.default_rng(0).random((12, 4, 4))
    order = np.random.default_rng(1).permutation(12)
    rules = Rules(labels=LabelRule(key="row"))
    reading = read_pictures(images, {"row": order, "x": order**2.0}, rules=rules)
    assert np.array_equal(reading.labels[0].values, np.arange(12.0) ** 2)


TABLES = {
    "comma.csv": "file,angle,kind,flag\n{}",
    "semicolon.csv": "file;angle;kind;flag\n{}",
    "tab.tsv": "file\tangle\tkind\tflag\n{}",
    "bom.csv": "\ufefffile,angle,kind,flag\n{}",
}


@pytest.mark.parametrize("name", TABLES)
def test_every_form_of_table_gives_the_same_labels(name, photos, tmp_path):
    mark = {"s": ";", "t": "\t"}.get(name[0], ",")
    decimal = "," if mark == ";" else "."
    rows = [
        [f"p{r:02}.png", f"{r + 0.5}".replace(".", decimal), "uvw"[r % 3], str(r > 5)]
        for r in range(12)
    ]
    rows[4][2] = "NA"
    text = "\n".join(mark.join(row) for row in rows)
    (tmp_path / name).write_text(TABLES[name].format(text), encoding="utf-8")
    angle, kind, flag = read_pictures(photos, tmp_path / name).labels
    assert np.array_equal(angle.values, np.arange(12) + 0.5)
    assert kind.factor.levels == ("u", "v", "w")
    assert np.isnan(kind.values[4])
    assert flag.factor.levels == ("False", "True")


def test_parquet_arrow_and_frames_give_what_the_columns_give(photos, tmp_path):
    columns = {
        "file": [f"p{row:02}.png" for row in range(12)],
        "x": [None, *np.arange(1.0, 12)],
        "flag": [row % 2 == 0 for row in range(12)],
    }
    table = pa.table(columns)
    parquet.write_table(table, tmp_path / "t.parquet")
    for labels in (columns, table, tmp_path / "t.parquet", Frame(columns)):
        x, flag = read_pictures(photos, labels).labels
        np.testing.assert_array_equal(x.values, [np.nan, *np.arange(1.0, 12)])
        assert flag.factor.levels == ("False", "True")


class Frame:
    """As much of a data frame as is used."""

    def __init__(self, columns):
        self.columns = list(columns)
        self._columns = columns

    def __getitem__(self, name):
        return np.array(self._columns[name], object)


def test_parquet_may_hold_encoded_pictures_and_their_labels(photos, tmp_path, pixels):
    files = sorted(photos.iterdir())
    encoded = [{"bytes": file.read_bytes(), "path": file.name} for file in files]
    table = pa.table({"image": encoded, "x": np.arange(12.0) ** 2})
    parquet.write_table(table, tmp_path / "t.parquet")
    reading = read_pictures(tmp_path / "t.parquet")
    assert np.array_equal(reading.store.read(np.arange(12)), pixels)
    assert np.array_equal(reading.labels[0].values, np.arange(12.0) ** 2)


def test_parquet_may_hold_paths_nested_numbers_or_a_number_a_column(
    photos, tmp_path, pixels
):
    paths = [f"photos/p{row:02}.png" for row in range(12)]
    nested = pa.array(pixels[..., 0].tolist(), pa.list_(pa.list_(pa.uint8())))
    flat = {f"n{place}": pixels[:, 0, place, 0].astype(float) for place in range(4)}
    parquet.write_table(pa.table({"where": paths}), tmp_path / "paths.parquet")
    parquet.write_table(pa.table({"image": nested}), tmp_path / "nested.parquet")
    parquet.write_table(pa.table(flat), tmp_path / "flat.parquet")

    def rows(name):
        return read_pictures(tmp_path / name).store.read(np.arange(12))

    assert np.array_equal(rows("paths.parquet"), pixels)
    assert np.array_equal(rows("nested.parquet")[..., 0], pixels[..., 0])
    assert np.array_equal(rows("flat.parquet")[:, 0, :, 0], pixels[:, 0, :4, 0])


def test_factors_of_a_table_of_numbers_are_not_among_its_numbers(tmp_path):
    numbers = np.random.default_rng(0).normal(size=(30, 3))
    text = "\n".join(",".join(map(repr, row)) for row in numbers.tolist())
    (tmp_path / "t.csv").write_text("a,b,x\n" + text)
    rules = Rules(labels=LabelRule(factors=("x",)))
    reading = read_pictures(tmp_path / "t.csv", rules=rules)
    assert reading.form.shape == (1, 2, 1)
    assert np.array_equal(reading.labels[0].values, numbers[:, 2])


def test_a_column_that_counts_the_rows_is_left_out():
    images = np.random.default_rng(0).random((12, 4, 4))
    labels = {"index": np.arange(12), "x": np.arange(12.0) ** 2}
    reading = read_pictures(images, labels)
    assert [factor.name for factor in reading.factors] == ["x"]
    rules = Rules(labels=LabelRule(factors=("index",)))
    reading = read_pictures(images, labels, rules=rules)
    assert [factor.name for factor in reading.factors] == ["index"]


def test_whole_numbers_called_a_class_are_categorical():
    images = np.random.default_rng(0).random((12, 4, 4))
    label = read_pictures(images, {"label": np.arange(12) % 3}).labels[0]
    assert label.factor.levels == ("0", "1", "2")
    assert label.reason == "whole numbers in a column called 'label'"


def test_labels_of_a_list_of_paths_follow_it_unless_a_column_names_them(photos):
    paths = sorted(photos.iterdir(), reverse=True)
    values = np.linspace(0.5, 3.5, 12)
    in_order = read_pictures(paths, {"x": values})
    assert np.array_equal(in_order.labels[0].values, values)
    names = [path.name for path in paths]
    by_name = read_pictures(paths, {"file": names[::-1], "x": values})
    assert np.array_equal(by_name.labels[0].values, values[::-1])
    with pytest.raises(DataError, match="each of the 12 pictures, in order, got 11"):
        read_pictures(paths, {"x": values[:11]})
