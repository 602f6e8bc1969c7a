"""Codes and labels of NumPy, pandas, polars, xarray, tensors and AnnData."""

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
import xarray as xr
from scipy import sparse

from tinyvae.errors import DataError
from tinyvae.frames.held import representation_of_held

RNG = np.random.default_rng(0)
CODES = RNG.normal(size=(60, 3))
SIZE = RNG.normal(size=60)
SORT = RNG.choice(["round", "long"], 60).astype(object)
NAMES = [f"cell{row}" for row in range(60)]


class Tensor:
    """As a tensor of another framework: only NumPy after two steps."""

    def __init__(self, array):
        self.array = array

    def detach(self):
        return self

    def cpu(self):
        return self.array


def frame(**columns):
    return pd.DataFrame(columns, index=pd.Index(NAMES))


HOLDERS = {
    "numpy": CODES,
    "list": CODES.tolist(),
    "pandas": pd.DataFrame(CODES),
    "polars": pl.DataFrame({f"z{j}": CODES[:, j] for j in range(3)}),
    "xarray": xr.DataArray(CODES, dims=("cell", "latent")),
    "tensor": Tensor(CODES),
    "sparse": sparse.csr_matrix(CODES),
}


@pytest.mark.parametrize("name", HOLDERS)
def test_every_holder_of_codes_gives_the_same_numbers(name):
    found = representation_of_held(HOLDERS[name], {"size": SIZE})
    np.testing.assert_allclose(found.representation.codes, CODES)
    assert found.representation.table.names == ("size",)


LABELS = {
    "mapping": {"size": SIZE, "sort": SORT},
    "pandas": pd.DataFrame({"size": SIZE, "sort": SORT}),
    "categories": pd.DataFrame({"size": SIZE, "sort": pd.Categorical(SORT)}),
    "polars": pl.DataFrame({"size": SIZE, "sort": SORT.tolist()}),
    "polars categories": pl.DataFrame(
        {"size": SIZE, "sort": pl.Series(SORT.tolist(), dtype=pl.Categorical)}
    ),
}


@pytest.mark.parametrize("name", LABELS)
def test_texts_and_categories_are_labels_with_names(name):
    factors = representation_of_held(CODES, LABELS[name]).representation.factors
    assert [factor.kind for factor in factors] == ["ordered", "categorical"]
    assert factors[1].levels == ("long", "round")


def test_categories_of_whole_numbers_are_labels():
    clusters = pd.DataFrame(
        {"leiden": pd.Categorical([f"{i % 12}" for i in range(60)])}
    )
    factor = representation_of_held(CODES, clusters).representation.factors[0]
    assert factor.kind == "categorical"
    assert factor.levels == tuple(str(level) for level in range(12))


def test_names_of_latents_are_those_of_columns_and_coordinates():
    named = pd.DataFrame(CODES, columns=pd.Index(["a", "b", "c"]))
    array = xr.DataArray(CODES, dims=("cell", "pc"), coords={"pc": ["p", "q", "r"]})
    assert representation_of_held(named, {"s": SIZE}).latents == ("a", "b", "c")
    assert representation_of_held(array, {"s": SIZE}).latents == ("p", "q", "r")
    assert representation_of_held(CODES, {"s": SIZE}).latents == ()


def test_one_frame_may_hold_codes_and_labels():
    both = frame(z0=CODES[:, 0], z1=CODES[:, 1], size=SIZE, sort=SORT)
    found = representation_of_held(both, codes="z*", factors=["size"])
    assert found.latents == ("z0", "z1")
    assert found.representation.table.names == ("size",)
    every = representation_of_held(both, codes=["z0", "z1"])
    assert every.representation.table.names == ("size", "sort")


def test_two_pandas_indexes_join_rows_by_name():
    codes = pd.DataFrame(CODES, index=pd.Index(NAMES))
    shuffled = frame(size=SIZE).sample(frac=1, random_state=1).iloc[:50]
    found = representation_of_held(codes, shuffled)
    table = found.representation.table
    expected = [
        float(shuffled["size"].get(name)) for name in NAMES if name in shuffled.index
    ]
    np.testing.assert_allclose(table.values[:, 0], expected)
    assert found.notes == (
        "rows of codes and labels are joined by their names; 10 rows of codes without "
        "labels left out",
    )


def test_rows_without_names_on_one_side_are_in_order_and_it_is_said():
    found = representation_of_held(CODES, frame(size=SIZE))
    np.testing.assert_allclose(found.representation.table.values[:, 0], SIZE)
    assert found.notes == ("rows of codes and labels are taken in order",)


def test_a_shuffled_index_of_numbers_is_a_name():
    labels = pd.DataFrame({"size": SIZE}).sample(frac=1, random_state=2)
    found = representation_of_held(pd.DataFrame(CODES), labels)
    np.testing.assert_allclose(found.representation.table.values[:, 0], SIZE)


def test_missing_labels_are_nan_in_numbers_texts_and_nullable_columns():
    size, sort = SIZE.copy(), SORT.copy()
    size[0], sort[1] = np.nan, None
    whole = pd.array([None, *range(59)], dtype="Int64")
    labels = frame(size=size, sort=pd.Categorical(sort), whole=whole)
    values = representation_of_held(CODES, labels).representation.table.values
    np.testing.assert_array_equal(np.isnan(values).sum(axis=0), [1, 1, 1])


def test_columns_that_cannot_be_factors_are_left_out_and_named():
    labels = frame(size=SIZE, barcode=NAMES, batch=["one"] * 60, row=np.arange(60))
    found = representation_of_held(CODES, labels)
    assert found.representation.table.names == ("size",)
    assert [note.split(" is left out: ")[0] for note in found.notes[1:]] == [
        "barcode",
        "batch",
        "row",
    ]


@pytest.mark.parametrize(
    ("held", "labels", "options", "message"),
    [
        (CODES, {"size": SIZE[:50]}, {}, "60 rows of codes, in order, got 50"),
        (CODES, None, {}, "labels beside the codes, got none"),
        (CODES, {"size": SIZE}, {"codes": "z*"}, "columns of codes in a frame"),
        (CODES[None], {"size": SIZE}, {}, r"shape \(sample, latent\)"),
        (CODES, {"size": SIZE}, {"factors": ["siz"]}, "among size, got 'siz'"),
        (CODES, {"one": np.ones(60)}, {}, "one is left out: it is 1.0 in every row"),
        (
            pd.DataFrame({"z0": SIZE, "sort": SORT}),
            {"size": SIZE},
            {},
            "hold numbers, got 'sort' of object",
        ),
        (
            pd.DataFrame(CODES, index=pd.Index(NAMES)),
            pd.DataFrame({"size": SIZE}, index=pd.Index([f"x{i}" for i in range(60)])),
            {},
            "no row has the same name",
        ),
        (
            pd.DataFrame(CODES, index=pd.Index(NAMES)),
            pd.DataFrame({"size": SIZE}, index=pd.Index(["cell0"] * 60)),
            {},
            "its own name, got 'cell0' in rows 0 and 1",
        ),
    ],
)
def test_what_cannot_be_read_is_refused(held, labels, options, message):
    with pytest.raises(DataError, match=message):
        representation_of_held(held, labels, **options)


@pytest.fixture(scope="module")
def cells():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # anndata's own
        import anndata

        return anndata.AnnData(
            X=np.zeros((60, 2), np.float32),
            obs=frame(size=SIZE, sort=pd.Categorical(SORT)),
            obsm={"X_scVI": CODES},  # pyright: ignore[reportArgumentType]
        )


def test_anndata_gives_codes_of_obsm_and_labels_of_obs(cells):
    found = representation_of_held(cells, codes="X_scVI", factors=["sort"])
    np.testing.assert_allclose(found.representation.codes, CODES)
    assert found.representation.factors[0].levels == ("long", "round")
    assert found.notes == ("rows of codes and labels are joined by their names",)


def test_the_only_entry_of_obsm_is_taken(cells):
    assert representation_of_held(cells).representation.num_latents == 3


def test_entries_of_obsm_are_listed(cells):
    other = cells.copy()
    other.obsm["X_pca"] = CODES
    with pytest.raises(DataError, match="there are X_scVI, X_pca"):
        representation_of_held(other)
    with pytest.raises(DataError, match="among X_scVI, X_pca, got 'X_umap'"):
        representation_of_held(other, codes="X_umap")
